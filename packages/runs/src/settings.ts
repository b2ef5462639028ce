// The settings of a training, in the field's words. One table serves flags, YAML, defaults, help and error messages,
// so that none of them can disagree.
import {
  type Integrator,
  integrators,
  isLangevinError,
  LangevinError,
  type Optimizer,
  optimizerKinds,
  type RateSchedule,
  scheduleKinds,
  trainingDefaults,
} from "@neural-langevin/core";
import { type EncodingName, encodingNames } from "@neural-langevin/datasets";
import { type StopMeasure, stopMeasures } from "./early-stop.js";
import { formatNegativePhase, parseNegativePhase } from "./negative-phase-name.js";

/** One setting, and how it is read from a flag or from YAML. */
export interface Setting<T> {
  /** The kind of its value, in one word. */
  readonly argument: string;
  /** What it is, in a few words. */
  readonly description: string;
  /** What holds where nothing is given. */
  readonly default: T;
  /** The value of a text or of YAML. Throws `invalid-value`, whose sentence begins with "takes". */
  readonly read: (value: unknown) => T;
}

function expected(what: string, value: unknown): never {
  // JSON knows neither NaN nor infinity.
  const said = typeof value === "number" ? String(value) : JSON.stringify(value);
  throw new LangevinError("invalid-value", `takes ${what}, not ${said}.`);
}

const toNumber = (value: unknown): number =>
  typeof value === "number"
    ? value
    : typeof value === "string" && value.trim() !== ""
      ? Number(value)
      : Number.NaN;

/** The numbers of a list, or of a text with commas between them. */
const toNumbers = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : String(value).split(",")).map(toNumber);

function number(
  description: string,
  preset: number,
  what: string,
  fits: (value: number) => boolean,
): Setting<number> {
  return {
    argument: "number",
    description,
    default: preset,
    read(value) {
      const result = toNumber(value);
      return Number.isFinite(result) && fits(result) ? result : expected(what, value);
    },
  };
}

const positive = (description: string, preset: number) =>
  number(description, preset, "a positive number", (value) => value > 0);

const nonNegative = (description: string, preset: number) =>
  number(description, preset, "a number of at least 0", (value) => value >= 0);

function count<T extends number | undefined>(
  description: string,
  preset: T,
  least: number,
): Setting<number | T> {
  return {
    argument: "count",
    description,
    default: preset,
    read(value) {
      const result = toNumber(value);
      return Number.isSafeInteger(result) && result >= least
        ? result
        : expected(`a whole number of at least ${least}`, value);
    },
  };
}

function oneOf<T extends string>(description: string, preset: T, names: readonly T[]): Setting<T> {
  return {
    argument: "name",
    description: `${description}: ${names.join(", ")}`,
    default: preset,
    read: (value) =>
      names.find((name) => name === value) ?? expected(`one of ${names.join(", ")}`, value),
  };
}

const share = (description: string, preset: number) =>
  number(description, preset, "a number from 0 to 1", (value) => value >= 0 && value <= 1);

function text<T extends string | undefined>(
  argument: string,
  description: string,
  preset: T,
): Setting<string | T> {
  return {
    argument,
    description,
    default: preset,
    read: (value) => (typeof value === "string" && value ? value : expected("some text", value)),
  };
}

const labels: Setting<readonly number[] | undefined> = {
  argument: "list",
  description: "labels to learn, such as 1,3,6; all unless given",
  default: undefined,
  read(value) {
    const numbers = toNumbers(value);
    return numbers.every((label) => Number.isInteger(label) && label >= 0 && label <= 255)
      ? [...new Set(numbers)].sort((a, b) => a - b)
      : expected("labels from 0 to 255 with commas between them", value);
  },
};

const negativePhase: Setting<string> = {
  argument: "name",
  description:
    "model average: pcd-K (persistent), rdm-K (random restarts), time-average-K, tempering-K, none",
  default: formatNegativePhase(trainingDefaults.negativePhase),
  read(value) {
    try {
      // Whether a time average fits its burn-in and thinning, and tempering its ladder, shows when the plan is made.
      return formatNegativePhase(parseNegativePhase(String(value), { temperatures: [1, 2] }));
    } catch {
      return expected("pcd-K, rdm-K, time-average-K, tempering-K (K steps) or none", value);
    }
  },
};

const ladder: Setting<readonly number[] | undefined> = {
  argument: "list",
  description:
    "temperatures of tempering-K, from that of the machine on, such as 1,1.2,1.5,2; those between the ends then move",
  default: undefined,
  read(value) {
    const numbers = toNumbers(value);
    const isLadder = numbers.every((T, rung) => T > (rung === 0 ? 0 : numbers[rung - 1]!));
    return isLadder && numbers.length > 1
      ? numbers
      : expected("at least two temperatures that ascend, with commas between them", value);
  },
};

const clip: Setting<number | undefined> = {
  argument: "number",
  description:
    "largest norm of a gradient, to which larger ones are scaled down; none unless given",
  default: undefined,
  read: (value) => positive("", 1).read(value),
};

const keep: Setting<string> = {
  argument: "name",
  description: "checkpoints that are kept: all, log (the 1st, 2nd, 4th, 8th, …), last-N",
  default: "all",
  read: (value) =>
    typeof value === "string" && /^(all|log|last-[1-9]\d*)$/.test(value)
      ? value
      : expected("all, log or last-N (N checkpoints)", value),
};

/** All settings of a training, in the order in which they are shown. */
export const settings = {
  data: text(
    "source",
    "mnist, a folder of IDX, PNG or JPEG files, or an IDX, NPY, NPZ, safetensors or CSV file",
    "mnist",
  ),
  encoding: oneOf<EncodingName>(
    "how numbers become states; atanh and scale take 0 to 1, the others any",
    "atanh",
    encodingNames,
  ),
  "labels-file": text("file", "NPY, IDX or CSV file with the labels of the data", undefined),
  "label-column": text("name", "column of a table that holds labels", undefined),
  missing: oneOf(
    "missing numbers (NaN, empty cells) are refused, or what is known is pinned and the rest sampled",
    "refuse",
    ["refuse", "pin"] as const,
  ),
  labels,
  images: count("images to train on; all unless given", undefined, 1),
  "held-out": count(
    "held-out images, kept for evaluation; a tenth, at most 256, unless given",
    undefined,
    0,
  ),
  "held-out-from": oneOf("part of the data that held-out images come from", "training", [
    "training",
    "test",
  ] as const),
  "split-seed": count("seed that chooses the held-out images; the seed unless given", undefined, 0),
  units: count("number of pixels of an image, as a check", undefined, 1),
  "label-units": count("copies of a unit for each label, beyond the pixels; 0 for none", 0, 0),
  "label-kinds": count(
    "kinds of images per label, found by k-means; each has label units of its own",
    1,
    1,
  ),
  from: text(
    "machine",
    "machine whose J and b a training begins with, as a run or file",
    undefined,
  ),
  couplings: oneOf("initial couplings", "gaussian", [
    "gaussian",
    "orthogonal",
    "antisymmetric",
  ] as const),
  gain: nonNegative("gain g of the initial couplings", 2),
  "initial-bias": oneOf("initial bias, zero or fitted to the data", "zero", [
    "zero",
    "data",
  ] as const),
  chains: count("model chains B", 100, 1),
  batch: count("images per update", 100, 1),
  shards: count("shards of chains and data for several processes; more round differently", 1, 1),
  temperature: nonNegative("temperature T", trainingDefaults.temperature),
  "step-size": positive("step size dt", trainingDefaults.dt),
  integrator: oneOf<Integrator>("integrator", trainingDefaults.integrator, integrators),
  "negative-phase": negativePhase,
  ladder,
  "burn-in": count("steps before a time average begins", 600, 0),
  thin: count("steps between two states of a time average", 20, 1),
  "chain-start": oneOf(
    "where chains begin: N(0, 1), around the mean of the data, or as draws of their Gaussian",
    "noise",
    ["noise", "data-mean", "data-gaussian"] as const,
  ),
  "chain-spread": nonNegative("σ of the noise in every unit where chains begin", 1),
  "restart-every": count(
    "every chain of pcd-K restarts once in so many updates; 0 for never",
    0,
    0,
  ),
  "feedback-off": count("steps without feedback at the start of every negative phase", 0, 0),
  updates: count("parameter updates", 2000, 1),
  optimizer: oneOf<Optimizer["kind"]>("optimizer", trainingDefaults.optimizer.kind, optimizerKinds),
  rate: positive("learning rate", trainingDefaults.learningRate),
  schedule: oneOf<RateSchedule["kind"]>(
    "learning rate over time",
    trainingDefaults.schedule.kind,
    scheduleKinds,
  ),
  "warm-up": count("updates over which the learning rate rises from 0", 0, 0),
  clip,
  decay: nonNegative("L2 decay of the couplings", trainingDefaults.decay),
  "data-noise": nonNegative(
    "σ of fresh normal noise on the states of every batch; √T is that of the model's units",
    trainingDefaults.dataNoise,
  ),
  "average-from": share("share of the updates after which J and b are averaged; 1 for never", 1),
  seed: count("seed of all noise and of the order of images", 1, 0),
  "checkpoint-every": count("updates between two checkpoints", 500, 1),
  keep,
  "evaluate-every": count("updates between two evaluations, as of nlm evaluate; 0 for none", 0, 0),
  patience: count("end after so many evaluations without a better one; 0 for never", 0, 0),
  "stop-on": oneOf<StopMeasure>(
    "held-out measure that decides which evaluation is better",
    "AAI",
    Object.keys(stopMeasures) as StopMeasure[],
  ),
} satisfies Record<string, Setting<unknown>>;

/** The values of all settings. */
export type TrainingSettings = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer T>
    ? T
    : never;
};

/** Some settings. */
export type GivenSettings = {
  readonly [Name in keyof TrainingSettings]?: TrainingSettings[Name] | undefined;
};

/** Other names of settings. */
export const settingAliases: Readonly<Record<string, keyof TrainingSettings>> = {
  dt: "step-size",
};

/**
 * Reads settings; those that are undefined are left out, and those that are null where nothing is their default.
 *
 * @param where what an error message calls a setting, such as `--rate`
 * @throws invalid-value
 */
export function readSettings(
  given: Readonly<Record<string, unknown>>,
  where: (name: string) => string,
): Partial<TrainingSettings> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = settingAliases[name] ?? name;
    const setting: Setting<unknown> | undefined = Object.hasOwn(settings, key)
      ? settings[key as keyof typeof settings]
      : undefined;
    if (!setting) {
      throw new LangevinError(
        "invalid-value",
        `${where(name)} is not a setting.`,
        `The settings are ${Object.keys(settings).join(", ")}.`,
      );
    }
    if (value === undefined || (value === null && setting.default === undefined)) continue;
    if (Object.hasOwn(result, key)) {
      throw new LangevinError(
        "invalid-value",
        `${where(key)} is given twice, by this name and another one.`,
        "Leave one of them out.",
      );
    }
    try {
      result[key] = setting.read(value);
    } catch (error) {
      if (!isLangevinError(error)) throw error;
      throw new LangevinError(error.code, `${where(name)} ${error.message}`);
    }
  }
  return result;
}

const OF_MACHINE = "only affects a training from scratch, but this one begins from a machine";

/** The settings that change nothing beside the others, and why. */
export function idleSettings(
  all: TrainingSettings,
): readonly (readonly [name: keyof TrainingSettings, why: string])[] {
  const phase = all["negative-phase"];
  const idle: readonly [name: keyof TrainingSettings, when: boolean, why: string][] = [
    ["couplings", all.from !== undefined, OF_MACHINE],
    ["gain", all.from !== undefined, OF_MACHINE],
    ["initial-bias", all.from !== undefined, OF_MACHINE],
    ["label-kinds", all["label-units"] === 0, "needs label units, but label-units is 0"],
    ["burn-in", !phase.startsWith("time-average"), `only affects time-average-K, not ${phase}`],
    ["thin", !phase.startsWith("time-average"), `only affects time-average-K, not ${phase}`],
    ["ladder", !phase.startsWith("tempering"), `only affects tempering-K, not ${phase}`],
    ["restart-every", !phase.startsWith("pcd"), `only affects pcd-K, not ${phase}`],
    ["feedback-off", phase === "none", "only affects a negative phase, but there is none"],
    ["patience", all["evaluate-every"] === 0, "counts evaluations, but evaluate-every is 0"],
    ["stop-on", all.patience === 0, "only matters with patience, but patience is 0"],
    ["warm-up", all["warm-up"] >= all.updates, `is not below the ${all.updates} updates`],
  ];
  return idle.filter(([, when]) => when).map(([name, , why]) => [name, why]);
}

/**
 * Refuses settings that would change nothing beside the others.
 *
 * @param given those that somebody asked for
 * @throws invalid-value
 */
export function requireEffect(given: GivenSettings, all: TrainingSettings): void {
  for (const [name, why] of idleSettings(all)) {
    const value = given[name];
    if (value === undefined || value === settings[name].default) continue;
    throw new LangevinError("invalid-value", `${name} ${why}.`, `Leave ${name} out.`);
  }
}

/** All settings: those that are given, and the defaults of the rest. */
export function completeSettings(given: GivenSettings): TrainingSettings {
  const presets = Object.entries(settings).map(([name, setting]) => [name, setting.default]);
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(presets), ...Object.fromEntries(set) };
}
