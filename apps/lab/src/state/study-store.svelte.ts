// The experiments of this visit as the page sees them: which one runs, how far it is, and what was found. They run in an
// engine of their own, so that neither chains nor their commands wait for long measures.
import type { Progress } from "@neural-langevin/core";
import type { BackendName } from "../engine/backend-entries.js";
import { type RemoteEngine, startEngine } from "../engine/client.js";
import type { EngineEvent, StudyResult } from "../engine/protocol.js";
import type { Notice } from "./notice.svelte.js";

/** An experiment that runs, or was stopped. */
export interface StudyRun {
  readonly experiment: string;
  readonly seed: number;
  /** `performance.now()` when it began, or went on. */
  readonly began: number;
}

const keyOf = ({ experiment, seed }: Pick<StudyRun, "experiment" | "seed">): string =>
  `${experiment} ${seed}`;

export class StudyStore {
  readonly #notice: Notice;
  #engine: RemoteEngine | undefined;
  running = $state.raw<StudyRun>();
  stopping = $state(false);
  /** What runs now says of itself; undefined until it does. */
  progress = $state.raw<Progress>();
  /** The keys of experiments that were stopped in their middle. */
  #stopped = $state.raw<readonly string[]>([]);
  #results = $state.raw<ReadonlyMap<string, StudyResult>>(new Map());

  constructor(notice: Notice) {
    this.#notice = notice;
  }

  /** What an experiment found with a seed. */
  resultOf(experiment: string, seed: number): StudyResult | undefined {
    return this.#results.get(keyOf({ experiment, seed }));
  }

  /** Whether an experiment was stopped and can go on. */
  isStopped(experiment: string, seed: number): boolean {
    return this.#stopped.includes(keyOf({ experiment, seed }));
  }

  /** Runs an experiment, or goes on with it; there is never more than one at a time. */
  async run(experiment: string, seed: number, backend: BackendName): Promise<void> {
    if (this.running) return;
    this.running = { experiment, seed, began: performance.now() };
    this.progress = undefined;
    const begin = async () => {
      this.#engine ??= startEngine((event) => this.#listen(event));
      await this.#engine.compute(backend);
      await this.#engine.beginStudy(experiment, seed);
      return true;
    };
    if (!(await this.#notice.watch(begin()))) this.#end(false);
  }

  /** Stops what runs; it can go on later. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.#engine?.stopStudy();
    if (this.running) this.#end(true);
  }

  /** Nothing runs any more. */
  #end(stopped: boolean): void {
    const key = keyOf(this.running!);
    const others = this.#stopped.filter((one) => one !== key);
    this.#stopped = stopped ? [...others, key] : others;
    this.running = undefined;
    this.stopping = false;
  }

  #listen(event: EngineEvent): void {
    if (event.kind === "study") this.progress = event.progress;
    else if (event.kind === "studied") {
      this.#results = new Map([...this.#results, [keyOf(event.result), event.result]]);
      this.#end(false);
    } else if (event.kind === "failure") {
      this.#notice.message = event.message;
      if (event.stopped && this.running) this.#end(false);
    }
  }
}
