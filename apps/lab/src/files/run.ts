// A run as the lab sees it: its checkpoints, each of them a machine, what was measured while it was trained, and its
// training, where its images are in its folder.
import { LangevinError } from "@neural-langevin/core";
import { type ImageSet, imagesFromNpy, parseNpy } from "@neural-langevin/datasets";
import {
  checkpointUpdate,
  completeSettings,
  type Manifest,
  type MetricsRow,
  parseMetrics,
  parseSplit,
  prepareData,
  readSettings,
  SPLIT_FILE,
  type Split,
  type TrainingSettings,
} from "@neural-langevin/runs";
import type { ForeignTraining, TrainingTask } from "../engine/protocol.js";
import { allDigits, type Learned, type OpenedMachine } from "../state/opened-machine.js";
import { type NamedFile, nameOf } from "./named-file.js";
import { shownNetwork } from "./shown-network.js";

export interface OpenedRun {
  readonly name: string;
  /** Updates of its checkpoints, ascending. */
  readonly checkpoints: readonly number[];
  readonly rows: readonly MetricsRow[];
  /** Whether the lab can go on with its training: its images are in its folder. */
  readonly hasImages: boolean;
  /** The machine at a checkpoint. */
  machineAt(update: number): Promise<OpenedMachine>;
  /**
   * What it takes to go on with its training from the last checkpoint.
   *
   * @throws bad-file, unsupported
   */
  training(): Promise<Omit<ForeignTraining, "task"> & { readonly task: Omit<TrainingTask, "id"> }>;
}

/** The folder of a run among some files; undefined where there is none. */
export function findRun(files: readonly NamedFile[]): string | undefined {
  const manifest = files.find(({ path }) => nameOf(path) === "manifest.json");
  return manifest?.path.slice(0, -"manifest.json".length);
}

/**
 * Opens the run in a folder among some files.
 *
 * @throws bad-file, invalid-value, not-found
 */
export async function openRun(files: readonly NamedFile[], folder: string): Promise<OpenedRun> {
  const find = (name: string) => files.find(({ path }) => path === folder + name);
  const textOf = async (name: string): Promise<string> => {
    const file = find(name);
    return file ? new TextDecoder().decode(await file.bytes()) : "";
  };
  const name = folder.split("/").at(-2) ?? "run";
  const { width, height } = readManifest(await textOf("manifest.json"), name).data;
  const checkpoints = new Map<number, NamedFile>();
  for (const file of files) {
    const update = checkpointUpdate(nameOf(file.path));
    if (update !== undefined && file.path.startsWith(`${folder}checkpoints/`)) {
      checkpoints.set(update, file);
    }
  }
  const updates = [...checkpoints.keys()].sort((a, b) => a - b);
  if (updates.length === 0) {
    throw new LangevinError("not-found", `The run ${name} has no checkpoint yet.`);
  }
  const settings = await readConfig(await textOf("config.yaml"), name);
  const own = find(settings.data);
  const images = own && (await readImages(own, find("labels.npy")));
  // Older runs have none.
  const splitText = await textOf(SPLIT_FILE);
  const split = splitText ? parseSplit(splitText, `${SPLIT_FILE} of the run ${name}`) : undefined;
  const learned = await learnedOf(settings, images, split);
  const rows = parseMetrics(await textOf("metrics.jsonl"), "metrics.jsonl");
  return {
    name,
    checkpoints: updates,
    rows,
    hasImages: images !== undefined,
    async machineAt(update) {
      const file = checkpoints.get(update)!;
      const network = shownNetwork(await file.bytes(), file.path);
      return {
        ...network,
        name: `${name}, update ${update}`,
        width,
        height,
        learned,
        updates: update,
      };
    },
    async training() {
      requireTrainable(settings, name);
      if (!images) {
        throw new LangevinError(
          "not-found",
          `The images of the run ${name} are not in its folder.`,
        );
      }
      const last = updates.at(-1)!;
      return {
        task: { images, split, name, digits: undefined },
        settings,
        rows: rows.filter(({ update }) => update <= last),
        checkpoint: await checkpoints.get(last)!.bytes(),
      };
    },
  };
}

/** What of the settings the lab has no control for, it must not lose. */
function requireTrainable(settings: TrainingSettings, name: string): void {
  const phase = settings["negative-phase"];
  if (settings.missing === "pin" || settings.clip !== undefined) {
    throw new LangevinError(
      "unsupported",
      `The run ${name} ${settings.clip === undefined ? "samples missing numbers" : "clips its gradients"}, but the lab does not.`,
      "Go on with `nlm train --resume`.",
    );
  }
  if (/^(pcd|rdm)-/.test(phase) && settings.schedule !== "cosine") return;
  throw new LangevinError(
    "unsupported",
    `The run ${name} trains with ${phase} and a ${settings.schedule} learning rate, but the lab with pcd or rdm and ` +
      "a constant or linear one.",
    "Go on with `nlm train --resume`.",
  );
}

async function readConfig(text: string, name: string): Promise<TrainingSettings> {
  const { parse } = await import("yaml");
  const file = `config.yaml of the run ${name}`;
  let config: unknown;
  try {
    config = parse(text, { logLevel: "error" }) ?? {};
  } catch (error) {
    throw new LangevinError("bad-file", `${file} is not YAML: ${(error as Error).message}`);
  }
  if (typeof config !== "object" || Array.isArray(config)) {
    throw new LangevinError("bad-file", `${file} must hold settings, one \`name: value\` a line.`);
  }
  const where = (setting: string) => `${file}: ${setting}`;
  return completeSettings(readSettings(config as Record<string, unknown>, where));
}

async function readImages(file: NamedFile, labels: NamedFile | undefined): Promise<ImageSet> {
  const images = imagesFromNpy(parseNpy(await file.bytes(), file.path), file.path);
  if (!labels) return images;
  const { values } = parseNpy(await labels.bytes(), labels.path);
  if (!(values instanceof Uint8Array) || values.length !== images.count) {
    throw new LangevinError(
      "bad-file",
      `${labels.path} must hold ${images.count} bytes, one label per image.`,
    );
  }
  return { ...images, labels: values };
}

/** What the run's machines are compared with. */
async function learnedOf(
  settings: TrainingSettings,
  images: ImageSet | undefined,
  split: Split | undefined,
): Promise<Learned | undefined> {
  if (images) {
    const { training, heldOut } = await prepareData(images, settings, { split });
    return { kind: "images", images: heldOut.count > 0 ? heldOut : training };
  }
  if (settings.data !== "mnist") return undefined;
  return { kind: "digits", digits: settings.labels ?? allDigits };
}

function readManifest(text: string, name: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.data.width > 0 && manifest.data.height > 0) return manifest;
  } catch {
    // Said below, as for a manifest that is JSON and nothing else.
  }
  throw new LangevinError(
    "bad-file",
    `The manifest of the run ${name} was written by another program.`,
  );
}
