// Settings that somebody gives to an experiment in place of those of its scale: its own, and those of its trainings.

import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import {
  completeSettings,
  type GivenSettings,
  prepareData,
  readSettings,
  requireEffect,
  settingAliases,
  settings as trainingTable,
} from "@neural-langevin/runs";
import type { ImageSource } from "./context.js";
import type { Experiment, Scale } from "./experiment.js";

/** The names under which an experiment has settings of trainings. */
const trainingKeys = ["training", "trainings"];
/** What says that a setting is one of the trainings, where the experiment has its own of that name. */
const OF_TRAINING = "training.";

type Fields = Readonly<Record<string, unknown>>;

/** The settings of all trainings of an experiment. */
export const trainingsIn = (settings: object): GivenSettings[] =>
  trainingKeys.flatMap((key) => ((settings as Fields)[key] ?? []) as GivenSettings[]);

/**
 * The settings of an experiment with some of them given, as texts or as values.
 *
 * A name is one of the experiment's own settings, else of all its trainings; `training.NAME` is of the trainings where
 * both have it. With other `data` all their images and labels are learned unless `images` and `labels` are given.
 *
 * @throws invalid-value, for a name or a value that does not apply, and for what the experiment chooses itself
 */
export function givenSettings(
  { name: experiment, scales, chooses = [] }: Experiment,
  scale: Scale,
  given: Fields,
): object {
  const own: Record<string, unknown> = {};
  const ofTrainings: Record<string, unknown> = {};
  const fields = scales[scale] as Fields;
  const trainings = trainingsIn(fields);
  for (const [name, value] of Object.entries(given)) {
    if (!trainingKeys.includes(name) && Object.hasOwn(fields, name)) {
      own[name] = readLike(fields[name], value, `${name} of ${experiment}`);
      continue;
    }
    const plain = name.startsWith(OF_TRAINING) ? name.slice(OF_TRAINING.length) : name;
    const key = settingAliases[plain] ?? plain;
    if (trainings.length === 0 || !Object.hasOwn(trainingTable, key)) {
      throw unknownSetting(experiment, name, fields, trainings.length > 0);
    }
    requireFree(experiment, key, chooses, trainings);
    Object.assign(
      ofTrainings,
      readSettings({ [plain]: value }, () => name),
    );
  }
  const change = (training: GivenSettings): GivenSettings => {
    const isOther = "data" in ofTrainings && ofTrainings.data !== training.data;
    const all = isOther ? { labels: undefined, images: undefined } : {};
    const changed = { ...training, ...all, ...ofTrainings };
    requireEffect(ofTrainings, completeSettings(changed));
    return changed;
  };
  const changed = trainingKeys.flatMap((key) => {
    const there = fields[key];
    if (there === undefined) return [];
    return [[key, Array.isArray(there) ? there.map(change) : change(there as GivenSettings)]];
  });
  return { ...fields, ...own, ...Object.fromEntries(changed) };
}

/**
 * Refuses trainings whose data are not there or do not suit them, before anything is computed.
 *
 * @param requireKind refuses data that are none for the experiment
 * @throws what the source and `requireKind` throw; invalid-value, aborted
 */
export async function requireTrainings(
  settings: object,
  source: ImageSource,
  requireKind: (data: DataSet) => void,
  options: WorkOptions = {},
): Promise<void> {
  for (const training of trainingsIn(settings)) {
    const complete = completeSettings(training);
    const data = await source(complete.data, complete, options);
    requireKind(data);
    await prepareData(data, complete, options);
  }
}

/** Refuses settings that make an experiment what it is. */
function requireFree(
  experiment: string,
  key: string,
  chooses: readonly string[],
  trainings: readonly Fields[],
): void {
  if (key === "seed") {
    throw new LangevinError(
      "invalid-value",
      `The seed of ${experiment} is not a setting of its trainings.`,
      "Give it with --seed.",
    );
  }
  const varies = new Set(trainings.map((training) => JSON.stringify(training[key]))).size > 1;
  if (!varies && !chooses.includes(key)) return;
  throw new LangevinError(
    "invalid-value",
    `${experiment} chooses ${key} itself, so it cannot be given.`,
    `Leave ${key} out.`,
  );
}

/** A value of the kind that a setting has: a number, a text, a truth, or a list of numbers or texts. */
function readLike(like: unknown, value: unknown, what: string): unknown {
  const number = (one: unknown) => {
    const read = typeof one === "string" && one.trim() !== "" ? Number(one) : one;
    return typeof read === "number" && Number.isFinite(read) ? read : refuse(what, "a number", one);
  };
  const scalar = (example: unknown, one: unknown): unknown => {
    if (typeof example === "number") return number(one);
    if (typeof example === "string") {
      return typeof one === "string" && one !== "" ? one : refuse(what, "some text", one);
    }
    if (typeof example === "boolean") {
      return { true: true, false: false }[String(one)] ?? refuse(what, "true or false", one);
    }
    throw new LangevinError(
      "invalid-value",
      `${what} is not a number, a text or a list of them, so it cannot be given as text.`,
      "Leave it out, or run the experiment from a program.",
    );
  };
  if (!Array.isArray(like)) return scalar(like, value);
  const list = Array.isArray(value) ? value : String(value).split(",");
  return list.map((one) => scalar(like[0] ?? 0, one));
}

function refuse(what: string, kind: string, value: unknown): never {
  throw new LangevinError("invalid-value", `${what} takes ${kind}, not ${JSON.stringify(value)}.`);
}

function unknownSetting(experiment: string, name: string, fields: Fields, trains: boolean) {
  const own = Object.keys(fields).filter((key) => !trainingKeys.includes(key));
  return new LangevinError(
    "invalid-value",
    `${experiment} has no setting ${name}.`,
    `Its own are ${own.join(", ") || "none"}${trains ? "; those of its trainings are the flags of nlm train" : ""}.`,
  );
}
