// The shell that all backends share: it keeps the contract's promises about arguments, copies, closing and
// pending calls, so that a backend writes only what computes.
import { chainMean } from "../chain-start.js";
import { isLangevinError, LangevinError } from "../errors.js";
import { norm } from "../norm.js";
import type { UpdateStep } from "../optimizer.js";
import {
  closedError,
  requireAverage,
  requireDraw,
  requireMeasure,
  requireRun,
  requireSlotValues,
  requireSource,
  requireUpdate,
  requireWeight,
  resolveSpec,
  slotLength,
} from "./checks.js";
import {
  type AdvanceRun,
  type Backend,
  type ChainDraw,
  CONTRACT_VERSION,
  type DeviceReport,
  type LentStatistics,
  type Measure,
  type ResolvedSpec,
  type Session,
  type Slot,
  type Source,
  type StatisticsNorms,
} from "./contract.js";

/** A draw with its defaults filled in; `first` is a number within the session. */
export interface EngineDraw {
  /** The stream of the noise, an integer below 2³². */
  readonly stream: number;
  /** The step whose noise is drawn. */
  readonly step: number;
  /** μ, shape [N]; undefined for 0. */
  readonly mean: Float32Array | undefined;
  /** σ, the same for all units. */
  readonly spread: number;
  /** The first chain that is drawn. */
  readonly first: number;
  /** How many chains are drawn. */
  readonly count: number;
}

/**
 * What computes one session. Operations mean what they mean in `Session`; their arguments are checked, arrays
 * among them are the engine's own, and none is called after `close`.
 *
 * Operations that return nothing may run at once or wait in order. What fails in one of them rejects every
 * later `read`, `measure` and `synchronize`; it is not thrown. `queueOperations` makes an engine of a device whose
 * operations are slow or are handed over.
 */
export interface Engine {
  /** Where the statistics lie, if the host can reach them. */
  readonly statistics?: LentStatistics | undefined;
  /** Whether `write` keeps nothing of the array that it is given, which then need not be a copy; false unless given. */
  readonly copiesWrites?: boolean | undefined;
  /** Of `batch`, `values` may have fewer rows than there is room for; they are all that it then has. */
  write(slot: Slot, values: Float32Array): void;
  /** A copy that belongs to the caller. */
  read(slot: Slot): Promise<Float32Array>;
  /** x ← μ + σ·ξ, for the chains of the draw. */
  drawChains(draw: EngineDraw): void;
  /** x ← x + dt·F + √(2T·dt)·ξ for the units that are not pinned, as often as the run says. */
  advance(run: AdvanceRun): void;
  /** Adds weight·⟨v φᵀ⟩ and weight·⟨v⟩ over the states of a source to the statistics. */
  accumulate(source: Source, weight: number): void;
  /** Takes one step of the optimizer from the statistics, which are zero afterwards. */
  update(step: UpdateStep): void;
  /** averages ← averages + weight·(J, b − averages); only called where the spec has `averages`. */
  average(weight: number): void;
  /** E(x) or x·∇E of every state of a source, shape [B] or [P]. */
  measure(what: Measure, source: Source): Promise<Float32Array>;
  /** Norms of the statistics; where this is absent, the statistics are read for them. */
  norms?(): Promise<StatisticsNorms>;
  /** Resolves when everything before it is done. */
  synchronize(): Promise<void>;
  /** Drops what waits, ends what runs as soon as it can, frees the memory. Called once. */
  close(): Promise<void>;
}

/** What a backend is made of. */
export interface BackendParts {
  /** Its name, such as "cpu"; an open set. */
  readonly id: string;
  /** The report, asked for anew each time it is read. */
  device(): DeviceReport;
  /**
   * Allocates a session of these sizes, all slots zero.
   *
   * @throws unsupported (sizes that fit one by one but not together), device-failed
   */
  open(spec: ResolvedSpec): Promise<Engine>;
  /** Frees the device; its engines are closed by then. Called once. */
  close(): Promise<void>;
}

/**
 * A backend that holds the contract around the engines of its parts: it checks what it is given, by `checks.ts`, before an
 * engine sees it, and closes every session before itself. What the parts throw goes through; what is not a LangevinError
 * becomes `device-failed`. Every session's methods throw what `Session` of the contract says.
 *
 * @returns a backend whose `open` throws invalid-value, unsupported, device-failed, and closed after `close`
 */
export function defineBackend(parts: BackendParts): Backend {
  const sessions = new Set<Session>();
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    await Promise.all([...sessions].map((session) => session.close()));
    await parts.close();
  };
  const close = () => {
    closing ??= closeAll();
    return closing;
  };
  return {
    id: parts.id,
    contractVersion: CONTRACT_VERSION,
    get device() {
      return parts.device();
    },
    async open(spec) {
      if (closing) throw closedError("backend");
      const resolved = resolveSpec(spec, parts.device().limits);
      const engine = await parts.open(resolved).catch((error: unknown) => {
        if (isLangevinError(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        const sentence = `The backend "${parts.id}" could not open a session: ${reason}`;
        throw new LangevinError("device-failed", sentence, undefined, { cause: error });
      });
      if (closing) {
        await engine.close();
        throw closedError("backend");
      }
      const session = new GuardedSession(resolved, engine, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Writes values to a session of another backend, as `session.write` does, for a backend around that one: the values were
 * checked by its own sessions, and nobody else has their buffer, so they are neither checked nor copied again.
 */
export function handOver(session: Session, slot: Slot, values: Float32Array): void {
  if (session instanceof GuardedSession) session.take(slot, values);
  else session.write(slot, values);
}

const normsOf = (statistics: Float32Array, units: number): StatisticsNorms => ({
  couplings: norm(statistics.subarray(0, units ** 2)),
  bias: norm(statistics.subarray(units ** 2)),
});

class GuardedSession implements Session {
  readonly spec: ResolvedSpec;
  readonly #engine: Engine;
  readonly #onClose: () => void;
  /** How to reject the calls that are awaited. */
  readonly #pending = new Set<(error: LangevinError) => void>();
  #batchRows = 0;
  #nextStep = 0;
  #hasChains = false;
  #hasAverages = false;
  #closing: Promise<void> | undefined;

  constructor(spec: ResolvedSpec, engine: Engine, onClose: () => void) {
    this.spec = spec;
    this.#engine = engine;
    this.#onClose = onClose;
  }

  get nextStep(): number {
    return this.#nextStep;
  }

  get hasChains(): boolean {
    return this.#hasChains;
  }

  get hasAverages(): boolean {
    return this.#hasAverages;
  }

  get statistics(): LentStatistics | undefined {
    const lent = this.#engine.statistics;
    return (
      lent && {
        order: lent.order,
        lend: async () => {
          this.#requireOpen();
          return this.#untilClosed(lent.lend());
        },
      }
    );
  }

  write(slot: Slot, values: Float32Array): void {
    this.#requireOpen();
    requireSlotValues(this.spec, slot, values);
    this.take(slot, this.#engine.copiesWrites ? values : values.slice());
  }

  /** As `write`, of values that are good and are the engine's own. */
  take(slot: Slot, values: Float32Array): void {
    this.#requireOpen();
    if (slot === "chains") this.#hasChains = true;
    if (slot === "averages") this.#hasAverages = true;
    if (slot === "batch") this.#batchRows = values.length / this.spec.units;
    this.#engine.write(slot, values);
  }

  async read(slot: Slot): Promise<Float32Array> {
    this.#requireOpen();
    slotLength(this.spec, slot);
    return this.#untilClosed(this.#engine.read(slot));
  }

  drawChains(draw: ChainDraw): void {
    this.#requireOpen();
    requireDraw(this.spec, draw);
    this.#hasChains = true;
    const { stream, step, mean, components, spread = 1 } = draw;
    const { first, count } = draw.only ?? { first: 0, count: this.spec.chains };
    const noise = { stream, step, spread };
    if (!components?.length) {
      const own = mean && new Float32Array(mean);
      this.#engine.drawChains({ ...noise, mean: own, first, count });
      return;
    }
    // Each chain is drawn around a mean of its own.
    const { seed, firstChain, units } = this.spec;
    for (let chain = first; chain < first + count; chain++) {
      const own = chainMean({ mean, components }, { seed, step }, firstChain + chain, units);
      this.#engine.drawChains({ ...noise, mean: own, first: chain, count: 1 });
    }
  }

  advance(run: AdvanceRun): void {
    this.#requireOpen();
    requireRun(this.spec, run);
    const { temperature, pinned } = run;
    this.#nextStep = run.firstStep + run.steps;
    this.#hasChains = true;
    this.#engine.advance({
      ...run,
      temperature: typeof temperature === "number" ? temperature : temperature.slice(),
      pinned: pinned?.slice(),
    });
  }

  accumulate(source: Source, weight: number): void {
    this.#requireOpen();
    requireSource(source, this.#batchRows);
    requireWeight(weight);
    this.#engine.accumulate(source, weight);
  }

  update(step: UpdateStep): void {
    this.#requireOpen();
    requireUpdate(step);
    this.#engine.update({ ...step, optimizer: { ...step.optimizer } });
  }

  average(weight: number): void {
    this.#requireOpen();
    requireAverage(this.spec, weight);
    this.#hasAverages = true;
    this.#engine.average(weight);
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    this.#requireOpen();
    requireMeasure(what);
    requireSource(source, this.#batchRows);
    return this.#untilClosed(this.#engine.measure(what, source));
  }

  async norms(): Promise<StatisticsNorms> {
    this.#requireOpen();
    const { units } = this.spec;
    const read = async () => normsOf(await this.#engine.read("statistics"), units);
    return this.#untilClosed(this.#engine.norms?.() ?? read());
  }

  async synchronize(): Promise<void> {
    this.#requireOpen();
    return this.#untilClosed(this.#engine.synchronize());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const reject of this.#pending) reject(closedError("session"));
    this.#pending.clear();
    this.#onClose();
    await this.#engine.close();
  }

  /** What an engine answers, unless the session is closed first. */
  #untilClosed<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  #requireOpen(): void {
    if (this.#closing) throw closedError("session");
  }
}
