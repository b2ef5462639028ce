// Known answers in float64, and small helpers that several tests share.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { isLangevinError, type Network } from "../src/index.js";

/** Reads a fixture. */
export const known = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as T;

/** A matrix as a row-major array. */
export const flat = (rows: number[][]): Float64Array => Float64Array.from(rows.flat());

/** A network from nested arrays. */
export const networkOf = (J: number[][], b: number[], activation?: "identity"): Network => ({
  units: b.length,
  couplings: flat(J),
  bias: Float64Array.from(b),
  activation,
});

/** Every element agrees within an absolute tolerance. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(found.length).toBe(expected.length);
  for (let at = 0; at < expected.length; at++) {
    if (!(Math.abs(found[at]! - expected[at]!) <= tolerance)) {
      expect.fail(`element ${at} is ${found[at]}, not ${expected[at]} ± ${tolerance}`);
    }
  }
}

/** The code of the LangevinError that some work throws. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isLangevinError(error)) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

/** The product of two square matrices. */
export function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const n = Math.sqrt(a.length);
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / n) * n + k]! * b[k * n + (at % n)]!;
    return sum;
  });
}

/** The transposed square matrix. */
export function transpose(a: Float64Array): Float64Array {
  const n = Math.sqrt(a.length);
  return a.map((_, at) => a[(at % n) * n + Math.floor(at / n)]!);
}

/** The inverse of a square matrix and its determinant, by Gauss–Jordan with pivots. */
export function invert(matrix: Float64Array): { inverse: Float64Array; determinant: number } {
  const n = Math.sqrt(matrix.length);
  const a = matrix.slice();
  const inverse = a.map((_, at) => (at % (n + 1) === 0 ? 1 : 0));
  let determinant = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column; row < n; row++) {
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row;
    }
    for (const m of [a, inverse]) {
      for (let k = 0; k < n && pivot !== column; k++) {
        const kept = m[column * n + k]!;
        m[column * n + k] = m[pivot * n + k]!;
        m[pivot * n + k] = kept;
      }
    }
    const scale = a[column * n + column]!;
    determinant *= pivot === column ? scale : -scale;
    for (const m of [a, inverse]) for (let k = 0; k < n; k++) m[column * n + k]! /= scale;
    for (let row = 0; row < n; row++) {
      const factor = a[row * n + column]!;
      if (row === column || factor === 0) continue;
      for (const m of [a, inverse]) {
        for (let k = 0; k < n; k++) m[row * n + k]! -= factor * m[column * n + k]!;
      }
    }
  }
  return { inverse, determinant };
}
