// The spectrum of a coupling matrix.
import type { Values } from "@neural-langevin/core";
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

/** ‖A‖ = √Σ A_ij², over an array of any shape. */
export function frobeniusNorm(matrix: Values): number {
  let sum = 0;
  for (const value of matrix) sum += value * value;
  return Math.sqrt(sum);
}

/** The side of a finite square matrix. Throws wrong-length or not-finite. */
export function requireMatrix(matrix: Values): number {
  const size = Math.round(Math.sqrt(matrix.length));
  requireLength("matrix", matrix, Math.max(1, size) ** 2);
  requireFinite("matrix", matrix);
  return size;
}
