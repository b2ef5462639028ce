// A run as the lab sees it: its checkpoints, each of them a machine, and what was measured while it was trained.
import { LangevinError } from "@neural-langevin/core";
import {
  checkpointUpdate,
  decodeNetwork,
  type Manifest,
  parseMetrics,
} from "@neural-langevin/runs";
import type { Row } from "../engine/training.js";
import type { OpenedMachine } from "../state/opened-machine.js";
import { type NamedFile, nameOf } from "./named-file.js";

export interface OpenedRun {
  readonly name: string;
  /** Updates of its checkpoints, ascending. */
  readonly checkpoints: readonly number[];
  readonly rows: readonly Row[];
  /** The machine at a checkpoint. */
  machineAt(update: number): Promise<OpenedMachine>;
}

/** The folder of a run among some files; undefined where there is none. */
export function findRun(files: readonly NamedFile[]): string | undefined {
  const manifest = files.find(({ path }) => nameOf(path) === "manifest.json");
  return manifest?.path.slice(0, -"manifest.json".length);
}

/**
 * Opens the run in a folder among some files.
 *
 * @throws bad-file, not-found
 */
export async function openRun(files: readonly NamedFile[], folder: string): Promise<OpenedRun> {
  const textOf = async (name: string): Promise<string> => {
    const file = files.find(({ path }) => path === folder + name);
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
  if (checkpoints.size === 0) {
    throw new LangevinError("not-found", `The run ${name} has no checkpoint yet.`);
  }
  const { parse } = await import("yaml");
  const { data, labels } = (parse(await textOf("config.yaml")) ?? {}) as Record<string, unknown>;
  const digits =
    data === undefined || data === "mnist" ? (labels as number[] | undefined) : undefined;
  return {
    name,
    checkpoints: [...checkpoints.keys()].sort((a, b) => a - b),
    rows: parseMetrics(await textOf("metrics.jsonl"), "metrics.jsonl") as unknown as Row[],
    async machineAt(update) {
      const file = checkpoints.get(update)!;
      const machine = decodeNetwork(await file.bytes(), file.path);
      return {
        ...machine,
        name: `${name}, update ${update}`,
        width,
        height,
        labels: digits,
        updates: update,
      };
    },
  };
}

function readManifest(text: string, name: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.data.width > 0 && manifest.data.height > 0) return manifest;
  } catch {
    // Said below, as for a manifest that is JSON and nothing else.
  }
  throw new LangevinError("bad-file", `The manifest of the run ${name} is not one of a run.`);
}
