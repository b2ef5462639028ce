// The engine's worker: commands run one after another, so that none meets a session that another one closes.
import { isLangevinError } from "@neural-langevin/core";
import { LabEngine } from "./engine.js";
import type { Failure, Reply, Request } from "./protocol.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(reply: Reply, transfer: Transferable[]): void;
};

const engine = new LabEngine((event, transfer = []) =>
  scope.postMessage({ kind: "event", event }, transfer),
);
let turn: Promise<unknown> = Promise.resolve();

const failureOf = (error: unknown): Failure =>
  isLangevinError(error)
    ? { code: error.code, message: error.message, remedy: error.remedy }
    : {
        code: "device-failed",
        message: String((error as Error).message ?? error),
        remedy: undefined,
      };

scope.onmessage = ({ data: request }) => {
  if (request.kind === "drawn") {
    engine.drawn();
    return;
  }
  const { call, command, values } = request;
  turn = turn.then(async () => {
    try {
      const run = engine[command] as (...values: unknown[]) => unknown;
      const value = await run.apply(engine, values);
      scope.postMessage({ kind: "answer", call, value }, []);
    } catch (error) {
      scope.postMessage({ kind: "refusal", call, failure: failureOf(error) }, []);
    }
  });
};
