// The settings of a training, in the field's words. One table serves the flags, the YAML file, the
// defaults, the help and every refusal, so that none of them can disagree.
import {
  type Integrator,
  integrators,
  isLangevinError,
  LangevinError,
  type NegativePhase,
  type RateSchedule,
  scheduleKinds,
} from "@neural-langevin/core";
import { requireNegativePhase } from "@neural-langevin/core/backend";

/** How one setting is read, from a flag or from YAML. */
interface Setting<T> {
  /** What stands behind the flag in the help. */
  readonly argument: string;
  readonly says: string;
  readonly fallback: T;
  /** The value of some text or YAML; throws a sentence that says what is expected. */
  readonly read: (value: unknown) => T;
}

function expected(what: string, value: unknown): never {
  throw new LangevinError("invalid-value", `takes ${what}, not ${JSON.stringify(value)}.`);
}

const toNumber = (value: unknown): number =>
  typeof value === "number"
    ? value
    : typeof value === "string" && value.trim() !== ""
      ? Number(value)
      : Number.NaN;

function number(says: string, fallback: number, least: number, open: boolean): Setting<number> {
  const what = open ? "a positive number" : `a number of at least ${least}`;
  return {
    argument: "number",
    says,
    fallback,
    read(value) {
      const result = toNumber(value);
      const fits = open ? result > least : result >= least;
      return Number.isFinite(result) && fits ? result : expected(what, value);
    },
  };
}

const positive = (says: string, fallback: number) => number(says, fallback, 0, true);
const nonNegative = (says: string, fallback: number) => number(says, fallback, 0, false);

function whole<T extends number | undefined>(
  says: string,
  fallback: T,
  least: number,
): Setting<number | T> {
  return {
    argument: "count",
    says,
    fallback,
    read(value) {
      const result = toNumber(value);
      return Number.isSafeInteger(result) && result >= least
        ? result
        : expected(`a whole number of at least ${least}`, value);
    },
  };
}

function oneOf<T extends string>(says: string, fallback: T, names: readonly T[]): Setting<T> {
  return {
    argument: "name",
    says: `${says}: ${names.join(", ")}`,
    fallback,
    read: (value) =>
      names.find((name) => name === value) ?? expected(`one of ${names.join(", ")}`, value),
  };
}

function text<T extends string | undefined>(
  argument: string,
  says: string,
  fallback: T,
): Setting<string | T> {
  return {
    argument,
    says,
    fallback,
    read: (value) => (typeof value === "string" && value ? value : expected("some text", value)),
  };
}

const labels: Setting<readonly number[] | undefined> = {
  argument: "list",
  says: "labels to learn, for example 1,3,6; all unless given",
  fallback: undefined,
  read(value) {
    const parts = Array.isArray(value) ? value : String(value).split(",");
    const numbers = parts.map(toNumber);
    return numbers.every((label) => Number.isInteger(label) && label >= 0 && label <= 255)
      ? [...new Set(numbers)].sort((a, b) => a - b)
      : expected("labels from 0 to 255 with commas between them", value);
  },
};

const negativePhase: Setting<string> = {
  argument: "name",
  says: "model average: pcd-K (persistent), rdm-K (random restarts), time-average-K, none",
  fallback: "pcd-10",
  read(value) {
    return typeof value === "string" && /^((pcd|rdm|time-average)-[1-9]\d*|none)$/.test(value)
      ? value
      : expected("pcd-K, rdm-K, time-average-K (K steps) or none", value);
  },
};

/** All settings of a training, in the order in which they are shown. */
export const settings = {
  data: text("source", "mnist, a folder of IDX or PNG files, or an IDX, NPY or NPZ file", "mnist"),
  labels,
  images: whole("images to train on; all unless given", undefined, 1),
  "held-out": whole("images that are kept for evaluation", 256, 2),
  units: whole("units N; must be the pixels of an image", undefined, 1),
  gain: nonNegative("gain g of the initial couplings", 2),
  chains: whole("model chains B", 100, 1),
  batch: whole("images per update", 100, 1),
  temperature: nonNegative("temperature T", 1),
  "step-size": positive("step size dt", 0.01),
  integrator: oneOf<Integrator>("integrator", "leimkuhler-matthews", integrators),
  "negative-phase": negativePhase,
  "burn-in": whole("steps before a time average begins", 600, 0),
  thin: whole("steps between two states of a time average", 20, 1),
  "feedback-off": whole("first steps of every negative phase without feedback", 0, 0),
  updates: whole("updates", 2000, 1),
  optimizer: oneOf("optimiser", "adam", ["adam", "sgd"] as const),
  rate: positive("learning rate", 5e-4),
  schedule: oneOf<RateSchedule["kind"]>("learning rate over time", "linear", scheduleKinds),
  "warm-up": whole("updates over which the rate rises", 0, 0),
  decay: nonNegative("L2 decay of the couplings", 5e-7),
  seed: whole("seed of all noise and orders", 1, 0),
  "checkpoint-every": whole("updates between two checkpoints", 500, 1),
} satisfies Record<string, Setting<unknown>>;

/** The values of all settings. */
export type TrainingConfig = {
  [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};

/** Another name of a setting, as a flag. */
export const aliases: Readonly<Record<string, keyof TrainingConfig>> = { dt: "step-size" };

/**
 * Reads given settings; `where` names a setting's place in a refusal, such as `--rate`.
 *
 * @throws invalid-value
 */
export function readSettings(
  given: Readonly<Record<string, unknown>>,
  where: (name: string) => string,
): Partial<TrainingConfig> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = aliases[name] ?? name;
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
    if (value === null || value === undefined) continue;
    try {
      result[key] = setting.read(value);
    } catch (error) {
      if (!isLangevinError(error)) throw error;
      throw new LangevinError(error.code, `${where(name)} ${error.message}`);
    }
  }
  return result as Partial<TrainingConfig>;
}

/** Settings with the defaults of those that are not given. */
export function completeSettings(given: Partial<TrainingConfig>): TrainingConfig {
  const fallbacks = Object.entries(settings).map(([name, { fallback }]) => [name, fallback]);
  return { ...(Object.fromEntries(fallbacks) as TrainingConfig), ...given };
}

/** The negative phase that a training's settings describe. */
export function negativePhaseOf(config: TrainingConfig): NegativePhase {
  const match = /^(.*)-(\d+)$/.exec(config["negative-phase"]);
  const feedbackOffSteps = config["feedback-off"];
  if (!match) return { kind: "none" };
  const steps = Number(match[2]);
  const phase: NegativePhase =
    match[1] === "pcd"
      ? { kind: "persistent", steps, feedbackOffSteps }
      : match[1] === "rdm"
        ? { kind: "random-restart", steps, feedbackOffSteps }
        : {
            kind: "time-average",
            steps,
            burnIn: config["burn-in"],
            every: config.thin,
            feedbackOffSteps,
          };
  requireNegativePhase(phase);
  return phase;
}
