// A machine and what is known about it.
import type { StoredNetwork } from "@neural-langevin/runs";

export interface OpenedMachine extends StoredNetwork {
  readonly name: string;
  /** Size of its images. */
  readonly width: number;
  readonly height: number;
  /** MNIST digits it was trained on; undefined when nobody says. */
  readonly labels: readonly number[] | undefined;
  /** Updates of its training; undefined when nobody says. */
  readonly updates: number | undefined;
}
