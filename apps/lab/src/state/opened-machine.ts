// A machine and what is known about it.
import type { ImageSet } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";

/** The size of a machine's images: one unit is one pixel. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
}

/** What a machine was trained on: digits of MNIST, or images of which some are at hand. */
export type Learned =
  | { readonly kind: "digits"; readonly digits: readonly number[] }
  | { readonly kind: "images"; readonly images: ImageSet };

export interface OpenedMachine extends StoredNetwork, ImageShape {
  readonly name: string;
  /** Undefined when nobody says. */
  readonly learned: Learned | undefined;
  /** Updates of its training; undefined when nobody says. */
  readonly updates: number | undefined;
}

/** All digits of MNIST. */
export const allDigits: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
