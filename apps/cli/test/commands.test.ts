// What people do with the command line, on small images of stripes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, parseNpy, parsePng } from "@neural-langevin/datasets";
import { decodeCheckpoint } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { run } from "../src/index.js";
import { nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const small = [
  "--data",
  "stripes.npy",
  "--held-out",
  "8",
  "--chains",
  "8",
  "--batch",
  "8",
  "--threads",
  "2",
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-cli-"));
  // Sixty images of 6 × 6 pixels with vertical stripes at one of three places.
  const pixels = Uint8Array.from({ length: 60 * 36 }, (_, place) => {
    const image = Math.floor(place / 36);
    return (place + image) % 3 === 0 ? 230 + (image % 20) : 20;
  });
  writeFileSync(at("stripes.npy"), encodeNpy(pixels, [60, 6, 6]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm train", () => {
  it("writes a run with its resolved settings, metrics, checkpoint and curve", async () => {
    const args = ["train", ...small, "--updates", "60", "--dt", "0.05", "--out", "run", "--json"];
    const { status, stdout } = await nlm(args, folder);
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(result.update).toBe(60);
    const config = parse(readFileSync(at("run", "config.yaml"), "utf8"));
    expect(config).toMatchObject({ "step-size": 0.05, chains: 8, "negative-phase": "pcd-10" });
    expect(readdirSync(at("run", "checkpoints"))).toEqual(["000000060.safetensors"]);
    expect(parsePng(readFileSync(at(result.curve)), "curve").width).toBeGreaterThan(500);
    const manifest = JSON.parse(readFileSync(at("run", "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ state: "finished", threads: 2 });
    expect(manifest.backend).toMatch(/^cpu:(avx512|avx2|neon|relaxed|plain)$/);
  });

  it("does not overwrite a run unless it is told to", async () => {
    const args = ["train", ...small, "--updates", "5", "--out", "kept"];
    expect((await nlm(args, folder)).status).toBe(0);
    const refused = await nlm(args, folder);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/There is a run in kept already/);
    expect((await nlm([...args, "--overwrite"], folder)).status).toBe(0);
  });

  it("takes settings from YAML, and flags before them", async () => {
    writeFileSync(
      at("settings.yaml"),
      "data: stripes.npy\nheld-out: 8\nchains: 4\nbatch: 8\nupdates: 9\n",
    );
    const args = ["train", "--config", "settings.yaml", "--updates", "3", "--out", "yaml"];
    expect((await nlm(args, folder)).status).toBe(0);
    const config = parse(readFileSync(at("yaml", "config.yaml"), "utf8"));
    expect(config).toMatchObject({ chains: 4, updates: 3 });
    writeFileSync(at("wrong.yaml"), "chains: many\n");
    const wrong = await nlm(["train", "--config", "wrong.yaml"], folder);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(
      /wrong\.yaml: chains takes a whole number of at least 1, not "many"/,
    );
  });

  it("stopped by Ctrl-C writes a checkpoint, says how to go on, and then gives the same bits", async () => {
    const settings = [...small, "--updates", "6000", "--checkpoint-every", "100000"];
    const whole = await nlm(["train", ...settings, "--out", "whole"], folder);
    expect(whole.status).toBe(0);

    const { child, ended, stderr } = start(["train", ...settings, "--out", "parts"], folder);
    while (!stderr().includes("Training:")) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toMatch(/Stopped after update \d+; the checkpoint is/);
    expect(stopped.stderr.replace(/\n/g, " ")).toMatch(/Go on with: nlm train --resume parts/);
    const update = Number(/after update (\d+)/.exec(stopped.stderr)![1]);
    expect(update).toBeLessThan(6000);

    expect((await nlm(["train", "--resume", "parts"], folder)).status).toBe(0);
    const [expected, found] = ["whole", "parts"].map((run) => {
      const file = at(run, "checkpoints", "000006000.safetensors");
      return decodeCheckpoint(readFileSync(file), file);
    });
    expect(found).toEqual(expected);
  });

  it("that diverges says so, keeps the last good state, and exits 3", async () => {
    const args = ["train", ...small, "--updates", "300", "--dt", "9", "--out", "diverged"];
    const { status, stderr } = await nlm(args, folder);
    expect(status).toBe(3);
    expect(stderr.replace(/\n/g, " ")).toMatch(
      /diverged at update \d+.*Try a smaller step size than 9/,
    );
    const [name] = readdirSync(at("diverged", "checkpoints"));
    const file = at("diverged", "checkpoints", name!);
    expect(decodeCheckpoint(readFileSync(file), file).chains.every(Number.isFinite)).toBe(true);
  });
});

describe("nlm demo", () => {
  it("goes on with demos only, and says how to go on with another run", async () => {
    const { status, stderr } = await nlm(["demo", "--resume", "run"], folder);
    expect(status).toBe(2);
    expect(stderr.replace(/\n/g, " ")).toMatch(
      /The run run is not a demo\. Go on with: nlm train --resume run/,
    );
  });
});

describe("nlm sample", () => {
  it("writes states and a picture, and never overwrites them unasked", async () => {
    const args = ["sample", "run", "--chains", "10", "--steps", "30", "--cool", "--json"];
    const { status, stdout } = await nlm(args, folder);
    expect(status).toBe(0);
    const { files, chains, meanEnergy } = JSON.parse(stdout);
    expect(chains).toBe(10);
    expect(meanEnergy).toBeGreaterThanOrEqual(0);
    expect(parseNpy(readFileSync(at(files.states)), "states").shape).toEqual([10, 36]);
    expect(parsePng(readFileSync(at(files.grid)), "grid").height).toBeGreaterThan(18);
    const again = await nlm(args, folder);
    expect(again.status).toBe(2);
    expect(JSON.parse(again.stdout).error.code).toBe("exists");
  });

  it("takes a safetensors file as well, and the seed decides", async () => {
    const file = join("run", "checkpoints", "000000060.safetensors");
    const sampled = async (seed: string, out: string) => {
      const args = ["sample", file, "--chains", "3", "--steps", "5", "--seed", seed, "--out", out];
      expect((await nlm(args, folder)).status).toBe(0);
      return parseNpy(readFileSync(at(out, "states.npy")), "states").values;
    };
    const first = await sampled("1", "a");
    expect(await sampled("1", "b")).toEqual(first);
    expect(await sampled("2", "c")).not.toEqual(first);
  });
});

describe("nlm evaluate, inspect and backends", () => {
  it("measure a run", async () => {
    const { status, stdout } = await nlm(["evaluate", "run", "--steps", "50", "--json"], folder);
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.images).toBe(8);
    for (const name of ["A_S", "A_T"]) expect(result[name]).toBeLessThanOrEqual(1);
    expect(result.virialRatio).toBeGreaterThan(0);
  });

  it("say what is in files", async () => {
    const machine = join("run", "checkpoints", "000000060.safetensors");
    expect((await nlm(["inspect", machine], folder)).stdout).toMatch(/couplings +float32 36 × 36/);
    expect((await nlm(["inspect", "stripes.npy"], folder)).stdout).toMatch(
      /NPY\n +values +uint8 60 × 6 × 6/,
    );
    const { stdout } = await nlm(["inspect", "run"], folder);
    expect(stdout).toMatch(/run, finished/);
    // Those of a negative phase with feedback count, and those of other ones do not.
    expect(stdout).toMatch(/negative-phase +pcd-10\n/);
    expect(stdout).toMatch(/restart-every +0\n/);
    expect(stdout).not.toMatch(/burn-in|thin|ladder|label-kinds|patience|stop-on/);
  });

  it("say what computes", async () => {
    const { stdout } = await nlm(["backends", "--json"], folder);
    const { backends } = JSON.parse(stdout);
    const [cpu, reference] = ["cpu", "reference"].map((id) =>
      backends.find((row: { id: string }) => row.id === id),
    );
    expect(cpu).toMatchObject({ id: "cpu", available: true, device: { precision: "float32" } });
    expect(cpu.modes.find(({ mode }: { mode: string }) => mode === "plain").available).toBe(true);
    expect(reference).toMatchObject({ id: "reference", available: true });
  });

  it("compute on the backend that is named", async () => {
    const args = ["sample", "run", "--chains", "2", "--steps", "3", "--out"];
    for (const backend of ["cpu:plain", "reference"]) {
      const out = backend.replace(":", "-");
      expect((await nlm([...args, out, "--backend", backend], folder)).status).toBe(0);
    }
    const [a, b] = ["cpu-plain", "reference"].map(
      (out) => parseNpy(readFileSync(at(out, "states.npy")), out).values,
    );
    a!.forEach((value, place) => {
      expect(value).toBeCloseTo(b![place]!, 4);
    });
  });
});

describe("help", () => {
  /** The help of a command, or of the program. */
  const helpOf = async (...command: readonly string[]): Promise<string> => {
    let text = "";
    const status = await run([...command, "--help"], {
      stdout: { write: (part) => (text += part) },
      stderr: process.stderr,
      interrupted: new AbortController().signal,
    });
    expect(status).toBe(0);
    return text;
  };

  it("is there for everything, with examples of options that there are", async () => {
    const { stdout, status } = await nlm([], folder);
    expect(status).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}(\w+) (?=.* {2})/gm)].map(([, name]) => name!);
    const commands = listed.filter((name) => !["help", "nlm"].includes(name));
    expect(commands.length).toBeGreaterThanOrEqual(18);
    const helps = new Map<string, string>();
    for (const command of commands) helps.set(command, await helpOf(command));
    for (const [command, help] of [["", await helpOf()], ...helps] as const) {
      const [, examples] = help.split(/^Examples?:$/m);
      expect(examples, command).toMatch(/^\n {2}nlm /);
      for (const [line, called, words] of examples!.matchAll(/\bnlm (\w+)([^>|&\n]*)/g)) {
        for (const [, option] of words!.matchAll(/ (--[\w-]+)/g)) {
          expect(helps.get(called!), `${command}: ${line}`).toMatch(
            new RegExp(`^ +(-h, )?${option}\\b`, "m"),
          );
        }
      }
    }
  });
});
