/// <reference lib="esnext.disposable" preserve="true" />
// Sessions beside that of a training, for what its one mask and one temperature cannot do: data states with missing
// values, each with a mask of its own, and the hot chains of a tempered negative phase. Before they compute they are given
// the training's J and b, so that the contract stays small and every backend can do both.
import type {
  AdvanceRun,
  Backend,
  ChainGaussian,
  Session,
  SessionSpec,
} from "./backend/contract.js";
import type { NegativePhase } from "./negative-phase.js";
import { streams } from "./noise.js";
import { uniforms } from "./order.js";
import { swapProbability } from "./tempering.js";

/** Numbers of first chains, so that no noise is seen twice: those of a training begin at 0, those of sampling at 2³¹. */
const firstChains = { hot: 2 ** 30, completion: 2 ** 30 + 2 ** 29 };

/** What a training needs beside its session. */
export interface CompanionNeeds {
  /** With `tempering`, a session for the chains above the lowest temperature. */
  readonly negativePhase?: NegativePhase | undefined;
  /** Whether values are missing from the data. */
  readonly missing?: boolean | undefined;
}

/** The sessions beside a training, and what they have come to. */
export interface Companions extends AsyncDisposable {
  /** Chains of the upper temperatures, ladder by ladder, shape [B · (R − 1)][N]; without tempering undefined. */
  readonly hot: Session | undefined;
  /** A chain for every data state of a batch; undefined where no value is missing. */
  readonly completion: Session | undefined;
  /** x of the missing values, one number for each, in the order of the data; undefined until a training begins or is written. */
  missing: Float32Array | undefined;
  /** T of the rungs of tempering as they lie by now, shape [R]; undefined until a training begins or is written. */
  ladder: Float64Array | undefined;
}

/**
 * Opens the sessions that a training needs beside its own.
 *
 * @param spec that of the training's session
 * @returns undefined where it needs none
 * @throws what the backend throws
 */
export async function openCompanions(
  backend: Backend,
  { units, chains, batch, activation, seed }: SessionSpec,
  { negativePhase, missing = false }: CompanionNeeds,
): Promise<Companions | undefined> {
  const rungs = negativePhase?.kind === "tempering" ? negativePhase.temperatures.length : 1;
  if (rungs === 1 && !missing) return undefined;
  const open = (count: number, firstChain: number) =>
    backend.open({ units, chains: count, firstChain, activation, seed });
  const hot = rungs > 1 ? await open(chains * (rungs - 1), firstChains.hot) : undefined;
  try {
    const completion = missing ? await open(batch ?? 0, firstChains.completion) : undefined;
    return {
      hot,
      completion,
      missing: undefined,
      ladder: undefined,
      async [Symbol.asyncDispose]() {
        await Promise.all([hot?.close(), completion?.close()]);
      },
    };
  } catch (error) {
    await hot?.close();
    throw error;
  }
}

/** Gives the companions the J and b of the training's session. */
export async function followParameters(
  session: Session,
  { hot, completion }: Companions,
): Promise<void> {
  const [couplings, bias] = await Promise.all([session.read("couplings"), session.read("bias")]);
  for (const companion of [hot, completion]) {
    companion?.write("couplings", couplings);
    companion?.write("bias", bias);
  }
}

/** Langevin steps as both phases of a training take them. */
type Steps = Pick<AdvanceRun, "firstStep" | "steps" | "dt" | "temperature" | "integrator">;

/** Data states of which some values are missing. */
export class IncompleteData {
  readonly #units: number;
  readonly #states: Float32Array;
  readonly #known: Uint8Array;
  /** Missing values before every state, shape [P + 1]. */
  readonly #before: Uint32Array;

  /**
   * @param states x, shape [P][N]; what stands in place of a missing value is where its sampling begins
   * @param known not 0 where a value is known, shape [P][N]
   */
  constructor(units: number, states: Float32Array, known: Uint8Array) {
    this.#units = units;
    this.#states = states;
    this.#known = known;
    this.#before = new Uint32Array(states.length / units + 1);
    for (let at = 0; at < known.length; at++) {
      if (known[at] === 0) this.#before[Math.floor(at / units) + 1]!++;
    }
    for (let row = 1; row < this.#before.length; row++)
      this.#before[row]! += this.#before[row - 1]!;
  }

  /** How many values are missing. */
  get count(): number {
    return this.#before.at(-1)!;
  }

  /** x where the sampling of missing values begins, in the order of the data. */
  start(): Float32Array {
    const start = new Float32Array(this.count);
    let filled = 0;
    this.#known.forEach((one, at) => {
      if (one === 0) start[filled++] = this.#states[at]!;
    });
    return start;
  }

  /**
   * The states of a batch, completed: known values as they are, and missing ones after some Langevin steps with the known
   * ones pinned, from where they stood, which draws them from p(missing | known).
   *
   * A session pins the same units of all its chains. Where states of the batch lack different values, all units take a step
   * and the known ones are put back: forces and noise of a step do not depend on it, so the missing ones move as if the
   * known ones had been pinned.
   *
   * @param missing x of the missing values of all data; those of the batch are replaced
   * @param completion a session with a chain for every row, or more
   */
  async complete(
    rows: Uint32Array,
    missing: Float32Array,
    completion: Session,
    { firstStep, steps, ...how }: Steps,
  ): Promise<Float32Array> {
    const units = this.#units;
    const states = new Float32Array(completion.spec.chains * units);
    const batch = states.subarray(0, rows.length * units);
    const known = new Uint8Array(batch.length);
    rows.forEach((index, row) => {
      const place = index * units;
      batch.set(this.#states.subarray(place, place + units), row * units);
      known.set(this.#known.subarray(place, place + units), row * units);
    });
    const gaps = (visit: (at: number, place: number) => void) => {
      rows.forEach((index, row) => {
        let place = this.#before[index]!;
        if (place === this.#before[index + 1]) return;
        for (let at = row * units; at < (row + 1) * units; at++) {
          if (known[at] === 0) visit(at, place++);
        }
      });
    };
    gaps((at, place) => {
      batch[at] = missing[place]!;
    });
    if (known.every((one) => one !== 0)) return batch;

    const pinned = new Uint8Array(units).fill(1);
    known.forEach((one, at) => {
      if (one === 0) pinned[at % units] = 0;
    });
    const isAlike = known.every((one, at) => (one === 0) === (pinned[at % units] === 0));
    const piece = isAlike ? steps : 1;
    for (let done = 0; done < steps; done += piece) {
      completion.write("chains", states);
      completion.advance({ ...how, firstStep: firstStep + done, steps: piece, pinned });
      const moved = await completion.read("chains");
      gaps((at) => {
        batch[at] = moved[at]!;
      });
    }
    gaps((at, place) => {
      missing[place] = batch[at]!;
    });
    return batch;
  }
}

/** What became of the swaps of one update. */
export interface Swaps {
  /** Over all ladders. */
  readonly tried: number;
  /** Of every ladder, shape [B]. */
  readonly accepted: Uint32Array;
  /** Whether all energies are finite; otherwise nothing was swapped. */
  readonly isSound: boolean;
}

/**
 * The tempered negative phase: every chain of a training is the lowest rung of a ladder, whose others are hot chains. What
 * is learned changes how often neighbours swap, so the rungs between the ends follow it.
 */
export class Ladders {
  readonly #session: Session;
  readonly #hot: Session;
  readonly #temperatures: Float64Array;

  /**
   * Goes on with the ladder of the companions where it has as many rungs and the ends of the given one, and else begins
   * with that.
   *
   * @param given T of the rungs, ascending
   */
  constructor(session: Session, companions: Companions, given: readonly number[]) {
    const { hot, ladder } = companions;
    const isSame =
      ladder?.length === given.length && ladder[0] === given[0] && ladder.at(-1) === given.at(-1);
    companions.ladder = isSame ? ladder : Float64Array.from(given);
    this.#session = session;
    this.#hot = hot!;
    this.#temperatures = companions.ladder;
  }

  /** Draws the hot chains where they begin. */
  draw(start: ChainGaussian, step: number): void {
    this.#hot.drawChains({ ...start, stream: streams.initialState, step });
  }

  /** Enqueues steps of the hot chains, each at the temperature of its rung. */
  advance(run: Omit<AdvanceRun, "temperature">): void {
    const upper = this.#temperatures.slice(1);
    const temperature = Float64Array.from(
      { length: this.#hot.spec.chains },
      (_, chain) => upper[chain % upper.length]!,
    );
    this.#hot.advance({ ...run, temperature });
  }

  /**
   * Lets neighbours swap their states with the probability of `swapProbability`, the even and the odd pairs in turn, and
   * then moves the rungs between the ends towards those where all pairs swap equally often. The chains of the training stay
   * those of the lowest temperature.
   *
   * @param update decides the turn and the noise
   */
  async swap(update: number): Promise<Swaps> {
    const { units, chains, seed, firstChain } = this.#session.spec;
    const size = this.#temperatures.length;
    const [cold, hot, coldEnergies, hotEnergies] = await Promise.all([
      this.#session.read("chains"),
      this.#hot.read("chains"),
      this.#session.measure("energy", "chains"),
      this.#hot.measure("energy", "chains"),
    ]);
    const isSound = coldEnergies.every(Number.isFinite) && hotEnergies.every(Number.isFinite);
    let tried = 0;
    const accepted = new Uint32Array(chains);
    const shares = new Float64Array(size - 1);
    for (let ladder = 0; isSound && ladder < chains; ladder++) {
      const first = ladder * (size - 1);
      const stateOf = (rung: number) =>
        rung === 0
          ? cold.subarray(ladder * units, (ladder + 1) * units)
          : hot.subarray((first + rung - 1) * units, (first + rung) * units);
      const energyOf = (rung: number) =>
        rung === 0 ? coldEnergies[ladder]! : hotEnergies[first + rung - 1]!;
      const source = { seed, stream: streams.swaps, step: update };
      const draws = uniforms(source, firstChain + ladder, size);
      for (let rung = 0; rung + 1 < size; rung++) {
        const probability = swapProbability(
          { energy: energyOf(rung), temperature: this.#temperatures[rung]! },
          { energy: energyOf(rung + 1), temperature: this.#temperatures[rung + 1]! },
        );
        shares[rung]! += probability / chains;
        if (rung % 2 !== update % 2) continue;
        tried++;
        if (draws[rung]! >= probability) continue;
        accepted[ladder]!++;
        const low = stateOf(rung).slice();
        stateOf(rung).set(stateOf(rung + 1));
        stateOf(rung + 1).set(low);
      }
    }
    if (accepted.some((count) => count > 0)) {
      this.#session.write("chains", cold);
      this.#hot.write("chains", hot);
    }
    if (isSound) this.#even(shares, update);
    return { tried, accepted, isSound };
  }

  /**
   * Widens in 1/T the gaps between rungs that swap more often than others, and narrows the rest, by steps that shrink along
   * the training (Robbins and Monro; for ladders Vousden et al., "Dynamic temperature selection", 2016).
   *
   * @param shares probabilities of a swap between the rungs r and r + 1, mean over ladders, shape [R − 1]
   */
  #even(shares: Float64Array, update: number): void {
    const T = this.#temperatures;
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const rate = 1 / (10 + Math.sqrt(update));
    const gaps = shares.map((share, rung) => {
      return (1 / T[rung]! - 1 / T[rung + 1]!) * Math.exp(rate * (share - mean));
    });
    const scale = (1 / T[0]! - 1 / T.at(-1)!) / gaps.reduce((sum, gap) => sum + gap, 0);
    let inverse = 1 / T[0]!;
    for (let rung = 1; rung < T.length - 1; rung++) {
      inverse -= scale * gaps[rung - 1]!;
      T[rung] = 1 / inverse;
    }
  }
}
