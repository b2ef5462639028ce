// What a worker does with its messages, wherever it runs.
import { isLangevinError, type ResolvedSpec } from "@neural-langevin/core";
import { instantiate, type Kernel, shapeOf } from "./kernel.js";
import { KernelSession } from "./kernel-session.js";
import { layOut } from "./layout.js";
import { ALIGNMENT, allocateWasm, nativeMemory, wasmMemory } from "./memory.js";
import type { Answer, Answered, Operation, Start } from "./messages.js";
import type { NativeLibrary } from "./native-calls.js";
import { alone, joinTeam, Stopped, type Team } from "./team.js";

/** What a worker needs of a platform that can call native kernels. */
export interface NativeAccess {
  loadNative(library: NativeLibrary): Kernel;
  addressOf(buffer: SharedArrayBuffer, koffi: string): number;
  /** Ends this worker from within, or frees the memory of its sessions and says "stopped", to be started again. */
  stop(): void;
}

/**
 * Makes the handler of a worker's messages.
 *
 * @param answer sends to the calling thread
 * @param native where native kernels can be called
 */
export function createWorker(
  answer: (message: Answer, transfer: ArrayBuffer[]) => void,
  native?: NativeAccess,
): (message: Start | "stop" | readonly Operation[]) => void {
  const sessions = new Map<number, KernelSession>();
  let module: WebAssembly.Module | undefined;
  let team: Team;
  let stopped = false;

  const reply = (call: number, values?: Answered) => {
    if (team.rank === 0) answer({ call, values }, values ? [values.buffer as ArrayBuffer] : []);
  };

  const openSession = (
    spec: ResolvedSpec,
    memory: (Operation & { kind: "open" })["memory"],
  ): KernelSession => {
    if (memory && "library" in memory) {
      const { buffer, library } = memory;
      const place = nativeMemory(buffer, native!.addressOf(buffer, library.koffi));
      const layout = layOut(spec, library, team.threads, 0);
      return new KernelSession(native!.loadNative(library), place, layout, spec, team);
    }
    const own = memory ?? allocateWasm(module!, spec, 1).memory;
    const kernel = instantiate(module!, own);
    const shape = shapeOf(kernel);
    const place = wasmMemory(own, shape.start);
    const layout = layOut(spec, shape, team.threads, place.meeting + ALIGNMENT);
    kernel.__stack_pointer.value = layout.workers[team.rank]!.stack;
    return new KernelSession(kernel, place, layout, spec, team);
  };

  const open = (operation: Operation & { kind: "open" }) => {
    const { session, spec, call } = operation;
    try {
      sessions.set(session, openSession(spec, operation.memory));
    } catch (error) {
      // A worker that is alone allocates, and may find too little memory; in a team, whose memory is there
      // already, the others would wait for this one for ever.
      if (team.threads > 1 || !isLangevinError(error)) throw error;
      const { code, message: text, remedy } = error;
      answer({ call, code, message: text, remedy }, []);
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
      case "lend":
        // Shared memory is not copied on its way.
        if (team.rank === 0) answer({ call: operation.call, values: session.lend() }, []);
        return;
      case "norms":
        if (team.rank === 0) reply(operation.call, session.norms());
        return team.finish();
      case "drawChains":
        return session.drawChains(operation.draw);
      case "advance":
        return session.advance(operation.run);
      case "accumulate":
        return session.accumulate(operation.source, operation.weight);
      case "update":
        return session.update(operation.step);
      case "average":
        return session.average(operation.weight);
      case "measure": {
        const values = session.measure(operation.what, operation.source);
        reply(operation.call, values);
        return team.finish();
      }
      case "synchronize":
        return reply(operation.call);
      case "close":
        sessions.delete(operation.session);
    }
  };

  return (message) => {
    if (message === "stop") {
      sessions.clear();
      return native?.stop();
    }
    if ("rank" in message) {
      const { rank, threads, control } = message;
      module = message.module;
      stopped = false;
      team = control ? joinTeam(rank, threads, control) : alone;
      return;
    }
    try {
      for (const operation of stopped ? [] : message) run(operation);
    } catch (error) {
      // What is still on its way belongs to sessions that are closed.
      stopped = true;
      if (error instanceof Stopped) return;
      answer(
        { call: undefined, code: "device-failed", message: String(error), remedy: undefined },
        [],
      );
    }
  };
}
