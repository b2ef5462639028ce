// A trained network by its path: a run, whose latest checkpoint counts, or a safetensors file.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import { recognizeFormat, wrongFormat } from "@neural-langevin/datasets";
import {
  completeSettings,
  decodeNetwork,
  type StoredNetwork,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { openRun, readWhole } from "@neural-langevin/runs/node";

/** A network and what is known about it. */
export interface LoadedNetwork {
  readonly network: StoredNetwork;
  /** The file that it was read from. */
  readonly file: string;
  /** The settings it was trained with, when it comes from a run; else the defaults. */
  readonly settings: TrainingSettings;
  /** The size of its images; undefined when the units make no square and no run says it. */
  readonly image: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Loads the network of a run or a file.
 *
 * @throws not-found, bad-file, unsupported
 */
export async function loadNetwork(path: string): Promise<LoadedNetwork> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) {
    throw new LangevinError(
      "not-found",
      `There is no run or file ${path}.`,
      "Name the folder of a run, or a safetensors file with the tensors couplings and bias.",
    );
  }
  if (entry.isDirectory()) {
    const run = await openRun(path);
    const { width, height } = (await run.readManifest()).data;
    const file = await run.checkpointFile();
    const network = await readNetworkFile(file);
    return { network, file, settings: await run.readSettings(), image: { width, height } };
  }
  if (/\.np[yz]$/i.test(path)) {
    throw new LangevinError(
      "unsupported",
      `${path} holds arrays of NumPy and is not a machine yet.`,
      `Make one of them with nlm import ${path}.`,
    );
  }
  const network = await readNetworkFile(path);
  const side = Math.sqrt(pixelsOf(network));
  const image = Number.isInteger(side) ? { width: side, height: side } : undefined;
  return { network, file: path, settings: completeSettings({}), image };
}

/** Units of a machine that are pixels. */
export const pixelsOf = ({ units, labelUnits }: StoredNetwork): number =>
  labelUnits?.pixels ?? units;

async function readNetworkFile(file: string): Promise<StoredNetwork> {
  const bytes = await readWhole(file);
  const format = recognizeFormat(bytes, file);
  if (format === "safetensors" || format === "unknown") return decodeNetwork(bytes, file);
  throw wrongFormat(bytes, file, "a safetensors file");
}
