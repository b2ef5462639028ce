// Eigenvalues, asymmetry and size of couplings against known and exact cases.
import { spawnSync } from "node:child_process";
import { randomNetwork } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { eigenvaluesAside } from "../dist/node.js";
import {
  asymmetry,
  couplingStatistics,
  eigenvalues,
  frobeniusNorm,
  spectralRadius,
} from "../src/index.js";
import { codeOf, fixture } from "./known.js";

describe("eigenvalues", () => {
  it("of a general matrix are the known ones", () => {
    const { matrix, eigenvalues: known } = fixture("metrics") as Record<string, number[][]>;
    const found = eigenvalues(Float64Array.from(matrix!.flat()));
    const expected = [...known!].sort((a, b) => b[0]! - a[0]! || b[1]! - a[1]!);
    expected.forEach(([real, imaginary], at) => {
      expect(found.real[at]).toBeCloseTo(real!, 12);
      expect(found.imaginary[at]).toBeCloseTo(imaginary!, 12);
    });
    expect(spectralRadius(found)).toBeCloseTo(Math.hypot(...known![0]!), 12);
  });

  it("of a quarter turn are ±i", () => {
    const { real, imaginary } = eigenvalues(Float64Array.of(0, -1, 1, 0));
    expect([...real]).toEqual([0, 0]);
    expect([...imaginary]).toEqual([1, -1]);
  });

  it("of a defective matrix are its diagonal", () => {
    expect([...eigenvalues(Float64Array.of(2, 1, 0, 0, 2, 1, 0, 0, 2)).real]).toEqual([2, 2, 2]);
  });

  it("of independent couplings fill a disc of the radius g", () => {
    const { couplings } = randomNetwork({ units: 150, gain: 2, seed: 1 });
    const found = eigenvalues(couplings);
    expect(Math.abs(spectralRadius(found) - 2)).toBeLessThan(0.25);
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    expect(sum(found.real)).toBeCloseTo(0, 9);
    expect(sum(found.imaginary)).toBeCloseTo(0, 9);
    // In a disc of uniform density, a quarter lies within half the radius.
    const inner = found.real.filter((value, at) => Math.hypot(value, found.imaginary[at]!) < 1);
    expect(Math.abs(inner.length / 150 - 0.25)).toBeLessThan(0.05);
  });

  it("are the same on another thread, where a bad matrix is refused before", async () => {
    const { couplings } = randomNetwork({ units: 30, gain: 2, seed: 2 });
    expect(await eigenvaluesAside(couplings)).toEqual(eigenvalues(couplings));
    await expect(eigenvaluesAside(new Float64Array(5))).rejects.toMatchObject({
      code: "wrong-length",
    });
  });

  it("are refused to a matrix that is not square or not finite", () => {
    expect(codeOf(() => eigenvalues(new Float64Array(6)))).toBe("wrong-length");
    expect(codeOf(() => eigenvalues(new Float64Array(0)))).toBe("wrong-length");
    expect(codeOf(() => eigenvalues(Float64Array.of(Number.NaN)))).toBe("not-finite");
  });
});

describe("asymmetry", () => {
  it("is 0 of a symmetric and without end of an antisymmetric matrix", () => {
    expect(asymmetry(Float64Array.of(5, 1, 1, 5))).toEqual({ ratio: 0, reciprocity: 1 });
    expect(asymmetry(Float64Array.of(5, 1, -1, 5))).toEqual({
      ratio: Number.POSITIVE_INFINITY,
      reciprocity: -1,
    });
  });

  it("is what the norms of J − Jᵀ and J + Jᵀ say", () => {
    const rows = (fixture("metrics").matrix as number[][]).map((row, i) =>
      row.map((value, j) => (i === j ? 0 : value)),
    );
    const with_ = (sign: number) =>
      frobeniusNorm(
        Float64Array.from(rows.flatMap((row, i) => row.map((v, j) => v + sign * rows[j]![i]!))),
      );
    expect(asymmetry(Float64Array.from(rows.flat())).ratio).toBeCloseTo(with_(-1) / with_(1), 12);
  });

  it("is refused to a network without couplings", () => {
    expect(codeOf(() => asymmetry(Float64Array.of(1, 0, 0, 1)))).toBe("invalid-value");
  });
});

describe("coupling statistics", () => {
  it("of random couplings are their gain and no symmetry", () => {
    const found = couplingStatistics(randomNetwork({ units: 200, gain: 1.5, seed: 4 }));
    expect(Math.abs(found.gain - 1.5)).toBeLessThan(0.03);
    expect(Math.abs(found.symmetry)).toBeLessThan(0.03);
    expect(found.largestSelfCoupling).toBe(0);
    expect(found).toMatchObject({ meanBias: 0, biasSize: 0 });
  });

  it("of two units can be worked out by hand", () => {
    const network = {
      units: 2,
      couplings: Float64Array.of(-3, 2, 1, 0.5),
      bias: Float64Array.of(3, -4),
    };
    const found = couplingStatistics(network);
    // ⟨J_ij²⟩ = 5/2 over the two couplings, and η = 4/5.
    expect(found.gain).toBeCloseTo(Math.sqrt(5), 14);
    expect(found.symmetry).toBe(asymmetry(network.couplings).reciprocity);
    expect(found).toMatchObject({
      symmetry: 0.8,
      largestCoupling: 2,
      largestSelfCoupling: 3,
      meanBias: -0.5,
    });
    expect(found.biasSize).toBeCloseTo(Math.sqrt(12.5), 14);
  });

  it("count every pair of many units once", () => {
    const units = 130;
    const couplings = Float32Array.from({ length: units * units }, (_, at) => {
      return Math.sign((at % units) - Math.floor(at / units));
    });
    const found = couplingStatistics({ units, couplings, bias: new Float32Array(units) });
    expect(found.gain).toBeCloseTo(Math.sqrt(units), 12);
    expect(found.symmetry).toBe(-1);
  });

  it("of one unit are 0 where there is nothing to measure", () => {
    const one = { units: 1, couplings: Float32Array.of(2), bias: Float32Array.of(0) };
    expect(couplingStatistics(one)).toMatchObject({
      gain: 0,
      symmetry: 0,
      largestCoupling: 0,
      largestSelfCoupling: 2,
    });
    const wrong = { ...one, couplings: new Float32Array(3) };
    expect(codeOf(() => couplingStatistics(wrong))).toBe("wrong-length");
  });
});

describe("the thread of eigenvalues", () => {
  const program = `
import { eigenvaluesAside } from ${JSON.stringify(new URL("../dist/node.js", import.meta.url).href)};
const found = await eigenvaluesAside(Float64Array.of(2, 0, 0, 1)).catch((error) => error);
console.log(found.code ?? [...found.real].join(), found.remedy ?? "");
`;
  const printed = (...flags: string[]) => {
    const args = [...flags, "--input-type=module"];
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      input: program,
      encoding: "utf8",
      env,
    });
    return stdout.trim() + stderr;
  };

  it("starts in a process that was started with flags", () => {
    expect(printed("--max-old-space-size=300")).toBe("2,1");
  });

  it("is unavailable where no thread may be started, with the flag that allows it", () => {
    const old = process.versions.node.startsWith("20.");
    const permission = old ? "--experimental-permission" : "--permission";
    expect(printed(permission, "--allow-fs-read=*")).toBe(
      "unavailable Run Node with --allow-worker.",
    );
  });
});
