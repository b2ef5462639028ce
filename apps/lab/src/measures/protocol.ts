// What chains are compared with, and what comes out.
import type { Estimate } from "@neural-langevin/analysis";
import type { Pixels } from "@neural-langevin/datasets";

/** What the judge of digits reads, by the definitions of `Legibility`. */
export interface ReadImages {
  /** Share that shows one of the learned digits. */
  readonly legible: Estimate;
  /** Share that shows the digit that was asked for; undefined where none was. */
  readonly asked: Estimate | undefined;
  /** Share that shows none, but whose negative does; that is of one grey; and of all others. */
  readonly inverted: Estimate;
  readonly empty: Estimate;
  readonly broken: Estimate;
}

/** Generated images beside real ones. */
export interface ComparedImages {
  /** A_S and A_T, by the definition of `adversarialAccuracyEstimate`. */
  readonly realAccuracy: Estimate;
  readonly generatedAccuracy: Estimate;
  /** The numbers of the real images and of the chains. */
  readonly references: number;
  readonly setup: number;
  /** Undefined where no digits were learned. */
  readonly read: ReadImages | undefined;
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
      /** The digits of MNIST that were learned; undefined for other images. */
      readonly digits: readonly number[] | undefined;
      readonly units: number;
    }
  | {
      readonly kind: "images";
      /** The number of the chains whose images these are. */
      readonly setup: number;
      readonly images: Uint8Array;
      /** The labels that these chains were asked for, in turn; none where they dream freely. */
      readonly asked: readonly number[];
    };
