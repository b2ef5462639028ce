// `nlm inspect`: what is in a file or run.
import { stat } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";
import { parseNpy, parseNpz, parsePng } from "@neural-langevin/datasets";
import { readIdx } from "@neural-langevin/datasets/node";
import { decodeSafetensors } from "@neural-langevin/runs";
import { openRun, readWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import type { Terminal } from "../terminal/terminal.js";
import { formatNumber } from "../text/format.js";

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
  const starts = (...magic: number[]) => magic.every((byte, at) => bytes[at] === byte);
  if (starts(0x93, 0x4e, 0x55)) return describeArray("NPY", parseNpy(bytes, path));
  if (starts(0x89, 0x50, 0x4e, 0x47)) {
    const { width, height, pixels } = parsePng(bytes, path);
    return describeArray("PNG", { shape: [height, width], values: pixels });
  }
  if (starts(0, 0, 8) || starts(0x1f, 0x8b)) return describeArray("IDX", await readIdx(path));
  // A safetensors file has no magic number, so what is nothing else is read as one, unless its name
  // promises another format.
  if (/\.npy$/i.test(path)) return describeArray("NPY", parseNpy(bytes, path));
  if (starts(0x50, 0x4b) || /\.npz$/i.test(path)) {
    return { format: "NPZ", content: describeAll(parseNpz(bytes, path)) };
  }
  if (/-ubyte(\.gz)?$/.test(path)) return describeArray("IDX", await readIdx(path));
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  return { format: "safetensors", content: { ...describeAll(tensors), ...metadata } };
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

const describeAll = (arrays: Readonly<Record<string, Values>>) =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, describeTensor(array)] as const),
  );

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
    const range = `${formatNumber(least)} … ${formatNumber(mean)} … ${formatNumber(most)}`;
    return `${type} ${shape.join(" × ") || "scalar"}  ${range}`;
  }
  if (typeof value === "number") return formatNumber(value);
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
