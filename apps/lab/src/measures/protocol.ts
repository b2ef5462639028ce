// What chains are compared with, and what comes out.
import type { Pixels } from "@neural-langevin/datasets";

/** Real images, and their labels where there are any. */
export interface References {
  /** Shape [count][N]. */
  readonly pixels: Pixels;
  readonly labels: Uint8Array;
  readonly units: number;
}

/** Generated images beside real ones. */
export interface Comparison {
  /** A_S: share of real images whose nearest neighbour is real. */
  readonly real: number;
  /** A_T: share of generated images whose nearest neighbour is generated. */
  readonly generated: number;
  /** Label, and its share among the generated images. */
  readonly shares: readonly (readonly [label: number, share: number])[];
}

export type MeasuresRequest =
  | { readonly kind: "references"; readonly references: References }
  | { readonly kind: "images"; readonly images: Uint8Array };
