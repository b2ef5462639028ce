// `nlm inspect`: what is in a file or run.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import {
  openNpz,
  parseNpy,
  parsePng,
  recognizeFormat,
  wrongFormat,
} from "@neural-langevin/datasets";
import { readIdx } from "@neural-langevin/datasets/node";
import { openSafetensors } from "@neural-langevin/runs";
import { openRun, readWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { readable, type Terminal } from "../terminal.js";

interface Description {
  readonly format: string;
  /** What is in it, by name. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Describes a run folder, or a safetensors, NPY, NPZ, IDX or PNG file. */
async function inspectCommand(terminal: Terminal, path: string): Promise<void> {
  const { format, content } = await describe(path);
  const width = Math.max(...Object.keys(content).map((name) => name.length));
  const lines = Object.entries(content).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${describeValue(value)}`,
  );
  terminal.result({ path, format, content }, [`${path}: ${format}`, ...lines].join("\n"));
}

async function describe(path: string): Promise<Description> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) {
    throw new LangevinError("not-found", `There is no file or run ${path}.`, "Check the path.");
  }
  if (entry.isDirectory()) return describeRun(path);
  const bytes = await readWhole(path);
  switch (recognizeFormat(bytes, path)) {
    case "npy":
      return describeArray("NPY", parseNpy(bytes, path));
    case "png": {
      const { width, height, pixels } = parsePng(bytes, path);
      return describeArray("PNG", { shape: [height, width], values: pixels });
    }
    case "idx":
    case "gzip":
      return describeArray("IDX", await readIdx(path));
    case "npz":
    case "zip": {
      const { names, read } = openNpz(bytes, path);
      return { format: "NPZ", content: describeAll(names, read) };
    }
    case "safetensors":
    case "unknown": {
      // A file that begins like nothing else is held against the one format that has no magic number.
      const { entries, read, metadata } = openSafetensors(bytes, path);
      const content = { ...describeAll([...entries.keys()], read), ...metadata };
      return { format: "safetensors", content };
    }
    default:
      throw wrongFormat(bytes, path, "a file that can be inspected");
  }
}

async function describeRun(path: string): Promise<Description> {
  const run = await openRun(path);
  const { state, backend, device, started, data } = await run.readManifest();
  const checkpoints = await run.checkpoints();
  return {
    format: `run, ${state}`,
    content: {
      backend,
      device,
      started,
      checkpoints,
      ...(await run.readSettings()),
      data: data.source,
      ...run.metrics.at(-1),
    },
  };
}

interface Values {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const describeArray = (format: string, array: Values): Description => ({
  format,
  content: { values: describeTensor(array) },
});

/** Describes arrays by name; of one that cannot be read, what is in its way. */
function describeAll(names: readonly string[], read: (name: string) => Values) {
  const describe = (name: string) => {
    try {
      return describeTensor(read(name));
    } catch (error) {
      const { code, message } = error as LangevinError;
      if (code === "bad-file" || code === "unsupported") return message;
      throw error;
    }
  };
  return Object.fromEntries(names.map((name) => [name, describe(name)] as const));
}

function describeTensor({ shape, values }: Values) {
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

function describeValue(value: unknown): string {
  if (typeof value === "object" && value !== null && "least" in value) {
    const { shape, type, least, mean, most } = value as ReturnType<typeof describeTensor>;
    const range = `${readable(least)} … ${readable(mean)} … ${readable(most)}`;
    return `${type} ${shape.join(" × ") || "scalar"}  ${range}`;
  }
  if (typeof value === "number") return readable(value);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Adds the command to the program. */
export function defineInspect(program: Command, terminal: Terminal): void {
  program
    .command("inspect")
    .description("show what a run, or a safetensors, NPY, NPZ, IDX or PNG file contains")
    .argument("<file>", "a run folder or a file")
    .option("--json", "write one JSON object to stdout")
    .addHelpText("after", "\nExample:\n  nlm inspect runs/demo/machine.safetensors")
    .action((file: string) => inspectCommand(terminal, file));
}
