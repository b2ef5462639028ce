// What equilibrium can tell of couplings is what the mathematics of the example says, and the example shows it.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chainNoise, energy, firingRates, type Network, speed } from "@neural-langevin/core";
import { parseNpy } from "@neural-langevin/datasets";
import { describe, expect, it } from "vitest";
import {
  distanceUpToRotation,
  information,
  multiply,
  norm,
  partOf,
  rotationOf,
  transposed,
} from "../recordings/identifiability.js";

const units = 6;
const noise = (step: number, length: number) => chainNoise({ seed: 2, stream: 4, step }, 0, length);
const J = noise(0, units * units).map((value, at) => (at % (units + 1) === 0 ? 0 : value / 2));
const b = noise(1, units);
const x = noise(2, 50 * units);
/** Every element agrees within a tolerance. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  const errors = Array.from(expected, (value, at) => Math.abs(value - found[at]!));
  expect(Math.max(...errors)).toBeLessThan(tolerance);
}
const network = (
  couplings: Float64Array,
  bias: Float64Array,
  activation?: "identity",
): Network => ({
  units,
  couplings,
  bias,
  activation,
});
const times = (matrix: Float64Array, vector: Float64Array) =>
  Float64Array.from({ length: units }, (_, i) =>
    vector.reduce((sum, value, j) => sum + matrix[i * units + j]! * value, 0),
  );

/** An orthogonal matrix (1 − A)⁻¹(1 + A), by Cayley, as a product of series. */
function orthogonal(A: Float64Array): Float64Array {
  const one = A.map((_, at) => (at % (units + 1) === 0 ? 1 : 0));
  let term: Float64Array = one;
  let inverse = one.slice();
  for (let power = 1; power < 200; power++) {
    term = multiply(term, A, units);
    inverse = inverse.map((value, at) => value + term[at]!);
  }
  return multiply(
    inverse,
    one.map((value, at) => value + A[at]!),
    units,
  );
}
const A = partOf(
  noise(3, units * units).map((value) => value / 10),
  units,
  -1,
);

describe("couplings in equilibrium", () => {
  it("of linear units are told up to rotations of v alone", () => {
    const Q = orthogonal(A);
    const QQt = multiply(Q, transposed(Q, units), units);
    expectClose(
      QQt,
      QQt.map((_, at) => (at % (units + 1) === 0 ? 1 : 0)),
      1e-10,
    );
    const minusOne = J.map((value, at) => value - (at % (units + 1) === 0 ? 1 : 0));
    const rotated = multiply(Q, minusOne, units).map(
      (value, at) => value + (at % (units + 1) === 0 ? 1 : 0),
    );
    expect(norm(rotated.map((value, at) => value - J[at]!))).toBeGreaterThan(0.5);
    const same = energy(network(rotated, times(Q, b), "identity"), x);
    expectClose(same, energy(network(J, b, "identity"), x), 1e-9);
    // With tanh the same rotation is seen.
    const seen = energy(network(rotated, times(Q, b)), x);
    const differences = energy(network(J, b), x).map((E, at) => Math.abs(E - seen[at]!));
    expect(Math.max(...differences)).toBeGreaterThan(0.1);
  });

  it("change the energy by vᵀA(x − φ) when v is rotated a little", () => {
    const h = 1e-5;
    const turned = (sign: number) =>
      energy(
        network(
          J.map((value, at) => value + sign * h * rotationOf(A, J, units)[at]!),
          b.map((value, i) => value + sign * h * times(A, b)[i]!),
        ),
        x,
      );
    const [up, down] = [turned(1), turned(-1)];
    const v = speed(network(J, b), x);
    const phi = firingRates(network(J, b), x);
    for (let row = 0; row < x.length / units; row++) {
      const own = (values: Float64Array) => values.slice(row * units, (row + 1) * units);
      const bent = own(x).map((value, i) => value - own(phi)[i]!);
      const expected = own(v).reduce((sum, value, i) => sum + value * times(A, bent)[i]!, 0);
      expect((up[row]! - down[row]!) / (2 * h)).toBeCloseTo(expected, 6);
    }
  });

  it("are told about a rotation by the variance of vᵀA(x − φ)/T, about which linear units tell nothing", () => {
    const states = new Float32Array(x);
    const v = speed(network(J, b), states);
    const phi = firingRates(network(J, b), states);
    const D = rotationOf(A, J, units);
    const c = times(A, b);
    const scores = Array.from({ length: 50 }, (_, row) => {
      let score = 0;
      for (let i = 0; i < units; i++) {
        for (let j = 0; j < units; j++) {
          const at = row * units + j;
          score += v[row * units + i]! * A[i * units + j]! * (states[at]! - phi[at]!);
        }
      }
      return score / 0.5;
    });
    const mean = scores.reduce((sum, score) => sum + score) / 50;
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 50;
    const told = information(network(J, b), states, 0.5, D, c);
    expect(told).toBeCloseTo(variance / (norm(D) ** 2 + norm(c) ** 2), 9);
    expect(information(network(J, b, "identity"), states, 0.5, D, c)).toBeLessThan(1e-20);
  });

  it("of tanh units are decided by the energy as a function: least squares finds them from E alone", () => {
    const size = 3;
    const small = {
      units: size,
      couplings: J.slice(0, 9).map((value, at) => (at % 4 === 0 ? 0 : value)),
      bias: b.slice(0, 3),
    };
    const states = noise(7, 400 * size).map((value) => 2 * value);
    const E = energy(small, states);
    const rows = Array.from(E, (_, row) => {
      const own = states.slice(row * size, (row + 1) * size);
      const phi = own.map(Math.tanh);
      const pairs = [...own.keys()].flatMap((i) => [...phi].map((rate) => own[i]! * rate));
      const rates = [...phi.keys()].flatMap((i) => [...phi].slice(i).map((rate) => phi[i]! * rate));
      return [...pairs, ...own, ...rates, ...phi, 1];
    });
    // E − ½‖x‖² = −Σ J_ij x_i φ_j − Σ b_i x_i + terms of φ alone.
    const rest = E.map((value, row) => {
      const own = states.slice(row * size, (row + 1) * size);
      return value - own.reduce((sum, one) => sum + one * one, 0) / 2;
    });
    const found = leastSquares(rows, rest);
    expectClose(
      found.slice(0, 12),
      [...small.couplings, ...small.bias].map((value) => -value),
      1e-6,
    );
  });
});

/** Solves the normal equations by Gaussian elimination with pivots. */
function leastSquares(rows: number[][], values: Float64Array): number[] {
  const size = rows[0]!.length;
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) =>
      rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0),
    ),
    rows.reduce((sum, row, at) => sum + row[i]! * values[at]!, 0),
  ]);
  for (let column = 0; column < size; column++) {
    const below = matrix.slice(column).map((row) => Math.abs(row[column]!));
    const pivot = column + below.indexOf(Math.max(...below));
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    const own = matrix[column]!;
    for (const [at, row] of matrix.entries()) {
      if (at === column) continue;
      const factor = row[column]! / own[column]!;
      for (let j = column; j <= size; j++) row[j]! -= factor * own[j]!;
    }
  }
  return matrix.map((row, i) => row[size]! / row[i]!);
}

it("the distance up to a rotation of v is 0 for a rotation, and what least squares leaves for others", () => {
  const minusOne = J.map((value, at) => value - (at % (units + 1) === 0 ? 1 : 0));
  const turnedBy = (Q: Float64Array) =>
    multiply(Q, minusOne, units).map((value, at) => value + (at % (units + 1) === 0 ? 1 : 0));
  const Q = orthogonal(A);
  expect(distanceUpToRotation(turnedBy(Q), J, units)).toBeLessThan(1e-9);
  const change = noise(9, units * units).map((value) => value / 10);
  const other = J.map((value, at) => value + change[at]!);
  const least = distanceUpToRotation(other, J, units);
  expect(least).toBeLessThan(norm(change));
  // No rotation near the best one comes closer, whichever of two the way there begins with.
  expect(distanceUpToRotation(other, turnedBy(Q), units)).toBeCloseTo(least, 9);
  for (let step = 20; step < 40; step++) {
    const small = partOf(
      noise(step, units * units).map((value) => value / 20),
      units,
      -1,
    );
    const turned = turnedBy(orthogonal(small));
    const distance = norm(other.map((value, at) => value - turned[at]!));
    expect(distance).toBeGreaterThanOrEqual(least);
  }
});

const folder = fileURLToPath(new URL("..", import.meta.url));
const runExample = async (...args: string[]) =>
  (await promisify(execFile)(process.execPath, ["--import", "tsx", ...args], { cwd: folder }))
    .stdout;

it("the example recovers couplings better from more recordings, at weak activity up to a rotation alone", async () => {
  const out = mkdtempSync(join(tmpdir(), "nlm-recordings-"));
  try {
    await runExample("recordings/recordings.ts", out, "--quick");
    const [names, ...lines] = readFileSync(join(out, "recordings.csv"), "utf8").trim().split("\n");
    const rows = lines.map((line) => {
      const cells = line.split(",");
      return Object.fromEntries(names!.split(",").map((name, at) => [name, cells[at]!]));
    });
    const value = (condition: string, samples: number, name: string) =>
      Number(
        rows.find((row) => row.condition === condition && Number(row.samples) === samples)![name],
      );
    for (const part of ["whole", "symmetric", "antisymmetric", "upToRotation"]) {
      const [few, many] = [300, 3000].map((samples) => value("strong activity", samples, part));
      expect(many).toBeLessThan(0.6 * few!);
    }
    expect(value("weak activity", 3000, "whole")).toBeGreaterThan(0.8);
    expect(value("weak activity", 3000, "upToRotation")).toBeLessThan(0.4);
    expect(readFileSync(join(out, "recordings.svg"), "utf8")).toContain("up to a rotation of v");
    const { shape } = parseNpy(readFileSync(join(out, "strong-activity-1.npy")), "recordings");
    expect(shape).toEqual([3000, 60]);
  } finally {
    rmSync(out, { recursive: true });
  }
}, 120_000);

it("recordings of one's own give couplings with the names of their channels, and correlations that hold", async () => {
  const out = mkdtempSync(join(tmpdir(), "nlm-recordings-"));
  try {
    // Five channels that share two sources in different shares, on scales that lie far apart.
    const sources = noise(11, 4000);
    const own = noise(12, 10_000);
    const rows = Array.from({ length: 2000 }, (_, row) =>
      Array.from({ length: 5 }, (_, channel) => {
        const shared =
          Math.cos(channel) * sources[2 * row]! + Math.sin(channel) * sources[2 * row + 1]!;
        return 10 ** channel * (3 + shared + 0.5 * own[5 * row + channel]!);
      }).join(","),
    );
    const file = join(out, "activity.csv");
    writeFileSync(file, `${["a", "b", "c", "d", "e"].join(",")}\n${rows.join("\n")}\n`);
    const output = await runExample("recordings/own.ts", file, join(out, "J.csv"));
    expect(Number(/held-out moments agree to (\S+),/.exec(output)![1])).toBeGreaterThan(0.95);
    const lines = readFileSync(join(out, "J.csv"), "utf8").trim().split("\n");
    expect(lines.map((line) => line.split(",")[0])).toEqual(
      ["to \\ from", "a", "b", "c", "d", "e"].map((name) => JSON.stringify(name)),
    );
  } finally {
    rmSync(out, { recursive: true });
  }
}, 120_000);
