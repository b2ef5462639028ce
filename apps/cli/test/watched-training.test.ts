// A training that is watched: evaluated along its way, ended by a measure, and read by TensorBoard's own reader.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy, parsePng } from "@neural-langevin/datasets";
import { type MetricsRow, parseMetrics } from "@neural-langevin/runs";
import { findNumpy } from "@neural-langevin/tooling/numpy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const rowsOf = (...names: string[]): MetricsRow[] =>
  parseMetrics(readFileSync(at(...names), "utf8"), names.join("/"));

const settings = [
  "--data",
  "images.npy",
  "--held-out",
  "10",
  "--chains",
  "12",
  "--batch",
  "8",
  "--updates",
  "60",
  "--checkpoint-every",
  "20",
  "--evaluate-every",
  "25",
  "--backend",
  "cpu",
  "--threads",
  "1",
  "--tensorboard",
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nlm-watched-"));
  const pixels = Uint8Array.from({ length: 60 * 36 }, (_, place) => (place * 7919) ** 2 % 251);
  writeFileSync(at("images.npy"), encodeNpy(pixels, [60, 6, 6]));
  const { status, stderr } = await nlm(["train", ...settings, "--out", "whole"], folder);
  expect(status, stderr).toBe(0);
  expect(stderr.match(/^Update \d+, held-out: A_S .*A_T .*E⁽²⁾ /gm)).toHaveLength(4);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What TensorBoard reads of a run. */
interface Events {
  readonly scalars: Readonly<Record<string, [step: number, value: number, time: number][]>>;
  readonly images: Readonly<
    Record<string, [step: number, width: number, height: number, png: string][]>
  >;
  readonly histograms: Readonly<Record<string, [step: number, count: number, counted: number][]>>;
}
const python = findNumpy("tensorboard");
const eventsOf = (run: string): Events => {
  const script = fileURLToPath(new URL("tensorboard-scalars.py", import.meta.url));
  const output = execFileSync(python!, [script, at(run, "tensorboard")], { encoding: "utf8" });
  return JSON.parse(output) as Events;
};
/** Steps and values of the rows of a run, as a reader of single precision has them. */
const pointsOf = (rows: readonly MetricsRow[], name: string) =>
  rows.map((row) => [row.update, Math.fround(row[name]!)]);

describe("nlm train --evaluate-every", () => {
  it("keeps what nlm evaluate says of the same checkpoint", async () => {
    const rows = rowsOf("whole", "evaluations.jsonl");
    expect(rows.map(({ update }) => update)).toEqual([0, 25, 50, 60]);
    const { stdout } = await nlm(
      ["evaluate", "whole", "--checkpoint", "60", "--backend", "cpu", "--threads", "1", "--json"],
      folder,
    );
    const { A_S, A_T, AAI, covarianceError, standardErrors } = JSON.parse(stdout);
    expect(rows.at(-1)).toMatchObject({ images: 10, A_S, A_T, AAI, E2: covarianceError });
    expect(rows.at(-1)!.E2_error).toBe(standardErrors.covarianceError);
  });

  it("ends by its patience, and refuses what cannot be", async () => {
    const more = ["--patience", "1", "--out", "impatient", "--json"];
    const { status, stdout, stderr } = await nlm(["train", ...settings, ...more], folder);
    expect(status, stderr).toBe(0);
    const { update, stopped } = JSON.parse(stdout);
    expect(stopped).toMatchObject({ update, measure: "AAI" });
    expect(update).toBeLessThan(60);
    for (const [flags, why] of [
      [["--held-out", "1"], /at least 2 images that were kept back, but 1 were/],
      [["--patience", "2", "--evaluate-every", "0"], /evaluate-every is 0/],
    ] as const) {
      const refused = await nlm(["train", ...settings, ...flags, "--out", "never"], folder);
      expect(refused.status).toBe(2);
      expect(refused.stderr.replace(/\s+/g, " ")).toMatch(why);
      expect(existsSync(at("never"))).toBe(false);
    }
  });
});

it("nlm train --from begins with a machine, and keeps its hash", async () => {
  const args = [
    "train",
    ...settings,
    "--from",
    "whole",
    "--evaluate-every",
    "60",
    "--out",
    "tuned",
  ];
  const { status, stderr } = await nlm(args, folder);
  expect(status, stderr).toBe(0);
  const { from } = JSON.parse(readFileSync(at("tuned", "manifest.json"), "utf8"));
  const file = at("whole", "checkpoints", "000000060.safetensors");
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  expect(from).toEqual({ file: realpathSync(file), sha256 });
  // What it begins with is what the other training ended with.
  const [first, last] = [
    rowsOf("tuned", "evaluations.jsonl")[0],
    rowsOf("whole", "evaluations.jsonl").at(-1),
  ];
  expect({ ...first, update: 60 }).toEqual(last);
  const gained = await nlm(
    ["train", ...settings, "--from", "whole", "--gain", "1", "--out", "no"],
    folder,
  );
  expect(gained.stderr.replace(/\s+/g, " ")).toMatch(/gain only affects a training from scratch/);
});

describe.skipIf(!python)("event files, read by TensorBoard", () => {
  it("hold the measures, the chains as images and histograms of the parameters", () => {
    const { scalars, images, histograms } = eventsOf("whole");
    const [metrics, evaluations] = [
      rowsOf("whole", "metrics.jsonl"),
      rowsOf("whole", "evaluations.jsonl"),
    ];
    const values = (tag: string) => scalars[tag]!.map(([step, value]) => [step, value]);
    expect(values("training/dataEnergy")).toEqual(pointsOf(metrics, "dataEnergy"));
    expect(values("training errors/chainEnergy")).toEqual(pointsOf(metrics, "chainEnergy_error"));
    expect(values("held-out/A_T")).toEqual(pointsOf(evaluations, "A_T"));
    expect(values("held-out errors/E2")).toEqual(pointsOf(evaluations, "E2_error"));
    const [, width, height, png] = images.chains!.at(-1)!;
    // Eight images in the first row, four in the second, with lines between them.
    expect([width, height]).toEqual([8 * 7 - 1, 2 * 7 - 1]);
    const picture = parsePng(Buffer.from(png, "hex"), "chains");
    expect([picture.width, picture.height]).toEqual([width, height]);
    expect(histograms.couplings!.at(-1)).toEqual([60, 36 * 35, 36 * 35]);
    expect(histograms.bias!.at(-1)).toEqual([60, 36, 36]);
  });

  it("have every update once where the training was killed and went on", async () => {
    const endless = settings.map((one) => (one === "60" ? "1000000" : one));
    const { child, ended } = start(["train", ...endless, "--out", "killed"], folder);
    while (!existsSync(at("killed", "checkpoints", "000000040.safetensors"))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGKILL");
    await ended;
    const last = Number(readdirSync(at("killed", "checkpoints")).sort().at(-1)!.slice(0, 9));
    const resumed = ["train", "--resume", "killed", "--updates", String(last + 30)];
    const { status, stderr } = await nlm(resumed, folder);
    expect(status, stderr).toBe(0);
    const files = readdirSync(at("killed", "tensorboard"));
    expect(files).toHaveLength(2);
    const { scalars } = eventsOf("killed");
    const steps = (tag: string) => scalars[tag]!.map(([step]) => step);
    const metrics = rowsOf("killed", "metrics.jsonl").map(({ update }) => update);
    const evaluations = rowsOf("killed", "evaluations.jsonl").map(({ update }) => update);
    expect(steps("training/dataEnergy")).toEqual(metrics);
    expect(steps("held-out/A_T")).toEqual(evaluations);
    expect(metrics.at(-1)).toBe(last + 30);
  });
});
