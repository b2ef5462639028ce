// The engine as the page sees it: its commands return promises, its events go to one listener.
import { type ErrorCode, LangevinError } from "@neural-langevin/core";
import {
  type Command,
  type Commands,
  commandNames,
  type EngineEvent,
  type Reply,
  type Request,
} from "./protocol.js";

/** The commands of the engine from another thread. */
export type RemoteEngine = {
  readonly [Name in Command]: (
    ...values: Parameters<Commands[Name]>
  ) => Promise<Awaited<ReturnType<Commands[Name]>>>;
};

interface Waiting {
  resolve(value: unknown): void;
  reject(error: LangevinError): void;
}

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Starts the engine's worker. Refusals reject as LangevinErrors. */
export function startEngine(listen: (event: EngineEvent) => void): RemoteEngine {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  /** Whether the engine will be told that a frame is drawn. */
  let telling = false;
  const post = (request: Request) => worker.postMessage(request);
  worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
    if (reply.kind === "event") {
      listen(reply.event);
      // The next frame is shown when the browser has drawn this one; to those who want little motion, a second later.
      // A frame that a command sends meanwhile asks for no other: each of them would be answered by its own for ever.
      if (reply.event.kind === "frame" && !telling) {
        telling = true;
        const tell = () => {
          telling = false;
          post({ kind: "drawn" });
        };
        setTimeout(() => requestAnimationFrame(tell), stillness.matches ? 1000 : 0);
      }
      return;
    }
    const { resolve, reject } = waiting.get(reply.call)!;
    waiting.delete(reply.call);
    if (reply.kind === "answer") resolve(reply.value);
    else {
      const { code, message, remedy } = reply.failure;
      reject(new LangevinError(code as ErrorCode, message, remedy));
    }
  };
  worker.onerror = (event) => {
    const message = event.message || "The engine could not be loaded.";
    listen({ kind: "failure", message, stopped: true });
  };
  const ask =
    (command: Command) =>
    (...values: unknown[]) =>
      new Promise((resolve, reject) => {
        waiting.set(calls, { resolve, reject });
        post({ kind: "command", call: calls++, command, values });
      });
  const commands = commandNames.map((command) => [command, ask(command)] as const);
  return Object.fromEntries(commands) as unknown as RemoteEngine;
}
