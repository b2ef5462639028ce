// The options that commands share, and how their values are read.
import { LangevinError } from "@neural-langevin/core";
import {
  readSettings,
  settingAliases,
  settings,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { type Command, Option } from "commander";

/** The refusal of what an option says, or of options that do not go together. */
export const refusal = (why: string, remedy = "Leave one of them out."): LangevinError =>
  new LangevinError("invalid-value", `${why}.`, remedy);

/** Reads a whole number or a number from a flag. */
export function amount(flag: string, kind: "count" | "number", least: number) {
  return (value: string): number => {
    const result = value.trim() === "" ? Number.NaN : Number(value);
    const fits = kind === "count" ? Number.isSafeInteger(result) : Number.isFinite(result);
    if (fits && result >= least) return result;
    const what = kind === "count" ? "a whole number" : "a number";
    throw new LangevinError(
      "invalid-value",
      `${flag} takes ${what} of at least ${least}, not ${JSON.stringify(value)}.`,
    );
  };
}

/** Adds an option whose value is an amount. */
export function addAmount(
  command: Command,
  flag: string,
  kind: "count" | "number",
  least: number,
  description: string,
  fallback?: number,
): Option {
  const option = new Option(`${flag} <${kind}>`, description).argParser(amount(flag, kind, least));
  if (fallback !== undefined) option.default(fallback);
  command.addOption(option);
  return option;
}

/** Reads labels with commas between them, as names or numbers, in the order in which they are given. */
export const readLabelList = (value: string): readonly string[] =>
  value.split(",").map((label) => label.trim());

/** Reads temperatures with commas between them from a flag; core says whether they are a ladder. */
export const readTemperatures =
  (flag: string) =>
  (value: string): readonly number[] =>
    value.split(",").map(amount(flag, "number", 0));

/** A ladder of temperatures over which chains swap. */
export const addTempering = (command: Command): Command =>
  command.addOption(
    new Option(
      "--tempering <list>",
      "swap chains over a ladder of temperatures, such as 1,1.1,1.2,1.4",
    ).argParser(readTemperatures("--tempering")),
  );

/** The step size, by both of its names. */
export function addStepSize(command: Command): void {
  addAmount(command, "--step-size", "number", 1e-12, "step size dt (default: the run's)");
  addAmount(command, "--dt", "number", 1e-12, "the same as --step-size").conflicts("stepSize");
}

/** Reads `NAME=VALUE` from the flag `--set`, and adds it to those before it. */
export function readAssignment(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw refusal(
    `--set takes NAME=VALUE, not ${JSON.stringify(text)}`,
    "For example: --set rate=1e-4",
  );
}

/** Settings that say what a machine was trained on and how it is run. */
export const machineSettings: readonly string[] = [
  "data",
  "labels",
  "images",
  "held-out",
  "temperature",
  "step-size",
  "integrator",
];

/** What names a machine. */
export const MACHINE = "a run, a safetensors file, or a name like zoo:ten-digits";

/** Which state of the machine of a run is used. */
export function addCheckpoint(command: Command): void {
  const latest = "update whose checkpoint is used (default: the latest)";
  addAmount(command, "--checkpoint", "count", 0, latest);
}

/** The machine whose chains are run, which state of it, and for how long. */
export function addMachine(command: Command): void {
  addCheckpoint(command.argument("<machine>", MACHINE));
  addAmount(command, "--steps", "count", 1, "Langevin steps (default: twice the chains' lifetime)");
}

/** Options that every computing command has. */
export function addDevice(command: Command): void {
  command.option(
    "--backend <id>",
    "backend, as ID or ID:MODE, or a module (default: the fastest, see `nlm backends`)",
  );
  addAmount(command, "--threads", "count", 1, "threads of the backend");
  command.option("--json", "write one JSON object to stdout");
}

/**
 * One flag per setting of a training, for those that are named or for all.
 *
 * @param inherited whether a run's settings count where none are given, and not the defaults
 */
export function addSettings(
  command: Command,
  names: readonly string[] = Object.keys(settings),
  inherited = false,
): void {
  for (const name of names) {
    const setting = settings[name as keyof TrainingSettings];
    const shown =
      inherited || setting.default === undefined ? "" : ` (default: ${setting.default})`;
    command.option(`--${name} <${setting.argument}>`, `${setting.description}${shown}`);
  }
  for (const [alias, name] of Object.entries(settingAliases)) {
    if (!names.includes(name)) continue;
    command.option(`--${alias} <number>`, `the same as --${name}`);
  }
}

/** The settings among some parsed options. */
export function settingsOf(options: Readonly<Record<string, unknown>>): Partial<TrainingSettings> {
  const names = [...Object.keys(settings), ...Object.keys(settingAliases)];
  const camel = (name: string) =>
    name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const given = names.flatMap((name) => {
    const value = options[camel(name)];
    return value === undefined ? [] : [[name, value] as const];
  });
  return readSettings(Object.fromEntries(given), (name) => `--${name}`);
}
