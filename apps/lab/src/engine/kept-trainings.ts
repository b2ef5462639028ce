// What survives a reload, in the browser's IndexedDB: trainings with their checkpoints, each under its own id. A tab
// holds the lock of its training, so that no other tab goes on with the same one. What belongs together is written in
// one transaction, so that a page that closes at any moment leaves a whole training.
import type { TrainingState } from "@neural-langevin/core";
import { decodeCheckpoint } from "@neural-langevin/runs";
import { createStore, delMany, get, getMany, keys, set, setMany } from "idb-keyval";
import type { TrainingTask } from "./protocol.js";
import { Training, type TrainingProgress } from "./training.js";

const store = createStore("neural-langevin-trainings", "trainings");

/** Everything of a training but its task and states. */
type TrainingRecord = Omit<TrainingProgress, "state">;

const taskKey = (id: string) => `${id}/task`;
const recordKey = (id: string) => `${id}/record`;
const latestKey = (id: string) => `${id}/latest`;
const checkpointKey = (id: string, update: number) => `${id}/checkpoint ${update}`;

/** A training that is this tab's until it is released. */
export interface Hold {
  readonly id: string;
  release(): void;
}

/** Milliseconds between two attempts to take a training. */
const AGAIN = 100;

/**
 * Takes a training for this tab; undefined when another tab has it for all of these milliseconds. Where the browser
 * has no locks, which only pages without https lack, every training is free.
 */
export async function hold(id: string, milliseconds: number): Promise<Hold | undefined> {
  if (!navigator.locks) return { id, release() {} };
  const end = performance.now() + milliseconds;
  for (;;) {
    const held = await holdNow(id);
    if (held || performance.now() >= end) return held;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

const holdNow = (id: string): Promise<Hold | undefined> =>
  new Promise((resolve, reject) => {
    const take = (lock: Lock | null) => {
      if (!lock) {
        resolve(undefined);
        return undefined;
      }
      // The lock is held until this promise resolves.
      return new Promise<void>((release) => {
        resolve({ id, release });
      });
    };
    navigator.locks
      .request(`neural-langevin training ${id}`, { ifAvailable: true }, take)
      .catch(reject);
  });

/** Keeps a training that begins; its state is a checkpoint. */
export async function keepTask(training: Training): Promise<void> {
  await set(taskKey(training.task.id), training.task, store);
  await keepProgress(training, true);
}

/** Keeps where a training stands; with `asCheckpoint` also for rewinding. */
export async function keepProgress(training: Training, asCheckpoint: boolean): Promise<void> {
  const { task, settings, rows, checkpoints, provenance, state } = training;
  const { id } = task;
  const record: TrainingRecord = { settings, rows, checkpoints, provenance };
  const bytes = training.encode();
  const kept: [string, unknown][] = [
    [recordKey(id), record],
    [latestKey(id), bytes],
  ];
  if (asCheckpoint) kept.push([checkpointKey(id, state.update), bytes]);
  await setMany(kept, store);
}

/** The file of a checkpoint. */
export const recallBytes = (id: string, update: number): Promise<Uint8Array | undefined> =>
  get(checkpointKey(id, update), store);

/** The state of a checkpoint. */
export async function recallCheckpoint(
  id: string,
  update: number,
): Promise<TrainingState | undefined> {
  const bytes = await recallBytes(id, update);
  return bytes && decodeCheckpoint(bytes, `The kept checkpoint of update ${update}`);
}

/** Forgets checkpoints of a training. */
export const forgetCheckpoints = (id: string, updates: readonly number[]): Promise<void> =>
  delMany(
    updates.map((update) => checkpointKey(id, update)),
    store,
  );

/** Forgets a training. */
export async function forget(id: string): Promise<void> {
  const all = await keys<string>(store);
  await delMany(
    all.filter((key) => key.startsWith(`${id}/`)),
    store,
  );
}

/** A training that is kept. */
export async function recall(id: string): Promise<Training | undefined> {
  const [task, record, latest] = await getMany<unknown>(
    [taskKey(id), recordKey(id), latestKey(id)],
    store,
  );
  if (!task || !record || !latest) return undefined;
  const state = decodeCheckpoint(latest as Uint8Array, "The kept training");
  return Training.recall(task as TrainingTask, { ...(record as TrainingRecord), state });
}

/** The ids of all trainings that are kept, the latest first. */
export async function keptIds(): Promise<string[]> {
  const ending = "/record";
  const records = (await keys<string>(store)).filter((key) => key.endsWith(ending));
  const contents = await getMany<TrainingRecord>(records, store);
  const changed = (at: number) => contents[at]?.provenance?.changed ?? "";
  return [...records.keys()]
    .sort((a, b) => (changed(a) < changed(b) ? 1 : -1))
    .map((at) => records[at]!.slice(0, -ending.length));
}
