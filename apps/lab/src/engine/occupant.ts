// What the rooms of the engine have in common: the session is one occupant's at a time.
import type { StoredNetwork } from "@neural-langevin/runs";
import type { Connection } from "./connection.js";
import type { FrameSender } from "./frames.js";
import type { Emit } from "./protocol.js";

/** What an occupant works with. */
export interface Workplace {
  readonly connection: Connection;
  readonly frames: FrameSender;
  readonly emit: Emit;
}

/** What has the session: chains that move by themselves, or a training. */
export interface Occupant {
  readonly machine: StoredNetwork;
  /** Seed of all noise. */
  readonly seed: number;
  /** Where it stands, such as "step 12". */
  readonly position: string;
  /** Opens the session at what is known of it. */
  open(): Promise<void>;
  /** Goes on until the signal fires, or there is nothing more to do. */
  move(signal: AbortSignal): Promise<void>;
  /** Sends the chains as they stand. */
  show(): Promise<void>;
}

/** Data states that every session has room for. */
export const BATCH = 96;
