// Machines that come from elsewhere and go elsewhere: import and export, and their exchange with NumPy.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomNetwork } from "@neural-langevin/core";
import { encodeNpy, encodeNpz, openNpz, parseNpy } from "@neural-langevin/datasets";
import { decodeNetwork, encodeSafetensors } from "@neural-langevin/runs";
import { findNumpy } from "@neural-langevin/tooling/numpy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

const UNITS = 36;
const { couplings } = randomNetwork({ units: UNITS, gain: 2, seed: 5 });
const bias = Float32Array.from({ length: UNITS }, (_, unit) => Math.sin(unit) / 3);
const square = [UNITS, UNITS];

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const machineIn = (...names: string[]) => decodeNetwork(readFileSync(at(...names)), names.join());
const succeed = async (...args: string[]) => {
  const { status, stdout, stderr } = await nlm([...args, "--json"], folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-files-"));
  writeFileSync(at("J.npy"), encodeNpy(couplings, square));
  writeFileSync(at("b.npy"), encodeNpy(bias, [1, UNITS]));
  const stripes = Uint8Array.from({ length: 40 * UNITS }, (_, place) => (place % 3 ? 20 : 230));
  writeFileSync(at("stripes.npy"), encodeNpy(stripes, [40, 6, 6]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm import", () => {
  it("takes couplings and bias of NPY files, and says what they are like", async () => {
    const said = await succeed("import", "J.npy", "--bias", "b.npy", "--out", "npy.safetensors");
    expect(machineIn("npy.safetensors")).toEqual({ units: UNITS, couplings, bias });
    expect(said).toMatchObject({ units: UNITS, type: "float32", rounding: 0 });
    expect(said.largestSelfCoupling).toBe(0);
    // The gain of 36·35 couplings of gain 2 has a standard error of 2/√(2·36·35) = 0.04.
    expect(Math.abs(said.gain - 2)).toBeLessThan(0.16);
    // Independent couplings: a standard error of √(2/(36·35)) = 0.04.
    expect(Math.abs(said.symmetry)).toBeLessThan(0.16);
  });

  it("takes them of NPZ and safetensors files by their usual names, and names the rest", async () => {
    const values = Float64Array.from(couplings);
    const [J, b] = [
      { shape: square, values },
      { shape: [UNITS], values: bias },
    ];
    writeFileSync(at("W.npz"), encodeNpz({ W: J, b, loss: b }, { deflate: true }));
    const tensors = { couplings: J, bias: b };
    writeFileSync(at("double.safetensors"), encodeSafetensors({ tensors, metadata: {} }));
    const [npz, safetensors] = [
      await succeed("import", "W.npz", "--out", "a.safetensors"),
      await succeed("import", "double.safetensors", "--out", "b.safetensors"),
    ];
    expect(npz).toMatchObject({ type: "float64", rounding: 0, unused: ["loss"] });
    expect(safetensors.unused).toEqual([]);
    for (const name of ["a.safetensors", "b.safetensors"]) {
      expect(machineIn(name)).toEqual({ units: UNITS, couplings, bias });
    }
  });

  it("leaves out what it does not need, though it could not read it", async () => {
    const arrays = {
      "arrays/J": { shape: square, values: couplings },
      "arrays/b": { shape: [UNITS], values: bias },
      "arrays/log": { shape: [0, 3], values: new Float32Array(0) },
    };
    writeFileSync(at("more.npz"), encodeNpz(arrays, { deflate: true }));
    const said = await succeed("import", "more.npz", "--out", "more.safetensors");
    expect(machineIn("more.safetensors")).toEqual({ units: UNITS, couplings, bias });
    expect(said.unused).toEqual(["arrays/log"]);
    const { stdout } = await nlm(["inspect", "more.npz"], folder);
    expect(stdout).toMatch(/arrays\/log .*is empty: its shape is \(0, 3\)/);
  });

  it("turns, and keeps or clears the diagonal, as it is told and says", async () => {
    const values = Float64Array.of(0.5, 1, 1 / 3, 0);
    writeFileSync(at("two.npy"), encodeNpy(values, [2, 2]));
    const kept = await succeed("import", "two.npy", "--out", "kept.safetensors");
    expect(machineIn("kept.safetensors").couplings).toEqual(Float32Array.from(values));
    expect(kept).toMatchObject({ largestSelfCoupling: 0.5, diagonalZeroed: false });
    expect(kept.rounding).toBe(Math.abs(Math.fround(1 / 3) - 1 / 3));
    expect(kept.gain).toBeCloseTo(Math.sqrt(2 * ((1 + 1 / 9) / 2)), 6);
    expect(kept.symmetry).toBeCloseTo(2 / 3 / (1 + 1 / 9), 6);
    const options = ["--transpose", "--zero-diagonal", "--out", "turned.safetensors"];
    await succeed("import", "two.npy", ...options);
    expect(machineIn("turned.safetensors").couplings).toEqual(Float32Array.of(0, 1 / 3, 1, 0));
    const again = await nlm(["import", "two.npy", "--out", "kept.safetensors"], folder);
    expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/file kept\.safe/)]);
  });

  it("makes a run that samples, evaluates, learns on, and keeps its settings", async () => {
    const data = ["--data", "stripes.npy", "--held-out", "8", "--dt", "0.02"];
    await succeed("import", "J.npy", "--bias", "b.npy", ...data, "--out", "run");
    const evaluated = await succeed("evaluate", "run", "--steps", "20");
    expect(evaluated).toMatchObject({ images: 8, temperature: 1 });
    const sampled = await succeed("sample", "run", "--chains", "3", "--steps", "5");
    expect(parseNpy(readFileSync(at(sampled.files.states)), "states").shape).toEqual([3, UNITS]);
    const { stdout } = await nlm(["inspect", "run"], folder);
    expect(stdout).toMatch(/run, imported\n/);
    expect(stdout).toMatch(/imported from J\.npy; b\.npy\n/);
    expect(stdout).toMatch(/step-size +0\.02\n/);
    const learned = await succeed("train", "--resume", "run");
    expect(learned.update).toBe(2000);
    const other = await nlm(["import", "J.npy", "--out", "mnist"], folder);
    expect(other.stderr.replace(/\n/g, " ")).toMatch(
      /sees 36 pixels, but images of MNIST .* 28 × 28/,
    );
    expect(readdirSync(folder)).not.toContain("mnist");
  });
});

describe("nlm export", () => {
  it("gives back every bit, in every format", async () => {
    await succeed("import", "J.npy", "--bias", "b.npy", "--out", "source.safetensors");
    const npy = await succeed("export", "source.safetensors", "--format", "npy", "--out", "arrays");
    expect(npy.files).toEqual([join("arrays", "J.npy"), join("arrays", "b.npy")]);
    expect(readFileSync(at("arrays", "J.npy"))).toEqual(readFileSync(at("J.npy")));
    expect(parseNpy(readFileSync(at("arrays", "b.npy")), "b").values).toEqual(bias);
    for (const deflate of [[], ["--deflate"]]) {
      await succeed("export", "source.safetensors", "--out", "m.npz", ...deflate, "--overwrite");
      const { names, read } = openNpz(readFileSync(at("m.npz")), "m.npz");
      expect(names).toEqual(["J", "b"]);
      expect(names.map((name) => read(name).values)).toEqual([couplings, bias]);
    }
    await succeed("import", "m.npz", "--out", "back.safetensors");
    await succeed("export", "back.safetensors", "--out", "end.safetensors");
    expect(machineIn("end.safetensors")).toEqual({ units: UNITS, couplings, bias });
    const again = await nlm(["export", "source.safetensors", "--out", "m.npz"], folder);
    expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/file m\.npz already/)]);
  });
});

const python = findNumpy();

describe.skipIf(!python)("NumPy", () => {
  const run = (...lines: string[]) =>
    execFileSync(python!, ["-c", ["import numpy as np", ...lines].join("\n")], {
      cwd: folder,
      encoding: "utf8",
    }).trim();

  it("reads what is exported, and writes what is imported", async () => {
    await succeed("import", "J.npy", "--bias", "b.npy", "--out", "n.safetensors");
    await succeed("export", "n.safetensors", "--out", "n.npz", "--deflate");
    await succeed("export", "n.safetensors", "--out", "n");
    const same = run(
      "z, J, b = np.load('n.npz'), np.load('n/J.npy'), np.load('n/b.npy')",
      "assert z['J'].dtype == J.dtype == np.float32 and J.shape == (36, 36) and b.shape == (36,)",
      "assert (z['J'] == J).all() and (z['b'] == b).all()",
      "np.save('fortran.npy', np.asfortranarray(J.astype('f8')))",
      "np.save('big.npy', J.astype('>f4'))",
      "np.savez('stored.npz', J=J, b=b)",
      "np.savez_compressed('deflated.npz', W=np.asfortranarray(J), bias=b.reshape(-1, 1))",
      "print((J == np.load('J.npy')).all() and (b == np.load('b.npy')[0]).all())",
    );
    expect(same).toBe("True");
    for (const name of ["fortran.npy", "big.npy", "stored.npz", "deflated.npz"]) {
      const own = name.endsWith(".npy") ? ["--bias", "b.npy"] : [];
      await succeed("import", name, ...own, "--out", "from.safetensors", "--overwrite");
      expect(machineIn("from.safetensors"), name).toEqual({ units: UNITS, couplings, bias });
    }
  });
});
