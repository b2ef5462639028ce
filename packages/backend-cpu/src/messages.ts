// What the calling thread and its workers say to each other. Every worker gets every operation, in
// order, and takes its share of the work; worker 0 alone copies values in and out and answers.
import type {
  AdvanceRun,
  ErrorCode,
  Measure,
  ResolvedSpec,
  Slot,
  Source,
  UpdateStep,
} from "@neural-langevin/core";
import type { EngineDraw } from "@neural-langevin/core/backend";
import type { NativeLibrary } from "./native-calls.js";

/** The first message to a worker. */
export interface Start {
  readonly rank: number;
  readonly threads: number;
  /** The build that computes; absent when a native kernel does. */
  readonly module: WebAssembly.Module | undefined;
  /** Counters that all workers share; absent where nothing can be shared and one worker is alone. */
  readonly control: Int32Array | undefined;
}

/** A session's buffer, and the native library that computes in it. */
interface NativeMemory {
  readonly buffer: SharedArrayBuffer;
  readonly library: NativeLibrary;
}

/** One operation on one session. Those with a `call` are answered. */
export type Operation = { readonly session: number } & (
  | {
      readonly kind: "open";
      readonly call: number;
      readonly spec: ResolvedSpec;
      /** A worker that is alone makes its own memory; a native kernel comes with its buffer. */
      readonly memory: WebAssembly.Memory | NativeMemory | undefined;
    }
  | {
      readonly kind: "write";
      readonly slot: Slot;
      readonly values: Float32Array | undefined;
      readonly rows: number;
    }
  | { readonly kind: "read"; readonly call: number; readonly slot: Slot }
  | { readonly kind: "lend"; readonly call: number }
  | { readonly kind: "norms"; readonly call: number }
  | { readonly kind: "drawChains"; readonly draw: EngineDraw }
  | { readonly kind: "average"; readonly weight: number }
  | { readonly kind: "advance"; readonly run: AdvanceRun }
  | { readonly kind: "accumulate"; readonly source: Source; readonly weight: number }
  | { readonly kind: "update"; readonly step: UpdateStep }
  | {
      readonly kind: "measure";
      readonly call: number;
      readonly what: Measure;
      readonly source: Source;
    }
  | { readonly kind: "synchronize"; readonly call: number }
  | { readonly kind: "close" }
);

/** An operation before it is given its session. */
export type SessionOperation = Operation extends infer O
  ? O extends Operation
    ? Omit<O, "session">
    : never
  : never;

/** What a call is answered with: two norms in float64, all else in float32. */
export type Answered = Float32Array | Float64Array | undefined;

/** An answer of a worker. Without a `call` it is a failure that nothing can go on after. */
export type Answer =
  | { readonly call: number; readonly values: Answered }
  | {
      readonly call: number | undefined;
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    };
