// What the lab gives away: machines, states, pictures and runs, in the formats of the command line.
import { encodeNpy } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import {
  checkpointName,
  encodeNetwork,
  type Manifest,
  type MetricsRow,
  metricsText,
} from "@neural-langevin/runs";
import { zipSync } from "fflate";
import type { OpenedMachine } from "../state/opened-machine.js";

/** Hands bytes to the browser as a download. */
export function download(name: string, bytes: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A file name of some words. */
export const fileName = (words: string, ending: string): string =>
  `${words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}.${ending}`;

export function machineFile(machine: OpenedMachine): Uint8Array {
  const { labels, updates } = machine;
  return encodeNetwork(machine, {
    ...(updates !== undefined && { update: String(updates) }),
    ...(labels && { labels: labels.join(",") }),
  });
}

/** States x [B][N] as NPY. */
export const statesFile = (states: Float32Array, units: number): Uint8Array =>
  encodeNpy(states, [states.length / units, units]);

/** Images as one PNG. */
export function pictureFile(images: Uint8Array, machine: OpenedMachine): Uint8Array {
  const { width, height, units } = machine;
  const columns = Math.ceil(Math.sqrt((images.length / units) * 1.5));
  return imageGrid({ pixels: images, width, height, columns }).png;
}

/** What a run's archive is made of. */
export interface RunContent {
  readonly config: Readonly<Record<string, unknown>>;
  readonly manifest: Manifest;
  readonly metrics: readonly MetricsRow[];
  /** Bytes of checkpoints by update. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
}

/** A run folder as a zip archive; what is in it is stored as it is, because couplings do not compress. */
export async function runArchive(name: string, run: RunContent): Promise<Uint8Array> {
  const { stringify } = await import("yaml");
  const text = (content: string) => new TextEncoder().encode(content);
  const checkpoints = [...run.checkpoints].map(
    ([update, bytes]) => [checkpointName(update), bytes] as const,
  );
  const folder = {
    "config.yaml": text(stringify(run.config)),
    "manifest.json": text(`${JSON.stringify(run.manifest, null, 2)}\n`),
    "metrics.jsonl": text(metricsText(run.metrics)),
    checkpoints: Object.fromEntries(checkpoints),
  };
  return zipSync({ [name]: folder }, { level: 0 });
}
