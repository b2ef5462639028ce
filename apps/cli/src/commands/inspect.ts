// `nlm inspect`: what is in a file or run.
import { type ArraySummary, inspect } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import type { Terminal } from "../terminal/terminal.js";
import { formatNumber } from "../text/format.js";

async function inspectCommand(terminal: Terminal, path: string): Promise<void> {
  const { format, content } = await inspect(path);
  terminal.result(
    { path, format, content },
    [`${path}: ${format}`, ...linesOf(content)].join("\n"),
  );
}

/** Values by their names, and groups of them below theirs. */
function linesOf(content: Readonly<Record<string, unknown>>, indent = "  "): string[] {
  const width = Math.max(...Object.keys(content).map((name) => name.length));
  return Object.entries(content).flatMap(([name, value]) =>
    isGroup(value)
      ? [`${indent}${name}`, ...linesOf(value, `${indent}  `)]
      : [`${indent}${name.padEnd(width)}  ${describeValue(value)}`],
  );
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("least" in value);

function describeValue(value: unknown): string {
  if (typeof value === "object" && value !== null && "least" in value) {
    const { shape, type, least, mean, most } = value as ArraySummary;
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
