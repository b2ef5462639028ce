// Numbers that are not pixels: learned by an encoding with a name, sampled in their own units, and refused with their
// place; trajectories, conditions and tempering. Without couplings a machine's units are independent, x ~ N(b, T), so
// that what the commands write has known means and deviations.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, parseNpy } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const array = (...names: string[]) => parseNpy(readFileSync(at(...names)), names.join("/"));
const run = async (...args: string[]) => {
  const { status, stdout, stderr } = await nlm(
    [...args, "--backend", "reference", "--json"],
    folder,
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};
const fails = async (...args: string[]) => {
  const { status, stderr } = await nlm([...args, "--backend", "reference"], folder);
  expect(status).not.toBe(0);
  expect(stderr).not.toContain("This is a bug");
  return stderr.replace(/\s+/g, " ");
};
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const small = ["--updates", "2", "--chains", "5", "--batch", "5", "--held-out", "4"];
const bias = Float32Array.of(1, -2, 0.5);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-real-"));
  const rows = Array.from({ length: 20 }, (_, row) => {
    const kind = row % 2 === 0 ? "rest" : "move";
    return `${1000 + 100 * Math.sin(row)},${Math.cos(row) / 100},${7},${kind}`;
  });
  writeFileSync(at("rates.csv"), `fast,slow,still,state\n${rows.join("\n")}\n`);
  writeFileSync(at("missing.csv"), "a,b\n1,2\n3,NaN\n");
  const numbers = Float32Array.from({ length: 40 * 6 }, (_, place) => 3 + Math.sin(place));
  writeFileSync(at("numbers.npy"), encodeNpy(numbers, [40, 2, 3]));
  const kinds = Int32Array.from({ length: 40 }, (_, sample) => sample % 3);
  writeFileSync(at("kinds.npy"), encodeNpy(kinds, [40]));
  const couplings = new Float32Array(9);
  const encoding = {
    name: "z-score",
    parameters: { mean: [10, 20, 30], deviation: [1, 2, 3], range: [0, 50] },
  };
  const network = { units: 3, couplings, bias, encoding, shape: [3] };
  writeFileSync(at("machine.safetensors"), encodeNetwork(network));
  writeFileSync(
    at("own.safetensors"),
    encodeNetwork({ ...network, encoding: { name: "mine", parameters: {} } }),
  );
  writeFileSync(at("start.npy"), encodeNpy(Float32Array.of(5, 6, 7, 8, 9, 10), [2, 3]));
  writeFileSync(at("mask.npy"), encodeNpy(Uint8Array.of(1, 0, 1), [3]));
  writeFileSync(at("all.npy"), encodeNpy(Uint8Array.of(1, 1, 1), [3]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm train", () => {
  it("learns a table by its encoding, and says what teaches nothing", async () => {
    const args = ["--data", "rates.csv", "--encoding", "z-score", "--label-column", "state"];
    const { status, stderr } = await nlm(
      ["train", ...args, ...small, "--out", "table", "--backend", "reference"],
      folder,
    );
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("3 units, 16 samples of ");
    expect(stderr).toMatch(/^Labels: 0 \w+, 1 \w+\.$/m);
    expect(stderr).toContain("1 of 3 numbers are the same in every sample: still.");
    const { data } = JSON.parse(readFileSync(at("table", "manifest.json"), "utf8"));
    expect([data.shape, data.columns, data.encoding.name]).toEqual([
      [3],
      ["fast", "slow", "still"],
      "z-score",
    ]);
    const { files } = await run(
      "sample",
      "table",
      "--chains",
      "6",
      "--steps",
      "5",
      "--out",
      "of-table",
    );
    expect(files.grid).toBeUndefined();
    const values = array("of-table", "values.npy");
    expect(values.shape).toEqual([6, 3]);
    // In the units of the table: a thousand, a hundredth, and seven.
    expect(mean(values.values.filter((_, place) => place % 3 === 0))).toBeGreaterThan(700);
    const evaluation = await run("evaluate", "table", "--steps", "5");
    expect(evaluation.images).toBe(4);
  });

  it("keeps the shape of samples, and takes labels from a file", async () => {
    const args = ["--data", "numbers.npy", "--encoding", "identity", "--labels-file", "kinds.npy"];
    await run("train", ...args, ...small, "--labels", "0,2", "--out", "shaped");
    await run("sample", "shaped", "--chains", "4", "--steps", "3", "--out", "of-shaped");
    expect(existsSync(at("of-shaped", "grid.png"))).toBe(true);
    const goes = await run("train", "--resume", "shaped");
    expect(goes.update).toBe(2);
  });

  it("says where scales lie far apart", async () => {
    const args = ["--data", "rates.csv", "--encoding", "identity", "--label-column", "state"];
    const { stderr } = await nlm(
      ["train", ...args, ...small, "--dt", "1e-6", "--out", "apart", "--backend", "reference"],
      folder,
    );
    expect(stderr.replace(/\s+/g, " ")).toMatch(
      /scales up to .* times apart; --encoding z-score makes them alike/,
    );
  });

  it("refuses what cannot be learned, with the file, the place and the remedy", async () => {
    const train = (...args: string[]) => fails("train", ...args, ...small, "--out", "never");
    const grey = await train("--data", "numbers.npy");
    expect(grey).toMatch(
      /numbers\.npy: floats must lie from 0 to 1, but there is 3 at \[0, 0, 0\]/,
    );
    expect(grey).toMatch(/take the encoding z-score or identity/);
    expect(await train("--data", "missing.csv", "--encoding", "identity")).toMatch(
      /missing\.csv lacks the number at line 3, column b \(NaN\).*missing: pin/,
    );
    expect(await train("--data", "rates.csv", "--encoding", "z-score")).toMatch(
      /has "rest" in line 2, column state, which is not a number/,
    );
    expect(await train("--data", "numbers.npy", "--encoding", "fourier")).toMatch(
      /--encoding takes one of atanh, scale, z-score, identity, not "fourier"/,
    );
    expect(existsSync(at("never"))).toBe(false);
  });
});

describe("nlm sample", () => {
  const sample = (...args: string[]) =>
    run("sample", "machine.safetensors", ...args, "--dt", "0.1");

  it("decodes states into the units of the data", async () => {
    await sample("--chains", "400", "--steps", "60", "--out", "decoded");
    const { values } = array("decoded", "values.npy");
    // x ~ N(b, 1) in every unit, and the numbers are mean + deviation · x.
    for (const [unit, [centre, deviation]] of [
      [10, 1],
      [20, 2],
      [30, 3],
    ].entries()) {
      const own = values.filter((_, place) => place % 3 === unit);
      expect(Math.abs(mean(own) - (centre! + deviation! * bias[unit]!))).toBeLessThan(
        0.25 * deviation!,
      );
    }
  });

  it("writes a trajectory, frame by frame, after a burn-in", async () => {
    const way = ["--every", "10", "--burn-in", "20", "--steps", "45"];
    const { frames } = await sample("--chains", "7", ...way, "--out", "way");
    expect(frames).toEqual({ count: 4, every: 10 });
    expect(array("way", "trajectory.npy").shape).toEqual([4, 7, 3]);
    expect(array("way", "energies.npy").shape).toEqual([4, 7]);
    // The frames are states on the way to the end: chains that stop there are those of the frame.
    await sample("--chains", "7", "--steps", "60", "--out", "end");
    const end = [...array("end", "states.npy").values];
    expect([...array("way", "trajectory.npy").values].slice(-21)).toEqual(end);
  });

  it("starts where it is told, and keeps what is pinned to the bit", async () => {
    await sample(
      "--chains",
      "4",
      "--steps",
      "30",
      "--start",
      "start.npy",
      "--pin",
      "mask.npy",
      "--out",
      "pinned",
    );
    const { values } = array("pinned", "states.npy");
    for (let chain = 0; chain < 4; chain++) {
      const given = chain % 2 === 0 ? [5, 7] : [8, 10];
      expect([values[3 * chain], values[3 * chain + 2]]).toEqual(given);
      // The free unit has come far from where it began.
      expect(Math.abs(values[3 * chain + 1]! - -2)).toBeLessThan(4);
    }
  });

  it("starts at numbers like those that it learned", async () => {
    writeFileSync(at("new.csv"), "fast,slow,still\n1000,0.01,7\n2000,0.03,7\n");
    writeFileSync(at("first.npy"), encodeNpy(Uint8Array.of(1, 0, 1), [3]));
    const args = ["--chains", "4", "--steps", "9", "--start", "data:new.csv", "--pin", "first.npy"];
    await run("sample", "table", ...args, "--out", "like");
    const { values } = array("like", "values.npy");
    const fast = values.filter((_, place) => place % 3 === 0);
    for (const [chain, value] of fast.entries())
      expect(value).toBeCloseTo(1000 * (1 + (chain % 2)), 2);
    writeFileSync(at("narrow.csv"), `fast,slow\n${"1,2\n3,5\n".repeat(9)}`);
    expect(await fails("sample", "table", "--start", "data:narrow.csv", "--out", "never")).toMatch(
      /The machine sees 3 numbers, but samples of .*narrow\.csv have 2 numbers/,
    );
    const other = ["--data", "narrow.csv", ...small];
    expect(await fails("train", "--from", "table", ...other, "--out", "never")).toMatch(
      /narrow\.csv has samples of 2 numbers, but the encoding z-score was fitted to samples of 3/,
    );
  });

  it("says the mean energy at every temperature", async () => {
    const args = ["--chains", "6", "--steps", "9", "--temperature", "0.5,2"];
    const { energies, temperatures } = await sample(...args, "--out", "several");
    expect(temperatures).toEqual([0.5, 2]);
    const own = array("several", "states.npy");
    expect(own.shape).toEqual([6, 3]);
    expect(energies.map(({ temperature }: { temperature: number }) => temperature)).toEqual([
      0.5, 2,
    ]);
    expect(energies[0].energy.value).toBeLessThan(energies[1].energy.value);
  });

  it("starts at the data of a run, at the chains of its training, and at noise", async () => {
    for (const start of ["data", "chains", "noise"]) {
      await run(
        "sample",
        "table",
        "--chains",
        "5",
        "--steps",
        "1",
        "--dt",
        "1e-9",
        "--from",
        start,
        "--thin",
        "1",
        "--out",
        start,
      );
      expect(array(start, "trajectory.npy").shape).toEqual([1, 5, 3]);
    }
    const noise = array("noise", "states.npy").values;
    expect(noise.every((x) => Math.abs(x) < 5)).toBe(true);
    expect(noise).not.toEqual(array("chains", "states.npy").values);
    const manifest = JSON.parse(readFileSync(at("table", "manifest.json"), "utf8"));
    const [centre] = manifest.data.encoding.parameters.mean;
    // Learned samples lie within 100 of the mean; so they still do after a step that takes no time.
    const first = array("data", "values.npy").values.filter((_, place) => place % 3 === 0);
    expect(first.every((value) => Math.abs(value - centre) < 201)).toBe(true);
  });

  it("tempers: cold chains of every ladder, and how the swaps went", async () => {
    const told = await sample(
      "--chains",
      "6",
      "--steps",
      "200",
      "--every",
      "40",
      "--tempering",
      "0.5,1,2",
      "--out",
      "tempered",
    );
    expect(array("tempered", "trajectory.npy").shape).toEqual([5, 6, 3]);
    expect(array("tempered", "states.npy").shape).toEqual([6, 3]);
    const { temperatures, accepted, acceptedErrors, roundTrips, roundTripsError } = told.tempering;
    expect([temperatures[0], temperatures[2]]).toEqual([0.5, 2]);
    expect(accepted.every((share: number) => share > 0.2 && share <= 1)).toBe(true);
    expect(acceptedErrors.every((error: number) => error > 0.01 && error < 0.3)).toBe(true);
    expect(roundTrips).toBeGreaterThan(0);
    expect(roundTripsError).toBeGreaterThan(0);
    const record = JSON.parse(readFileSync(at("tempered", "sample.json"), "utf8"));
    expect(record.tempering).toEqual(told.tempering);
  });

  it("leaves states as they are where a program's own encoding made them", async () => {
    const { stdout, status } = await nlm(
      [
        "sample",
        "own.safetensors",
        "--steps",
        "2",
        "--chains",
        "2",
        "--out",
        "own",
        "--backend",
        "reference",
      ],
      folder,
    );
    expect(status).toBe(0);
    expect(stdout).toContain("The encoding mine is unknown here; states are not decoded.");
    expect(existsSync(at("own", "values.npy"))).toBe(false);
  });

  it("learns what is known of data with gaps, and keeps whole samples back", async () => {
    const gaps = Array.from({ length: 24 }, (_, row) =>
      row % 2 === 0 ? `${row},${Math.sin(row)}` : `,${Math.cos(row)}`,
    );
    writeFileSync(at("gaps.csv"), `a,b\n${gaps.join("\n")}\n`);
    const plain = ["train", "--data", "gaps.csv", "--encoding", "z-score", ...small];
    expect(await fails(...plain, "--out", "refused")).toMatch(
      /lacks the number at line 3, column a .*missing: pin/,
    );
    const ladder = ["--negative-phase", "tempering-2", "--ladder", "1,1.5,2", "--clip", "0.5"];
    const trained = await run(...plain, "--missing", "pin", ...ladder, "--out", "gapped");
    expect(trained.swapRate).toBeGreaterThanOrEqual(0);
    expect(trained.swapRate_error).toBeGreaterThanOrEqual(0);
    const split = JSON.parse(readFileSync(at("gapped", "split.json"), "utf8"));
    expect(split.heldOut.every((place: number) => place % 2 === 0)).toBe(true);
    expect(readFileSync(at("gapped", "figures", "training.csv"), "utf8")).toMatch(
      /^plot,series,updates,value\nMean energy E,data,1,/,
    );
    const evaluation = ["evaluate", "gapped", "--steps", "20", "--tempering", "1,1.5,2"];
    const watch = ["--equilibrium", "--frames", "16", "--every", "2", "--out", "measured"];
    const { tempered } = await run(...evaluation, ...watch);
    expect(tempered.accepted.length).toBe(2);
    const traces = readFileSync(at("measured", "traces.csv"), "utf8").trim().split("\n");
    expect(traces.length).toBe(1 + 16 * 4);
    expect(await fails(...evaluation, ...watch)).toContain("--overwrite");
  });

  it("finds a learning rate, and writes no run", async () => {
    const wanted = ["train", "--data", "numbers.npy", "--encoding", "z-score", ...small];
    const found = await run(...wanted, "--find-rate", "--stop-on", "E2", "--out", "rates");
    expect(found.tried.length).toBeGreaterThan(5);
    expect(found).toMatchObject({ measure: "E2", updates: 2 });
    expect(found.tried.map(({ rate }: { rate: number }) => rate)).toContain(found.rate);
    for (const file of found.files) expect(existsSync(at(file))).toBe(true);
    expect(existsSync(at("rates", "manifest.json"))).toBe(false);
    expect(await fails("train", "--resume", "rates", "--find-rate")).toMatch(/--find-rate tries/);
  });

  it("refuses what contradicts itself or does not fit", async () => {
    const sampling = (...args: string[]) =>
      fails("sample", "machine.safetensors", "--steps", "5", ...args, "--out", "never");
    for (const [args, problem] of [
      [
        ["--pin", "mask.npy"],
        /--pin only works with --start, which gives the values to keep.*--start data/,
      ],
      [["--burn-in", "5"], /--burn-in only works with --every/],
      [
        ["--tempering", "1,2", "--cool"],
        /cooled from one temperature, but tempering gives them several/,
      ],
      [["--tempering", "2,1"], /temperatures must ascend, but 1 follows 2/],
      [["--tempering", "1,x"], /--tempering takes a number of at least 0, not "x"/],
      [["--tempering", "1,2", "--every", "30"], /not a multiple of that.*every 40/],
      [["--start", "data"], /is not in a run, so it is not known what it learned/],
      [["--start", "chains"], /is not a checkpoint/],
      [
        ["--start", "numbers.npy"],
        /has the shape \(40, 2, 3\), where states of this machine are \(chains, 3\)/,
      ],
      [["--start", "nowhere.npy"], /There is no file nowhere\.npy.*noise, chains, data, data:FILE/],
      [["--every", "9"], /every 9 steps is wanted, but there are 5 steps/],
      [
        ["--start", "start.npy", "--pin", "kinds.npy"],
        /kinds\.npy marks 40 units, but the machine has 3/,
      ],
      [["--start", "start.npy", "--pin", "all.npy"], /all\.npy pins every unit/],
    ] as const) {
      expect(await sampling(...args)).toMatch(problem);
    }
  });
});
