// What takes long about a matrix of couplings, in a thread of its own.
import { asymmetry, eigenvalues, frobeniusNorm, spectralRadius } from "@neural-langevin/analysis";

/** How far J is from symmetric; quickly known. */
export interface Symmetry {
  readonly kind: "symmetry";
  readonly norm: number;
  /** ‖J − Jᵀ‖/‖J + Jᵀ‖. */
  readonly ratio: number;
  /** η, the correlation of opposite couplings. */
  readonly reciprocity: number;
}

/** The eigenvalues of J. */
export interface Spectrum {
  readonly kind: "spectrum";
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly radius: number;
}

const scope = globalThis as unknown as {
  onmessage: (
    event: MessageEvent<{ want: "symmetry" | "spectrum"; couplings: Float32Array }>,
  ) => void;
  postMessage(found: Symmetry | Spectrum): void;
};

scope.onmessage = ({ data: { want, couplings } }) => {
  if (want === "symmetry") {
    const { ratio, reciprocity } = asymmetry(couplings);
    scope.postMessage({ kind: "symmetry", norm: frobeniusNorm(couplings), ratio, reciprocity });
    return;
  }
  const found = eigenvalues(couplings);
  scope.postMessage({ kind: "spectrum", ...found, radius: spectralRadius(found) });
};
