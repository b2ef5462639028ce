// What survives a reload, in the browser's IndexedDB: the training with its checkpoints. Each is written in one
// transaction, so that a page that closes at any moment leaves a whole one.
import type { CompleteTrainingPlan, TrainingState } from "@neural-langevin/core";
import { decodeCheckpoint, encodeCheckpoint } from "@neural-langevin/runs";
import { clear, createStore, delMany, get, getMany, set, setMany } from "idb-keyval";
import { type Lesson, type Making, type Row, Training } from "./training.js";

const store = createStore("neural-langevin-lab", "training");

/** Everything of a training but its states. */
interface TrainingRecord {
  readonly plan: CompleteTrainingPlan;
  readonly rows: Row[];
  readonly checkpoints: number[];
  readonly making: Making | undefined;
}

const recordOf = ({ plan, rows, checkpoints, making }: Training): TrainingRecord => ({
  plan,
  rows,
  checkpoints,
  making,
});

/** Keeps what a training that begins learns, in place of the training that was kept. */
export async function keepLesson(lesson: Lesson): Promise<void> {
  await clear(store);
  await set("lesson", lesson, store);
}

/** Keeps where a training stands; with `asCheckpoint` also for rewinding. */
export async function keepTraining(training: Training, asCheckpoint: boolean): Promise<void> {
  const { state } = training;
  const bytes = encodeCheckpoint(state);
  const entries: [string, unknown][] = [
    ["record", recordOf(training)],
    ["latest", bytes],
  ];
  if (asCheckpoint) entries.push([`checkpoint ${state.update}`, bytes]);
  await setMany(entries, store);
}

/** The file of a checkpoint. */
export const recallBytes = (update: number): Promise<Uint8Array | undefined> =>
  get(`checkpoint ${update}`, store);

/** The state of a checkpoint. */
export async function recallCheckpoint(update: number): Promise<TrainingState | undefined> {
  const bytes = await recallBytes(update);
  return bytes && decodeCheckpoint(bytes, `The kept checkpoint of update ${update}`);
}

/** Forgets checkpoints. */
export const forgetCheckpoints = (updates: readonly number[]): Promise<void> =>
  delMany(
    updates.map((update) => `checkpoint ${update}`),
    store,
  );

/** The training that is kept, if there is one. */
export async function recallTraining(): Promise<Training | undefined> {
  const [lesson, record, latest] = await getMany<unknown>(["lesson", "record", "latest"], store);
  if (!lesson || !record || !latest) return undefined;
  const { plan, rows, checkpoints, making } = record as TrainingRecord;
  const state = decodeCheckpoint(latest as Uint8Array, "The kept training");
  const past = rows.filter(({ update }) => update <= state.update);
  return new Training(lesson as Lesson, plan, { state, rows: past, checkpoints, making });
}
