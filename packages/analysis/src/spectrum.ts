// The spectrum of a coupling matrix and how far it is from symmetric.
import { LangevinError, type Values } from "@neural-langevin/core";
import { requireFinite, requireLength } from "@neural-langevin/core/backend";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Eigenvalues in the complex plane, of decreasing real part; pairs stand with Im > 0 first. */
export interface Eigenvalues {
  /** Real parts, shape [size]. */
  readonly real: Float64Array;
  /** Imaginary parts, shape [size]. */
  readonly imaginary: Float64Array;
}

/**
 * All eigenvalues of a real square matrix, symmetric or not (Hessenberg form and QR iteration). 784
 * units take seconds: `eigenvaluesAside` of the entry `/node` computes on another thread.
 *
 * @param matrix shape [size][size], row-major
 * @throws wrong-length (not square), not-finite
 */
export function eigenvalues(matrix: Values): Eigenvalues {
  const size = requireMatrix(matrix);
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, matrix),
  );
  const order = realEigenvalues.map((_, index) => index);
  order.sort(
    (a, b) =>
      realEigenvalues[b]! - realEigenvalues[a]! ||
      imaginaryEigenvalues[b]! - imaginaryEigenvalues[a]!,
  );
  return {
    real: Float64Array.from(order, (index) => realEigenvalues[index]!),
    imaginary: Float64Array.from(order, (index) => imaginaryEigenvalues[index]!),
  };
}

/** max |λ|, the radius of the smallest disc around 0 that holds all eigenvalues. */
export function spectralRadius({ real, imaginary }: Eigenvalues): number {
  return real.reduce((most, value, at) => Math.max(most, Math.hypot(value, imaginary[at]!)), 0);
}

/** ‖A‖ = √Σ A_ij², over any array. */
export function frobeniusNorm(matrix: Values): number {
  let sum = 0;
  for (const value of matrix) sum += value * value;
  return Math.sqrt(sum);
}

/** How far a matrix is from symmetric. */
export interface Asymmetry {
  /** ‖J − Jᵀ‖/‖J + Jᵀ‖: 0 symmetric, about 1 independent entries, ∞ antisymmetric. */
  readonly ratio: number;
  /**
   * η = Σ_{i≠j} J_ij J_ji / Σ_{i≠j} J_ij², the correlation of opposite couplings (Sommers et al., Phys.
   * Rev. Lett. 1988): 1 symmetric, 0 independent entries, −1 antisymmetric.
   */
  readonly reciprocity: number;
}

/**
 * Measures the asymmetry of couplings. The diagonal counts in neither measure.
 *
 * @param couplings shape [N][N], row-major
 * @throws wrong-length, not-finite, invalid-value (no couplings but the diagonal)
 */
export function asymmetry(couplings: Values): Asymmetry {
  const size = requireMatrix(couplings);
  let squares = 0;
  let products = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const [one, other] = [couplings[i * size + j]!, couplings[j * size + i]!];
      squares += one * one + other * other;
      products += 2 * one * other;
    }
  }
  if (squares === 0) {
    throw new LangevinError("invalid-value", "All couplings between units are zero.");
  }
  // ‖J ∓ Jᵀ‖² = 2(ΣJ_ij² ∓ ΣJ_ij J_ji)
  return {
    ratio: Math.sqrt(Math.max(0, squares - products) / Math.max(0, squares + products)),
    reciprocity: products / squares,
  };
}

/** The side of a finite square matrix. Throws wrong-length or not-finite. */
export function requireMatrix(matrix: Values): number {
  const size = Math.round(Math.sqrt(matrix.length));
  requireLength("matrix", matrix, Math.max(1, size) ** 2);
  requireFinite("matrix", matrix);
  return size;
}
