// What is in a run or in a file of the formats that the packages read.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import {
  openNpz,
  openSafetensors,
  parseNpy,
  parsePng,
  recognizeFormat,
  wrongFormat,
} from "@neural-langevin/datasets";
import { ifMissing, readIdx } from "@neural-langevin/datasets/node";
import { describeHolder } from "./lock.js";
import { openRun } from "./run-folder.js";
import { idleSettings } from "./settings.js";
import { readWhole } from "./whole-file.js";

/** What is in a run or a file. */
export interface Inspection {
  /** What the file is called by its format, such as "NPY". */
  readonly format: string;
  /** By name: an `ArraySummary`, or a value or list of values. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** An array in a few numbers. */
export interface ArraySummary {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** Its number type, such as `float32`. */
  readonly type: string;
  /** The smallest value. */
  readonly least: number;
  /** The arithmetic mean. */
  readonly mean: number;
  /** The largest value. */
  readonly most: number;
}

/**
 * Describes a run folder, with the settings that had an effect, or a safetensors, NPY, NPZ, IDX or PNG file.
 *
 * @throws not-found, bad-file, unsupported, unavailable, invalid-value, aborted
 */
export async function inspect(path: string): Promise<Inspection> {
  const entry = await stat(path).catch(ifMissing(path, undefined));
  if (!entry) {
    throw new LangevinError("not-found", `There is no file or run ${path}.`, "Check the path.");
  }
  if (entry.isDirectory()) return inspectRun(path);
  const bytes = await readWhole(path);
  switch (recognizeFormat(bytes, path)) {
    case "npy":
      return inspectArray("NPY", parseNpy(bytes, path));
    case "png": {
      const { width, height, pixels } = parsePng(bytes, path);
      return inspectArray("PNG", { shape: [height, width], values: pixels });
    }
    case "idx":
    case "gzip":
      return inspectArray("IDX", await readIdx(path));
    case "npz":
    case "zip": {
      const { names, read } = openNpz(bytes, path);
      return { format: "NPZ", content: summarizeAll(names, read) };
    }
    case "safetensors":
    case "unknown": {
      // A file that begins like nothing else is held against the one format that has no magic number.
      const { entries, read, metadata } = openSafetensors(bytes, path);
      const content = { ...summarizeAll([...entries.keys()], read), ...metadata };
      return { format: "safetensors", content };
    }
    default:
      throw wrongFormat(bytes, path, "a file that can be inspected");
  }
}

async function inspectRun(path: string): Promise<Inspection> {
  const run = await openRun(path);
  const { backend, device, started, data } = await run.readManifest();
  const { state, writer } = await run.readState();
  const checkpoints = await run.checkpoints();
  const settings = { ...(await run.readSettings()), data: data.source };
  const idle = new Set<string>(idleSettings(settings).map(([name]) => name));
  const used = Object.entries(settings).filter(([name, value]) => {
    return value !== undefined && !idle.has(name);
  });
  const last = run.metrics.at(-1);
  return {
    format: `run, ${state}`,
    content: {
      ...(writer && { "written by": describeHolder(writer) }),
      ...(state === "broken-off" && {
        ended: "its process has ended before the training was done; train --resume continues it",
      }),
      backend,
      device,
      started,
      checkpoints,
      settings: Object.fromEntries(used),
      ...(last && { "last measures": last }),
    },
  };
}

interface ArrayValues {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const inspectArray = (format: string, array: ArrayValues): Inspection => ({
  format,
  content: { values: summarize(array) },
});

/** Summaries of arrays by name; of one that cannot be read, what is in its way. */
function summarizeAll(names: readonly string[], read: (name: string) => ArrayValues) {
  const summaryOf = (name: string) => {
    try {
      return summarize(read(name));
    } catch (error) {
      const { code, message } = error as LangevinError;
      if (code === "bad-file" || code === "unsupported") return message;
      throw error;
    }
  };
  return Object.fromEntries(names.map((name) => [name, summaryOf(name)] as const));
}

function summarize({ shape, values }: ArrayValues): ArraySummary {
  let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  const type = values.constructor.name.replace("Array", "").toLowerCase();
  return { shape, type, least, mean: sum / values.length, most };
}
