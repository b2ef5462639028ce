// A trained machine by its path: a run, whose latest checkpoint counts, or a safetensors file.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import { recognizeFormat, wrongFormat } from "@neural-langevin/datasets";
import { decodeMachine, type Machine } from "@neural-langevin/runs";
import { isRun, openRun, type RunFolder, readWhole } from "@neural-langevin/runs/node";
import { completeSettings, readSettings, type TrainingConfig } from "./settings.js";

/** A machine and what is known about it. */
export interface LoadedMachine {
  readonly machine: Machine;
  /** The file that it was read from. */
  readonly file: string;
  /** The settings it was trained with, when it comes from a run; else the defaults. */
  readonly config: TrainingConfig;
  /** The size of its images; absent when the units make no square and nobody says. */
  readonly image: { width: number; height: number } | undefined;
}

/**
 * Loads a machine.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function loadMachine(path: string): Promise<LoadedMachine> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There is no run or file ${path}.`,
      "Name the folder of a run, or a safetensors file with the tensors couplings and bias.",
    );
  }
  if (!entry.isDirectory()) {
    if (/\.np[yz]$/i.test(path)) {
      throw new LangevinError(
        "unsupported",
        `${path} holds arrays of NumPy, and not a machine yet.`,
        `Make one of them with nlm import ${path}.`,
      );
    }
    const machine = await readMachine(path);
    const side = Math.sqrt(machine.units);
    const image = Number.isInteger(side) ? { width: side, height: side } : undefined;
    return { machine, file: path, config: completeSettings({}), image };
  }
  if (!(await isRun(path))) {
    throw new LangevinError(
      "not-found",
      `The folder ${path} is not a run: it has no manifest.json.`,
      "Name the folder of a run, or a safetensors file.",
    );
  }
  const run = await openRun(path);
  const { width, height } = (await run.readManifest()).data;
  const file = await run.checkpointFile();
  const machine = await readMachine(file);
  return { machine, file, config: await readRunConfig(run), image: { width, height } };
}

async function readMachine(file: string): Promise<Machine> {
  const bytes = await readWhole(file);
  const format = recognizeFormat(bytes, file);
  if (format === "safetensors" || format === "unknown") return decodeMachine(bytes, file);
  throw wrongFormat(bytes, file, "a safetensors file");
}

/** The settings of a run. */
export async function readRunConfig(run: RunFolder): Promise<TrainingConfig> {
  const file = `${run.path}/config.yaml`;
  const { scale: _, ...given } = await run.readConfig();
  return completeSettings(readSettings(given, (name) => `${file}: ${name}`));
}
