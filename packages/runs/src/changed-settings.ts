// What of a run's settings may change once it has begun, and what has changed.
import { LangevinError } from "@neural-langevin/core";
import type { GivenSettings, TrainingSettings } from "./settings.js";

/** Settings that changed, by name: the value before and the one after. */
export type SettingChanges = Readonly<Record<string, readonly [before: unknown, after: unknown]>>;

/** What the state of a run, its split and its noise are made of. */
const fixed: readonly (keyof TrainingSettings)[] = [
  "labels",
  "images",
  "held-out",
  "held-out-from",
  "split-seed",
  "units",
  "label-units",
  "label-kinds",
  "from",
  "couplings",
  "gain",
  "initial-bias",
  "chains",
  "seed",
  "optimizer",
  "average-from",
];

/** Whether a run keeps a setting as it began. */
export const isFixed = (name: string): boolean => fixed.some((one) => one === name);

/** The settings that differ. */
export function differences(before: TrainingSettings, after: TrainingSettings): SettingChanges {
  const names = Object.keys(before) as (keyof TrainingSettings)[];
  const different = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return Object.fromEntries(different.map((name) => [name, [before[name], after[name]]]));
}

/**
 * Settings with some of them changed, for a run that goes on.
 *
 * @param update where it goes on
 * @throws invalid-value, for settings that a run keeps, and fewer updates than were made
 */
export function changeSettings(
  settings: TrainingSettings,
  given: GivenSettings,
  update: number,
): { readonly settings: TrainingSettings; readonly changed: SettingChanges } {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const changed = { ...settings, ...Object.fromEntries(set) } as TrainingSettings;
  const changes = differences(settings, changed);
  const kept = fixed.find((name) => name in changes);
  if (kept) {
    throw new LangevinError(
      "invalid-value",
      `${kept} cannot change from ${text(settings[kept])} to ${text(changed[kept])}: what the run has learned depends on it.`,
      "Leave it as it is, or begin a new run.",
    );
  }
  if (changed.updates < update) {
    throw new LangevinError(
      "invalid-value",
      `The run has made ${update} updates, so it cannot end after ${changed.updates}.`,
      "Ask for more updates.",
    );
  }
  return { settings: changed, changed: changes };
}

/** A setting's value as a person writes it. */
export const text = (value: unknown): string =>
  value === undefined ? "nothing" : Array.isArray(value) ? value.join(",") : String(value);
