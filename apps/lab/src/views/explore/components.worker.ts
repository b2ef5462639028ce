// The first three principal components of real images, in a thread of its own.
import { points, principalComponents } from "@neural-langevin/analysis";

/** What three coordinates of an image are made with. */
export interface Projection {
  /** Mean firing rates, shape [N]. */
  readonly mean: Float64Array;
  /** Orthonormal directions, shape [3][N]. */
  readonly components: Float64Array;
  /** Share of the variance along each. */
  readonly shares: readonly number[];
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ rates: Float32Array; units: number }>) => void;
  postMessage(projection: Projection): void;
};

scope.onmessage = ({ data: { rates, units } }) => {
  const { mean, components, variances, totalVariance } = principalComponents(
    points(rates, units),
    3,
  );
  const shares = [...variances].map((variance) => variance / totalVariance);
  scope.postMessage({ mean, components, shares });
};
