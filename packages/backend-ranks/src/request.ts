// What rank 0 asks of ranks, itself among them: a backend, sessions on it, and their operations.
import type {
  AdvanceRun,
  Measure,
  ResolvedSpec,
  Slot,
  Source,
  UpdateStep,
} from "@neural-langevin/core";
import type { EngineDraw } from "@neural-langevin/core/backend";

/** An operation of a session. Where chains and data are meant, every rank takes its own part of them. */
export type Operation =
  /** `values` are this rank's; `rows` is how many data states there are on all ranks. */
  | {
      readonly kind: "write";
      readonly slot: Slot;
      readonly values: Float32Array;
      readonly rows: number;
    }
  | { readonly kind: "read"; readonly slot: Slot }
  | { readonly kind: "drawChains"; readonly draw: EngineDraw }
  | { readonly kind: "advance"; readonly run: AdvanceRun }
  | { readonly kind: "accumulate"; readonly source: Source; readonly weight: number }
  /** `inPlace` says whether the statistics of all ranks lie in the same order where they can be reached. */
  | { readonly kind: "update"; readonly step: UpdateStep; readonly inPlace: boolean }
  | { readonly kind: "average"; readonly weight: number }
  | { readonly kind: "measure"; readonly what: Measure; readonly source: Source }
  | { readonly kind: "synchronize" };

/** Something that a rank is asked to do. Backends and sessions have numbers that are used once. */
export type Request =
  | { readonly kind: "create"; readonly backend: number; readonly choice: unknown }
  | { readonly kind: "dispose"; readonly backend: number }
  | {
      readonly kind: "open";
      readonly backend: number;
      readonly session: number;
      readonly spec: ResolvedSpec;
      readonly shards: number;
    }
  | { readonly kind: "close"; readonly session: number }
  | { readonly kind: "operate"; readonly session: number; readonly operation: Operation };
