// What a worker does with its messages, wherever it runs.
import { KernelSession } from "./kernel-session.js";
import { allocateMemory } from "./memory.js";
import type { Answer, Operation, Start } from "./messages.js";
import { alone, joinTeam, type Team } from "./team.js";

/** Makes the handler of a worker's messages; `answer` sends to the calling thread. */
export function createWorker(
  answer: (message: Answer, transfer: ArrayBuffer[]) => void,
): (message: Start | readonly Operation[]) => void {
  const sessions = new Map<number, KernelSession>();
  let module: WebAssembly.Module;
  let team: Team;

  const reply = (call: number, values?: Float32Array) => {
    if (team.rank === 0) answer({ call, values }, values ? [values.buffer as ArrayBuffer] : []);
  };

  const open = (operation: Operation & { kind: "open" }) => {
    const { session, spec, call } = operation;
    try {
      const memory = operation.memory ?? allocateMemory(module, spec, 1);
      sessions.set(session, new KernelSession(module, memory, spec, team));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      answer({ call, code: "unsupported", message }, []);
      return;
    }
    team.finish();
    reply(call);
  };

  const run = (operation: Operation) => {
    if (operation.kind === "open") return open(operation);
    const session = sessions.get(operation.session)!;
    switch (operation.kind) {
      case "write":
        return session.write(operation.slot, operation.values, operation.rows);
      case "read":
        if (team.rank === 0) reply(operation.call, session.read(operation.slot));
        return team.finish();
      case "restart":
        return session.restart(operation.stream, operation.step);
      case "advance":
        return session.advance(operation.run);
      case "accumulate":
        return session.accumulate(operation.source, operation.weight);
      case "update":
        return session.update(operation.step);
      case "measure": {
        const values = session.measure(operation.what, operation.source);
        reply(operation.call, values);
        return team.finish();
      }
      case "settle":
        return reply(operation.call);
      case "close":
        sessions.delete(operation.session);
    }
  };

  return (message) => {
    if ("rank" in message) {
      const { rank, threads, control } = message;
      module = message.module;
      team = control ? joinTeam(rank, threads, control) : alone;
      return;
    }
    try {
      for (const operation of message) run(operation);
    } catch (error) {
      answer({ call: undefined, code: "device-failed", message: String(error) }, []);
    }
  };
}
