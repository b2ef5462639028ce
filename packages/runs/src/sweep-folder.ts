// A sweep on disk: a folder with an ordinary run for each member, which may be killed at any moment and called again,
// and which several processes may share. What is done is what the runs' manifests say; nothing else is written.
import { dirname, join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { differences, text } from "./changed-settings.js";
import { keptSettings } from "./load-data.js";
import type { CurrentRunState } from "./provenance.js";
import { isRun, openRun, readYaml, withOwnData } from "./run-folder.js";
import type { TrainingSettings } from "./settings.js";
import { type SweepMember, sweepMembers } from "./sweep.js";

/**
 * The members of a sweep that a YAML file describes, as `sweepMembers`. Data that it names are looked for beside it
 * first.
 *
 * @throws not-found, bad-file, invalid-value, unavailable
 */
export async function readSweepFile(file: string): Promise<SweepMember[]> {
  const members = sweepMembers(await readYaml(file), file);
  return Promise.all(
    members.map(async ({ name, settings }) => ({
      name,
      settings: await withOwnData(dirname(file), settings),
    })),
  );
}

/** Where a member is trained: in a new run, or in one that goes on. */
export type MemberPlace =
  | { readonly settings: TrainingSettings; readonly out: string; readonly overwrite: false }
  | { readonly resume: string };

/** A member and where its run stands: `in-use` while another process trains it, `missing` before it begins. */
export interface SweptMember {
  /** Its name and settings. */
  readonly member: SweepMember;
  /** The folder of its run. */
  readonly run: string;
  /** Where its run stands. */
  readonly state: CurrentRunState | "in-use" | "missing";
  /** Who trains it, and what to do if that process is over, where it is in use. */
  readonly reason?: string | undefined;
}

/**
 * Where the runs of a sweep stand, of one member after the other.
 *
 * @throws invalid-value, for a run that is there with other settings; bad-file, for one that is damaged; not-found,
 *   unavailable
 */
export async function* sweepStates(
  folder: string,
  members: readonly SweepMember[],
): AsyncGenerator<SweptMember, void, void> {
  for (const member of members) {
    const run = join(folder, member.name);
    yield { member, run, state: await stateOf(run, member) };
  }
}

/**
 * Trains members of a sweep, one after the other, each in a run below the folder that has its name. Those that are
 * finished or diverged are passed over, as is one that another process trains; one that was begun goes on. Yields
 * every member when it is dealt with.
 *
 * @param train trains one member; that it diverged or is in use is noted, and any other failure ends the sweep
 * @throws invalid-value, for a run that is there with other settings; bad-file, for one that is damaged; not-found,
 *   unavailable; what `train` throws
 */
export async function* runSweep(
  folder: string,
  members: readonly SweepMember[],
  train: (place: MemberPlace, member: SweepMember) => Promise<void>,
): AsyncGenerator<SweptMember, void, void> {
  // All runs are looked at before the first is trained, so that one that does not fit is known at once.
  for await (const _ of sweepStates(folder, members));
  for (const member of members) {
    const run = join(folder, member.name);
    const before = await stateOf(run, member);
    if (before === "finished" || before === "diverged") {
      yield { member, run, state: before };
      continue;
    }
    const place: MemberPlace =
      before === "missing"
        ? { settings: member.settings, out: run, overwrite: false }
        : { resume: run };
    try {
      await train(place, member);
    } catch (error) {
      // A run that another process began, or finished, since it was looked at is that process's.
      const isOthers =
        isLangevinError(error, "in-use") ||
        (isLangevinError(error, "exists") && before === "missing" && (await isRun(run)));
      if (isOthers) {
        const reason = `${error.message} ${error.remedy ?? ""}`.trim();
        yield { member, run, state: "in-use", reason };
        continue;
      }
      if (!isLangevinError(error, "diverged")) throw error;
    }
    yield { member, run, state: await stateOf(run, member) };
  }
}

/** Where the run of a member stands. */
async function stateOf(path: string, { settings }: SweepMember): Promise<SweptMember["state"]> {
  if (!(await isRun(path))) return "missing";
  const run = await openRun(path);
  const there = await run.readSettings();
  // Data are compared by their hash when a run goes on, wherever they lie.
  const { data: _, "labels-file": __, ...other } = differences(there, keptSettings(settings));
  const [key, change] = Object.entries(other)[0] ?? [];
  if (key !== undefined && change) {
    throw new LangevinError(
      "invalid-value",
      `The run ${path} has ${key}: ${text(change[0])}, but the sweep says ${text(change[1])}.`,
      "Put the sweep back as it was, or choose another folder with --out.",
    );
  }
  return (await run.readState()).state;
}
