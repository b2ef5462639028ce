// What chains are compared with, and what comes out.
import type { Estimate } from "@neural-langevin/analysis";
import type { Pixels } from "@neural-langevin/datasets";

/** Generated images beside real ones. */
export interface ComparedImages {
  /** A_S and A_T, by the definition of `adversarialAccuracyEstimate`. */
  readonly realAccuracy: Estimate;
  readonly generatedAccuracy: Estimate;
  /** The numbers of the real images and of the chains. */
  readonly references: number;
  readonly setup: number;
  /** Label, and its share among the generated images; none where the real images have no labels. */
  readonly shares: ReadonlyMap<number, Estimate>;
}

export type MeasuresRequest =
  | {
      readonly kind: "references";
      readonly number: number;
      /** Shape [count][N]. */
      readonly pixels: Pixels;
      readonly labels: Uint8Array | undefined;
      readonly units: number;
    }
  /** `setup`: the number of the chains whose images these are. */
  | { readonly kind: "images"; readonly setup: number; readonly images: Uint8Array };
