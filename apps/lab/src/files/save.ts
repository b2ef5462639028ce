// What the lab gives away: machines, states, pictures and runs, in the formats of the command line.
import { encodeNpy } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import {
  checkpointName,
  encodeNetwork,
  FILE_LIST,
  fileListText,
  type Manifest,
  metricsText,
  runFormat,
  SPLIT_FILE,
} from "@neural-langevin/runs";
import { zipSync } from "fflate";
import type { TrainingContent } from "../engine/protocol.js";
import type { OpenedMachine } from "../state/opened-machine.js";

/** A file name of some words. */
export const fileName = (words: string, ending: string): string =>
  `${words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}.${ending}`;

export function machineFile(machine: OpenedMachine): Uint8Array {
  const { learned, updates } = machine;
  const metadata: Record<string, string> = {};
  if (updates !== undefined) metadata.update = String(updates);
  if (learned?.kind === "digits") metadata.labels = learned.digits.join(",");
  return encodeNetwork(machine, metadata);
}

/** States x [B][N] as NPY. */
export const statesFile = (states: Float32Array, units: number): Uint8Array =>
  encodeNpy(states, [states.length / units, units]);

/** Images as one PNG, in which a pixel of theirs is four wide. */
export function pictureFile(images: Uint8Array, machine: OpenedMachine): Uint8Array {
  const { width, height } = machine;
  const columns = Math.ceil(Math.sqrt((images.length / (width * height)) * 1.5));
  return imageGrid({ pixels: images, width, height, columns, scale: 4, gap: 4 }).png;
}

/**
 * A training as the folder of a run in a zip archive, with which `nlm train --resume` goes on; what is in it is stored
 * as it is, because couplings do not compress.
 */
export async function runArchive(name: string, training: TrainingContent): Promise<Uint8Array> {
  const { stringify } = await import("yaml");
  const { task, settings, rows, provenance, finished, split, sha256 } = training;
  const { images } = task;
  const now = new Date().toISOString();
  const manifest: Manifest = {
    format: runFormat,
    state: finished ? "finished" : "interrupted",
    versions: { browser: navigator.userAgent },
    backend: provenance?.backend ?? "cpu",
    device: provenance?.device ?? "none",
    threads: provenance?.threads ?? 1,
    seed: settings.seed,
    data: {
      source: `${images.source}, ${task.name}`,
      sha256,
      width: images.width,
      height: images.height,
    },
    started: provenance?.started ?? now,
    changed: provenance?.changed ?? now,
  };
  const checkpoints = [...training.checkpoints].map(
    ([update, bytes]) => [`checkpoints/${checkpointName(update)}`, bytes] as const,
  );
  const text = (content: string) => new TextEncoder().encode(content);
  const { count, height, width, pixels, labels } = images;
  const folder: Record<string, Uint8Array> = {
    "config.yaml": text(stringify({ ...settings, data: "images.npy" })),
    "manifest.json": text(`${JSON.stringify(manifest, null, 2)}\n`),
    "metrics.jsonl": text(metricsText(rows)),
    [SPLIT_FILE]: text(`${JSON.stringify(split)}\n`),
    "images.npy": encodeNpy(pixels, [count, height, width]),
    ...Object.fromEntries(checkpoints),
  };
  if (labels) folder["labels.npy"] = encodeNpy(labels, [count]);
  const files = { [FILE_LIST]: text(fileListText("run", Object.keys(folder))), ...folder };
  const inFolder = Object.entries(files).map(
    ([file, bytes]) => [`${name}/${file}`, bytes] as const,
  );
  return zipSync(Object.fromEntries(inFolder), { level: 0 });
}
