// Starts are what their definitions say: orthogonal up to the gain, and where promised antisymmetric and equally stiff in
// all directions.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  antisymmetricNetwork,
  energy,
  force,
  type Network,
  orthogonalNetwork,
} from "../src/index.js";
import { codeOf, expectClose, multiply, transpose } from "./known.js";

const matrixOf = (network: Network): Float64Array => Float64Array.from(network.couplings);
const diagonal = (units: number, values: (unit: number) => number): Float64Array =>
  Float64Array.from({ length: units * units }, (_, at) =>
    at % (units + 1) === 0 ? values(Math.floor(at / units)) : 0,
  );

describe("the antisymmetric network", () => {
  it.each([2, 16, 130])("of %i units has Jᵀ = −J and JᵀJ = g²·1", (units) => {
    const network = antisymmetricNetwork({ units, gain: 6, seed: 1 });
    const J = matrixOf(network);
    expect(transpose(J)).toEqual(J.map((value) => (value === 0 ? 0 : -value)));
    expectClose(
      multiply(transpose(J), J),
      diagonal(units, () => 36),
      1e-4,
    );
    expect(network.bias.every((value) => value === 0)).toBe(true);
  });

  it.each([1, 3, 15])("of %i units leaves one direction without coupling", (units) => {
    const J = matrixOf(antisymmetricNetwork({ units, gain: 2, seed: 5 }));
    const squares = multiply(transpose(J), J);
    let trace = 0;
    for (let i = 0; i < units; i++) trace += squares[i * units + i]!;
    expect(trace).toBeCloseTo(4 * (units - 1), 4);
    // A projection times g²: its square is g² times itself.
    expectClose(
      multiply(squares, squares),
      squares.map((value) => 4 * value),
      1e-4,
    );
  });

  it("is equally stiff in all directions near x = 0", () => {
    const network = antisymmetricNetwork({ units: 8, gain: 3, seed: 2 });
    const linear: Network = { ...network, activation: "identity" };
    for (let unit = 0; unit < 8; unit++) {
      const x = new Float64Array(8);
      x[unit] = 0.7;
      expect(energy(linear, x)[0]).toBeCloseTo(0.5 * (1 + 9) * 0.49, 5);
      expectClose(
        force(linear, x),
        x.map((value) => -10 * value),
        1e-5,
      );
    }
  });

  it("mixes all units, by seed", () => {
    const [a, b, again] = [1, 2, 1].map((seed) =>
      antisymmetricNetwork({ units: 200, gain: 6, seed }),
    );
    expect(again).toEqual(a);
    expect(b!.couplings).not.toEqual(a!.couplings);
    // Entries of a well-mixed basis have variance g²/N; pairs that were not mixed would leave all but 1/N of them 0.
    const squares = a!.couplings.reduce((sum, value) => sum + value ** 2, 0);
    const fourths = a!.couplings.reduce((sum, value) => sum + value ** 4, 0);
    const kurtosis = (fourths * 200 * 199) / squares ** 2;
    expect(kurtosis).toBeGreaterThan(2.5);
    expect(kurtosis).toBeLessThan(4);
  });

  it("keeps its bits", () => {
    const { couplings } = antisymmetricNetwork({ units: 17, gain: 6, seed: 3 });
    const hash = createHash("sha256").update(new Uint8Array(couplings.buffer)).digest("hex");
    expect(hash.slice(0, 16)).toBe("8ae8557a52bf105f");
  });

  it("refuses what it cannot make", async () => {
    const make = (options: object) =>
      codeOf(() => antisymmetricNetwork({ units: 4, gain: 6, seed: 1, ...options }));
    expect(await make({ units: 0 })).toBe("invalid-value");
    expect(await make({ gain: -1 })).toBe("invalid-value");
    expect(await make({ seed: 0.5 })).toBe("invalid-value");
  });
});

describe("the orthogonal network", () => {
  it.each([1, 2, 15, 130])("of %i units has JᵀJ = g²·1", (units) => {
    const J = matrixOf(orthogonalNetwork({ units, gain: 4, seed: 1 }));
    expectClose(
      multiply(transpose(J), J),
      diagonal(units, () => 16),
      1e-4,
    );
  });

  it("has no symmetry, and the diagonal of a mixed basis", () => {
    const units = 200;
    const { couplings, bias } = orthogonalNetwork({ units, gain: 1, seed: 2 });
    let trace = 0;
    let product = 0;
    for (let i = 0; i < units; i++) {
      trace += couplings[i * units + i]!;
      for (let j = 0; j < units; j++) {
        product += couplings[i * units + j]! * couplings[j * units + i]!;
      }
    }
    // Of a random rotation, tr U and tr U² have mean 0 and variances of about 1 and 2.
    expect(Math.abs(trace)).toBeLessThan(4);
    expect(Math.abs(product)).toBeLessThan(6);
    expect(bias.every((value) => value === 0)).toBe(true);
  });

  it("refuses what it cannot make", async () => {
    expect(await codeOf(() => orthogonalNetwork({ units: 4, gain: -1, seed: 1 }))).toBe(
      "invalid-value",
    );
  });
});
