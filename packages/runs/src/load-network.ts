// A trained network by its path: a run, whose latest checkpoint counts, or a safetensors file.
import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  encodingNames,
  encodingOf,
  pictureSize,
  recognizeFormat,
  recordOf,
  wrongFormat,
} from "@neural-langevin/datasets";
import { ifMissing } from "@neural-langevin/datasets/node";
import type { TrainedMachine } from "./dynamics.js";
import {
  decodeNetwork,
  learnedData,
  learnedFields,
  pixelsOf,
  type StoredNetwork,
} from "./machine-file.js";
import { isRun, openRun, type RunFolder } from "./run-folder.js";
import { checkpointUpdate } from "./run-layout.js";
import { completeSettings, type TrainingSettings } from "./settings.js";
import { sha256 } from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** A network and what is known about it; its settings are those of its run, else those that its file carries. */
export interface LoadedNetwork extends TrainedMachine {
  /** The file that it was read from. */
  readonly file: string;
  /** The SHA-256 of the file in hexadecimal, where it is known already. */
  readonly sha256?: string | undefined;
  /** The size of its images; undefined for samples that are none, and when the units make no square and nothing says it. */
  readonly image: { readonly width: number; readonly height: number } | undefined;
  /** The run that the network belongs to, also where one of its files was named. */
  readonly run: RunFolder | undefined;
}

/**
 * Loads the network of a run or a file.
 *
 * @param checkpoint the update of a run's checkpoint; the latest unless given
 * @throws not-found, bad-file, unsupported; invalid-value, for a checkpoint of what is a file; unavailable
 */
export async function loadNetwork(path: string, checkpoint?: number): Promise<LoadedNetwork> {
  const entry = await stat(path).catch(ifMissing(path, undefined));
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There is no run or file ${path}.`,
      "Name the folder of a run, or a safetensors file with the tensors couplings and bias.",
    );
  }
  if (entry.isDirectory()) {
    const run = await openRun(path);
    return networkOfRun(run, await run.checkpointFile(checkpoint));
  }
  if (checkpoint !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `A checkpoint is an update of a run, but ${path} is not a run.`,
      "Leave the checkpoint out, or name the folder of the run.",
    );
  }
  if (/\.np[yz]$/i.test(path)) {
    throw new LangevinError(
      "unsupported",
      `${path} holds NumPy arrays, which are not a machine yet.`,
      `Make one of them with nlm import ${path}.`,
    );
  }
  const run = await runAbove(path);
  if (run) return networkOfRun(run, path);
  const network = await readNetworkFile(path);
  const side = Math.sqrt(pixelsOf(network));
  const square = Number.isInteger(side) ? [side, side] : [];
  const image = imageOf(network.shape ?? square);
  return { network, file: path, settings: settingsOf(network), image, run: undefined };
}

/** The settings that a file carries, and the defaults of the rest. */
function settingsOf({ sampling, encoding }: StoredNetwork): TrainingSettings {
  return completeSettings({
    "step-size": sampling?.dt,
    temperature: sampling?.temperature,
    encoding: encodingNames.find((name) => name === encoding?.name),
  });
}

/** The run that a file lies in, such as a checkpoint. */
async function runAbove(file: string): Promise<RunFolder | undefined> {
  const folder = dirname(await realpath(file));
  for (const path of [folder, dirname(folder)]) if (await isRun(path)) return openRun(path);
  return undefined;
}

async function networkOfRun(run: RunFolder, file: string): Promise<LoadedNetwork> {
  const { data } = await run.readManifest();
  const { width, height, shape = [height, width] } = data;
  const read = await readNetworkFile(file).catch((error) => pointBack(error, run, file));
  // Runs of before encodings had names learned by the published one.
  const encoding = read.encoding ?? data.encoding ?? recordOf(encodingOf(undefined));
  const network = { ...read, encoding };
  if (pixelsOf(network) !== width * height) {
    throw new LangevinError(
      "bad-file",
      `${file} sees ${pixelsOf(network)} pixels, but the run ${run.path} has images of ${width} × ${height} pixels.`,
      "Move the file out of the run, or name one of its checkpoints.",
    );
  }
  return { network, file, settings: await run.readSettings(), image: imageOf(shape), run };
}

/** Throws why a file of a run cannot be read; where it is a damaged checkpoint, with those before it. */
async function pointBack(error: unknown, run: RunFolder, file: string): Promise<never> {
  const at = checkpointUpdate(basename(file));
  if (!isLangevinError(error, "bad-file") || at === undefined) throw error;
  const before = (await run.checkpoints()).filter((update) => update < at);
  if (before.length === 0) throw error;
  const remedy = `Take one before it with --checkpoint: ${before.join(", ")}.`;
  throw new LangevinError("bad-file", `The checkpoint is damaged: ${error.message}`, remedy);
}

/**
 * What a file of its own must say of a machine, so that nothing is lost when it leaves its run: the data that it learned,
 * by labels and hashes, the update, and the file that it comes from.
 *
 * @throws not-found, bad-file, unavailable
 */
export async function provenanceOf(machine: LoadedNetwork): Promise<Record<string, string>> {
  const { file, run, settings } = machine;
  const own = {
    source: file,
    source_sha256: machine.sha256 ?? (await sha256(await readWhole(file))),
  };
  if (!run) return own;
  const { data } = await run.readManifest();
  const split = await run.readSplit();
  const labels = settings.labels ?? (settings.data === "mnist" ? digits : undefined);
  const known = {
    ...own,
    update: checkpointUpdate(basename(file)),
    labels: labels?.join(","),
    data: data.source,
    data_sha256: data.sha256,
    held_out_sha256: data.heldOutSha256,
    ...(split && learnedFields(learnedData(data.sha256, split, { ...settings, labels }))),
    seed: settings.seed,
  };
  const said = Object.entries(known).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

const digits = Array.from({ length: 10 }, (_, digit) => digit);

/** The size of pictures of samples; undefined where they have no two axes. */
const imageOf = (shape: readonly number[]): LoadedNetwork["image"] =>
  shape.length === 2 ? pictureSize(shape) : undefined;

async function readNetworkFile(file: string): Promise<StoredNetwork> {
  const bytes = await readWhole(file);
  const format = recognizeFormat(bytes, file);
  if (format === "safetensors" || format === "unknown") return decodeNetwork(bytes, file);
  throw wrongFormat(bytes, file, "a safetensors file");
}
