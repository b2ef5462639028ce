// Parallel tempering: chains at a ladder of temperatures, which swap them. Where a cold chain would stay in one valley of
// the energy for ever, it warms up, leaves, and comes back cold elsewhere, and the cold ones still sample e^{−E/T}/Z.
import { requireArray, requireInteger, requireObject, requirePositive } from "./arguments.js";
import type { Session } from "./backend/contract.js";
import { LangevinError } from "./errors.js";
import { type LangevinPlan, langevin, requireLangevinPlan } from "./langevin.js";
import { meanWithError } from "./mean-with-error.js";
import { type NoiseSource, streams } from "./noise.js";
import { uniforms } from "./order.js";

/**
 * How chains are tempered. The session's chains are ladders of R chains each, one for each temperature: chain c belongs
 * to the ladder ⌊c/R⌋. States stay where they are, and temperatures move.
 */
export interface TemperingPlan
  extends Pick<LangevinPlan, "dt" | "integrator" | "start" | "firstStep" | "pinned" | "signal"> {
  /** T of the rungs, ascending; the number of chains is a multiple of theirs. */
  readonly temperatures: readonly number[];
  /** Sweeps: each is `steps` Langevin steps of all chains, then swaps between neighbouring rungs. */
  readonly sweeps: number;
  /** Langevin steps of a sweep. */
  readonly steps: number;
  /** A frame after every so many sweeps; only after the last one unless given. */
  readonly every?: number | undefined;
  /** The rung of every chain at the start, shape [B], as the last frame of another call had them. */
  readonly rungs?: Uint32Array | undefined;
}

/** What became of the swaps of a call so far. */
export interface SwapCounts {
  /** Swaps tried between the rungs r and r + 1, shape [R − 1]. */
  readonly tried: Uint32Array;
  /** Those that were accepted. */
  readonly accepted: Uint32Array;
  /** How often a chain went from the lowest rung to the highest and back, over all ladders. */
  readonly roundTrips: number;
  /** The same for every one of the L ladders, which are independent of each other: what errors are taken from. */
  readonly byLadder: {
    /** Shape [L][R − 1]. */
    readonly accepted: Uint32Array;
    /** Shape [L]. */
    readonly roundTrips: Uint32Array;
  };
}

/** Shares and counts of swaps, with standard errors; NaN where there is one ladder only. */
export interface SwapStatistics {
  /** Share of accepted swaps between the rungs r and r + 1, shape [R − 1]; NaN where none was tried. */
  readonly accepted: readonly number[];
  /** Their standard errors between ladders. */
  readonly acceptedErrors: readonly number[];
  /** How often a chain went from the lowest rung to the highest and back, over all ladders. */
  readonly roundTrips: number;
  /** Its standard error, √L times the deviation between ladders. */
  readonly roundTripsError: number;
}

/** Tempered chains at one moment. */
export interface TemperingFrame {
  /** Sweeps since this call began. */
  readonly done: number;
  /** Number of the step that comes next. */
  readonly step: number;
  /** x of all chains, shape [B][N]. */
  readonly states: Float32Array;
  /** E(x) of all chains, shape [B]. */
  readonly energies: Float32Array;
  /** The rung of every chain, after the swaps, shape [B]. */
  readonly rungs: Uint32Array;
  /** Since this call began. */
  readonly swaps: SwapCounts;
  /** x of the chain that is on a rung, of every ladder: shape [B/R][N]. Rung 0 is the coldest. */
  statesAt(rung: number): Float32Array;
}

/**
 * The probability min(1, e^{(1/T₁ − 1/T₂)(E₁ − E₂)}) with which two chains swap their temperatures. It keeps
 * e^{−E₁/T₁ − E₂/T₂} in detailed balance.
 */
export const swapProbability = (
  first: { readonly energy: number; readonly temperature: number },
  second: { readonly energy: number; readonly temperature: number },
): number =>
  Math.min(
    1,
    Math.exp((1 / first.temperature - 1 / second.temperature) * (first.energy - second.energy)),
  );

/**
 * Runs a session's chains by Langevin dynamics at a ladder of temperatures, and after every sweep lets neighbouring rungs
 * swap, the even and the odd pairs in turn (Okabe et al. 2001; that these turns carry chains through the ladder fastest
 * is shown by Syed et al., "Non-reversible parallel tempering", 2022).
 *
 * Every frame follows the swaps of its sweep. Noise and swaps are functions of seed, chain and step, so a call that goes
 * on from a frame (its `step` as `firstStep`, its `rungs`) is the one that was never interrupted.
 *
 * @throws invalid-value, wrong-length (at the call); aborted, diverged; not-finite; what the session throws
 */
export function temper(
  session: Session,
  plan: TemperingPlan,
): AsyncGenerator<TemperingFrame, void, void> {
  requirePlan(session, plan);
  return run(session, plan);
}

async function* run(
  session: Session,
  plan: TemperingPlan,
): AsyncGenerator<TemperingFrame, void, void> {
  const {
    temperatures,
    sweeps,
    steps,
    every = sweeps,
    start,
    dt,
    integrator,
    pinned,
    signal,
  } = plan;
  const { units, chains, seed } = session.spec;
  const size = temperatures.length;
  const rungs = plan.rungs?.slice() ?? Uint32Array.from({ length: chains }, (_, at) => at % size);
  const ladder = new Ladder(temperatures, rungs);
  let step = plan.firstStep ?? session.nextStep;
  for (let done = 1; done <= sweeps; done++) {
    const temperature = Float64Array.from(rungs, (rung) => temperatures[rung]!);
    const sweep = langevin(session, {
      stages: [{ steps, temperature }],
      start: done === 1 ? start : "continue",
      firstStep: step,
      dt,
      integrator,
      pinned,
      signal,
    });
    for await (const { states, energies, step: next } of sweep) {
      step = next;
      const source = { seed, stream: streams.swaps, step };
      ladder.swap(energies, source, session.spec.firstChain, Math.floor(step / steps) % 2);
      if (done % every !== 0 && done !== sweeps) continue;
      const now = rungs.slice();
      yield {
        done,
        step,
        states,
        energies,
        rungs: now,
        swaps: ladder.counts(),
        statesAt: (rung) => statesAt(states, units, now, rung),
      };
    }
  }
}

function statesAt(
  states: Float32Array,
  units: number,
  rungs: Uint32Array,
  rung: number,
): Float32Array {
  const rows = [...rungs.keys()].filter((chain) => rungs[chain] === rung);
  const result = new Float32Array(rows.length * units);
  rows.forEach((chain, row) => {
    result.set(states.subarray(chain * units, (chain + 1) * units), row * units);
  });
  return result;
}

/** Who is on which rung, and what became of the swaps. */
class Ladder {
  readonly #temperatures: readonly number[];
  readonly #rungs: Uint32Array;
  /** Swaps that one ladder tried at each pair. */
  readonly #tried: Uint32Array;
  readonly #accepted: Uint32Array;
  /** Of every chain: 1 on the way up after the lowest rung, 2 on the way down after the highest, 0 before either. */
  readonly #way: Uint8Array;
  readonly #roundTrips: Uint32Array;

  constructor(temperatures: readonly number[], rungs: Uint32Array) {
    this.#temperatures = temperatures;
    this.#rungs = rungs;
    const ladders = rungs.length / temperatures.length;
    this.#tried = new Uint32Array(temperatures.length - 1);
    this.#accepted = new Uint32Array(ladders * (temperatures.length - 1));
    this.#roundTrips = new Uint32Array(ladders);
    this.#way = new Uint8Array(rungs.length);
    this.#follow();
  }

  counts(): SwapCounts {
    const pairs = this.#tried.length;
    const accepted = new Uint32Array(pairs);
    this.#accepted.forEach((count, at) => {
      accepted[at % pairs]! += count;
    });
    return {
      tried: this.#tried.map((count) => count * this.#roundTrips.length),
      accepted,
      roundTrips: this.#roundTrips.reduce((sum, count) => sum + count, 0),
      byLadder: { accepted: this.#accepted.slice(), roundTrips: this.#roundTrips.slice() },
    };
  }

  /** Tries to swap the rungs first, first + 2, … with those above them, in every ladder. */
  swap(energies: Float32Array, source: NoiseSource, firstChain: number, first: number): void {
    const temperatures = this.#temperatures;
    const size = temperatures.length;
    const holder = new Uint32Array(size);
    for (let rung = first; rung + 1 < size; rung += 2) this.#tried[rung]!++;
    for (let start = 0; start < this.#rungs.length; start += size) {
      for (let at = 0; at < size; at++) holder[this.#rungs[start + at]!] = start + at;
      const draws = uniforms(source, firstChain + start, size);
      for (let rung = first; rung + 1 < size; rung += 2) {
        const [low, high] = [holder[rung]!, holder[rung + 1]!];
        const probability = swapProbability(
          { energy: energies[low]!, temperature: temperatures[rung]! },
          { energy: energies[high]!, temperature: temperatures[rung + 1]! },
        );
        if (draws[rung]! >= probability) continue;
        this.#accepted[(start / size) * (size - 1) + rung]!++;
        this.#rungs[low] = rung + 1;
        this.#rungs[high] = rung;
      }
    }
    this.#follow();
  }

  #follow(): void {
    const top = this.#temperatures.length - 1;
    for (let chain = 0; chain < this.#rungs.length; chain++) {
      const rung = this.#rungs[chain];
      if (rung === top && this.#way[chain] === 1) this.#way[chain] = 2;
      if (rung !== 0) continue;
      if (this.#way[chain] === 2) this.#roundTrips[Math.floor(chain / (top + 1))]!++;
      this.#way[chain] = 1;
    }
  }
}

/**
 * The shares of accepted swaps and the round trips of tempered chains. Their standard errors are those between ladders,
 * √(Σ(v − ⟨v⟩)²/(L(L − 1))), so that it does not matter how long chains remember; that of a share is at least the
 * deviation √((k + 1)(n − k + 1)/(n + 3))/(n + 2) which k of n independent swaps leave.
 */
export function swapStatistics({
  tried,
  accepted,
  roundTrips,
  byLadder,
}: SwapCounts): SwapStatistics {
  const pairs = tried.length;
  const ladders = byLadder.roundTrips.length;
  const acceptedErrors = Array.from(tried, (n, pair) => {
    const shareOf = (ladder: number) => (byLadder.accepted[ladder * pairs + pair]! * ladders) / n;
    const [, error] = meanWithError(
      Array.from({ length: ladders }, (_, ladder) => shareOf(ladder)),
    );
    const k = accepted[pair]!;
    return Math.max(error, Math.sqrt(((k + 1) * (n - k + 1)) / (n + 3)) / (n + 2));
  });
  return {
    accepted: Array.from(tried, (n, pair) => accepted[pair]! / n),
    acceptedErrors,
    roundTrips,
    roundTripsError: ladders * meanWithError(byLadder.roundTrips)[1],
  };
}

type AcceptedSwaps = Pick<SwapCounts, "tried" | "accepted">;

/** The share of swaps between the rungs r and r + 1 that were refused; where none was tried, all count as refused. */
const refused = ({ tried, accepted }: AcceptedSwaps): number[] =>
  Array.from(tried, (all, pair) => (all === 0 ? 1 : 1 - accepted[pair]! / all));

/**
 * Λ, the sum of the refused shares over the ladder. It hardly depends on how the rungs lie between the lowest and the
 * highest temperature, and says how many are needed: about 2Λ + 1 carry chains up and down fastest (Syed et al. 2022).
 */
export const communicationBarrier = (swaps: AcceptedSwaps): number =>
  refused(swaps).reduce((sum, share) => sum + share, 0);

/**
 * A ladder with the same ends whose swaps are refused equally often at every pair, from the swaps of another one: the
 * refused shares are a density over 1/T, and the new rungs cut it into equal parts (Syed et al. 2022).
 *
 * @param temperatures those of the rungs that swapped, ascending
 * @param rungs how many there shall be; as many as there are unless given
 * @throws invalid-value, wrong-length
 */
export function evenLadder(
  temperatures: readonly number[],
  swaps: AcceptedSwaps,
  rungs = temperatures.length,
): number[] {
  requireLadder(temperatures);
  requireInteger("rungs", rungs, 2);
  if (swaps.tried.length !== temperatures.length - 1) {
    throw new LangevinError(
      "wrong-length",
      `${temperatures.length} temperatures have ${temperatures.length - 1} pairs of neighbours, but swaps of ` +
        `${swaps.tried.length} are given.`,
    );
  }
  // A pair that never refuses still keeps its place in the order.
  const shares = refused(swaps).map((share) => Math.max(share, 1e-3));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const result: number[] = [];
  let [pair, before] = [0, 0];
  for (let rung = 0; rung < rungs; rung++) {
    const wanted = (total * rung) / (rungs - 1);
    while (pair < shares.length - 1 && before + shares[pair]! < wanted) before += shares[pair++]!;
    const part = (wanted - before) / shares[pair]!;
    const [cold, hot] = [1 / temperatures[pair]!, 1 / temperatures[pair + 1]!];
    result.push(1 / (cold + part * (hot - cold)));
  }
  result[0] = temperatures[0]!;
  result[rungs - 1] = temperatures.at(-1)!;
  return result;
}

/**
 * Refuses what is not a ladder of at least two temperatures, ascending.
 *
 * @throws invalid-value
 */
export function requireLadder(temperatures: readonly number[]): void {
  if (!Array.isArray(temperatures) || temperatures.length < 2) {
    throw new LangevinError(
      "invalid-value",
      "temperatures must be a list of at least two.",
      "For example [1, 1.4, 2].",
    );
  }
  temperatures.forEach((temperature, rung) => {
    requirePositive(`temperatures[${rung}]`, temperature);
    if (rung === 0 || temperature > temperatures[rung - 1]!) return;
    throw new LangevinError(
      "invalid-value",
      `temperatures must ascend, but ${temperature} follows ${temperatures[rung - 1]}.`,
    );
  });
}

function requirePlan(session: Session, plan: TemperingPlan): void {
  requireObject("the session", session);
  requireObject("the plan", plan);
  const { temperatures, sweeps, steps, every, rungs } = plan;
  requireLadder(temperatures);
  requireInteger("sweeps", sweeps, 1);
  const { start, firstStep, dt, integrator, pinned, signal } = plan;
  requireLangevinPlan(session.spec, session.nextStep, {
    stages: [{ steps, temperature: 1 }],
    start,
    firstStep,
    dt,
    integrator,
    pinned,
    signal,
  });
  if (every !== undefined) requireInteger("every", every, 1);
  const { chains } = session.spec;
  const size = temperatures.length;
  if (chains % size !== 0) {
    throw new LangevinError(
      "invalid-value",
      `${chains} chains are not a whole number of ladders of ${size} temperatures.`,
      `Open the session with ${size * Math.max(1, Math.round(chains / size))} chains.`,
    );
  }
  if (rungs === undefined) return;
  requireArray("rungs", rungs, ["Uint32Array"]);
  for (let start = 0; start < Math.max(rungs.length, chains); start += size) {
    const own = new Set(rungs.subarray(start, start + size));
    if (own.size === size && Math.max(...own) < size && rungs.length === chains) continue;
    throw new LangevinError(
      "invalid-value",
      `rungs must give every ladder of ${size} chains each rung from 0 to ${size - 1} once.`,
      "Take the rungs of the last frame.",
    );
  }
}
