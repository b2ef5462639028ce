// A sweep: one training over a grid of settings, over seeds, or both. What it is made of, as YAML says it, and how each of
// its members is called; the names stay when values and seeds are added.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { text } from "./changed-settings.js";
import { planOf } from "./plan.js";
import {
  completeSettings,
  type GivenSettings,
  readSettings,
  requireEffect,
  settingAliases,
  settings,
  type TrainingSettings,
} from "./settings.js";

/** One training of a sweep. */
export interface SweepMember {
  /** The settings that it does not share with all others, for example `rate=0.001,seed=2`; the name of its run folder. */
  readonly name: string;
  /** All of its training. */
  readonly settings: TrainingSettings;
}

/** The parts of a sweep's description. */
const parts = ["settings", "grid", "seeds"] as const;

/** More members than anybody means to train. */
const MOST_MEMBERS = 100_000;
/** Characters of a name; file systems take 255 bytes. */
const LONGEST_NAME = 200;

type Content = Readonly<Record<string, unknown>>;

/**
 * The members of a sweep, in the order in which they are trained: the last setting of the grid and the seeds vary
 * fastest. All members keep back the same images, because `split-seed` is that of the settings, else the first seed.
 *
 * @param content what its YAML holds: `settings`, a training as in a settings file; `grid`, a list of values for each of
 *   some settings; `seeds`, a number of seeds from 1 on or a list of them; at least one of the last two
 * @param where the name of the file, for messages
 * @throws bad-file, invalid-value
 */
export function sweepMembers(content: unknown, where: string): SweepMember[] {
  const { settings: shared, grid, seeds } = readParts(content, where);
  const axes = [...grid, ...(seeds ? [["seed", seeds] as const] : [])];
  const count = axes.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_MEMBERS) {
    throw new LangevinError(
      "invalid-value",
      `${where} describes ${count} trainings, more than ${MOST_MEMBERS}.`,
      "Shorten the lists of its grid or its seeds.",
    );
  }
  let chosen: readonly GivenSettings[] = [{}];
  for (const [name, values] of axes) {
    chosen = chosen.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
  }
  const splitSeed = shared["split-seed"] ?? shared.seed ?? seeds?.[0] ?? settings.seed.default;
  const members = chosen.map((own) => ({
    name: nameOf(own),
    own,
    settings: completeSettings({ "split-seed": splitSeed, ...shared, ...own }),
  }));
  const names = new Set<string>();
  for (const member of members) {
    const of = `${where}, ${member.name}:`;
    explain(of, () => planOf(member.settings));
    explain(of, () => requireEffect(member.own, member.settings));
    if (!names.has(member.name)) names.add(member.name);
    else {
      throw new LangevinError(
        "invalid-value",
        `${where} has two trainings that would be called ${member.name}.`,
        "Name their values so that they differ in letters or digits.",
      );
    }
  }
  requireSomeEffect(where, shared, members);
  return members.map(({ name, settings: all }) => ({ name, settings: all }));
}

/** The three parts, each read by the rules of settings. */
function readParts(content: unknown, where: string) {
  if (!isContent(content)) {
    throw new LangevinError(
      "bad-file",
      `${where} does not describe a sweep.`,
      "Write a grid of settings, such as `grid: {rate: [1e-3, 1e-4]}`, or `seeds: 5`.",
    );
  }
  const unknown = Object.keys(content).find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) {
    const isSetting = Object.hasOwn(settings, settingAliases[unknown] ?? unknown);
    throw new LangevinError(
      "invalid-value",
      `${where}: ${unknown} is not part of a sweep.`,
      isSetting
        ? `Put ${unknown} below settings, or below grid with a list of values.`
        : `The parts are ${parts.join(", ")}.`,
    );
  }
  for (const part of ["settings", "grid"] as const) {
    if (isContent(content[part] ?? {})) continue;
    throw new LangevinError(
      "invalid-value",
      `${where}: ${part} must hold settings by name.`,
      part === "grid"
        ? "Write one `name: [value, value]` a line."
        : "Write one `name: value` a line.",
    );
  }
  const shared = readSettings((content.settings ?? {}) as Content, (name) => `${where}: ${name}`);
  const grid = Object.entries((content.grid ?? {}) as Content).map(([name, values]) =>
    readAxis(name, values, where),
  );
  const seeds = content.seeds === undefined ? undefined : readSeeds(content.seeds, where);
  if (grid.length === 0 && !seeds) {
    throw new LangevinError(
      "invalid-value",
      `${where} has neither a grid with settings nor seeds, so there is nothing to vary.`,
      "Write a grid of settings, such as `grid: {rate: [1e-3, 1e-4]}`, or `seeds: 5`.",
    );
  }
  const names = grid.map(([name]) => name);
  const twice = names.find((name, at) => name in shared || names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `${where}: ${twice} is given twice, ${twice in shared ? "in settings and in grid" : "in grid by two names"}.`,
      "Leave one of them out.",
    );
  }
  if (seeds && "seed" in shared) {
    throw new LangevinError(
      "invalid-value",
      `${where}: seed is given in settings and by seeds.`,
      "Leave one of them out.",
    );
  }
  return { settings: shared, grid, seeds };
}

/** The values of one setting of a grid. */
function readAxis(
  name: string,
  values: unknown,
  where: string,
): readonly [name: string, values: readonly unknown[]] {
  const key = settingAliases[name] ?? name;
  if (key === "seed") {
    throw new LangevinError(
      "invalid-value",
      `${where}: grid varies the seed.`,
      "Write `seeds: [1, 2, 3]` beside grid, or `seeds: 3`.",
    );
  }
  // An unknown name is refused before its values are looked at.
  readSettings({ [name]: undefined }, () => `${where}: grid.${name}`);
  if (!Array.isArray(values) || values.length === 0) {
    throw new LangevinError(
      "invalid-value",
      `${where}: grid.${name} ${Array.isArray(values) ? "is an empty list" : "is not a list"} of values.`,
      `Write ${name}: [value, value], or leave it out.`,
    );
  }
  const read = values.map((value) => {
    const one = readSettings({ [name]: value }, () => `${where}: grid.${name}`);
    return Object.values(one)[0];
  });
  return [key, distinct(read, `${where}: grid.${name}`)];
}

function readSeeds(given: unknown, where: string): readonly number[] {
  if (typeof given === "number" && Number.isSafeInteger(given) && given > 0) {
    if (given <= MOST_MEMBERS) return Array.from({ length: given }, (_, at) => at + 1);
  } else if (Array.isArray(given) && given.length > 0) {
    const read = given.map(
      (seed) => readSettings({ seed }, () => `${where}: seeds`).seed ?? Number.NaN,
    );
    if (!read.some(Number.isNaN)) return distinct(read, `${where}: seeds`);
  }
  throw new LangevinError(
    "invalid-value",
    `${where}: seeds takes a number of seeds or a list of them, not ${JSON.stringify(given)}.`,
    "Write `seeds: 5` or `seeds: [1, 2, 3]`.",
  );
}

function distinct<T>(values: readonly T[], where: string): readonly T[] {
  const texts = values.map(text);
  const twice = texts.find((one, at) => texts.indexOf(one) !== at);
  if (twice === undefined) return values;
  throw new LangevinError(
    "invalid-value",
    `${where} has ${twice} twice.`,
    "Leave one of them out.",
  );
}

/** Settings by their names and values, as a folder can be called. */
function nameOf(own: GivenSettings): string {
  const name = Object.entries(own)
    .map(([key, value]) => `${key}=${wordOf(value)}`)
    .join(",");
  return name.length <= LONGEST_NAME
    ? name
    : `${name.slice(0, LONGEST_NAME - 9)}~${digest(JSON.stringify(own))}`;
}

const wordOf = (value: unknown): string =>
  value === undefined ? "default" : text(value).replace(/[^\w.+-]+/g, "-");

/** Eight hexadecimal digits of a text (FNV-1a, 32 bits). */
function digest(content: string): string {
  let hash = 0x811c9dc5;
  for (const letter of new TextEncoder().encode(content)) {
    hash = Math.imul(hash ^ letter, 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/** Refuses settings that are shared and change nothing in any member. */
function requireSomeEffect(
  where: string,
  shared: GivenSettings,
  members: readonly SweepMember[],
): void {
  for (const [name, value] of Object.entries(shared)) {
    const works = members.some((member) => {
      try {
        requireEffect({ [name]: value }, member.settings);
        return true;
      } catch {
        return false;
      }
    });
    if (!works) explain(`${where}:`, () => requireEffect({ [name]: value }, members[0]!.settings));
  }
}

/** Does something whose refusal is then said with its place before it. */
function explain(place: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!isLangevinError(error)) throw error;
    throw new LangevinError(error.code, `${place} ${error.message}`, error.remedy);
  }
}

const isContent = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);
