// Tempered chains sample e^{−E/T}/Z at every rung, also where plain chains stay in one valley for ever.
import { describe, expect, it } from "vitest";
import {
  communicationBarrier,
  createReferenceBackend,
  energy,
  evenLadder,
  type Network,
  randomNetwork,
  type Session,
  type SwapCounts,
  sample,
  swapProbability,
  swapStatistics,
  type TemperingFrame,
  type TemperingPlan,
  temper,
  writeNetwork,
} from "../src/index.js";
import { codeOf, expectClose, networkOf } from "./known.js";

/** Two units that excite each other: three valleys, along x₁ = x₂, of which the outer ones differ by the bias. */
const bimodal = networkOf(
  [
    [0, 2],
    [2, 0],
  ],
  [0.12, 0.04],
);
const isRight = (x: ArrayLike<number>, at: number) => x[at]! + x[at + 1]! > 1.6;

/** ⟨f⟩ over e^{−E/T}/Z of two units, by the trapezium rule on a grid. */
function exactMean(network: Network, T: number, f: (x: number[], E: number) => number): number {
  let [sum, Z] = [0, 0];
  const h = 0.03;
  for (let x = -9; x <= 9; x += h) {
    const row: number[] = [];
    for (let y = -9; y <= 9; y += h) row.push(x, y);
    energy(network, Float64Array.from(row)).forEach((E, at) => {
      const weight = Math.exp(-E / T);
      sum += weight * f([row[2 * at]!, row[2 * at + 1]!], E);
      Z += weight;
    });
  }
  return sum / Z;
}

async function open(network: Network, chains: number, firstChain = 0): Promise<Session> {
  const { units } = network;
  const session = await createReferenceBackend().open({ units, chains, firstChain, seed: 5 });
  writeNetwork(session, network);
  return session;
}

async function framesOf(session: Session, plan: TemperingPlan): Promise<TemperingFrame[]> {
  const frames = [];
  for await (const frame of temper(session, plan)) frames.push(frame);
  return frames;
}

const meanAndError = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) };
};

describe("tempering", () => {
  it("finds the weights of valleys that plain chains never leave, exactly at every rung", async () => {
    const temperatures = [0.03, 0.06, 0.12, 0.24, 0.48];
    const ladders = 24;
    const left = (count: number) => new Float32Array(2 * count).fill(-1.9);
    const session = await open(bimodal, ladders * 5);
    const frames = await framesOf(session, {
      temperatures,
      sweeps: 900,
      steps: 8,
      dt: 0.04,
      every: 1,
      start: left(ladders * 5),
    });
    const settled = frames.slice(150);
    for (const [rung, T] of temperatures.entries()) {
      const sums = Array.from({ length: ladders }, () => ({ right: 0, energy: 0 }));
      for (const { states, energies, rungs } of settled) {
        rungs.forEach((one, chain) => {
          if (one !== rung) return;
          const sum = sums[Math.floor(chain / 5)]!;
          sum.right += Number(isRight(states, 2 * chain)) / settled.length;
          sum.energy += energies[chain]! / settled.length;
        });
      }
      const right = meanAndError(sums.map((sum) => sum.right));
      const exact = exactMean(bimodal, T, (x) => Number(isRight(x, 0)));
      expect(right.error).toBeLessThan(0.04);
      expect(Math.abs(right.mean - exact)).toBeLessThan(3.5 * right.error);
      const E = meanAndError(sums.map((sum) => sum.energy));
      const exactE = exactMean(bimodal, T, (_, E) => E);
      // The step size shifts ⟨E⟩ by far less than a hundredth of it.
      expect(Math.abs(E.mean - exactE)).toBeLessThan(3.5 * E.error + 0.01 * exactE);
    }
    expect(frames.at(-1)!.swaps.roundTrips).toBeGreaterThan(ladders);

    const plain = await sample(await open(bimodal, ladders), {
      stages: [{ steps: 900 * 8, temperature: temperatures[0]! }],
      dt: 0.04,
      start: left(ladders),
    });
    const moved = Array.from({ length: ladders }, (_, chain) => isRight(plain, 2 * chain));
    expect(moved.filter(Boolean).length).toBeLessThan(0.1 * ladders);
  }, 120_000);

  const network = randomNetwork({ units: 5, gain: 1.5, seed: 3 });
  const plan = { temperatures: [0.5, 1, 2], sweeps: 12, steps: 5, dt: 0.05, every: 1 };

  it("keeps one chain on every rung, and shows states with their own energies", async () => {
    const frames = await framesOf(await open(network, 6), plan);
    expect(frames.map(({ done, step }) => [done, step])).toEqual(
      Array.from({ length: 12 }, (_, at) => [at + 1, 5 * (at + 1)]),
    );
    for (const { states, energies, rungs, statesAt } of frames) {
      expectClose(energies, energy(network, states), 1e-4);
      for (const start of [0, 3])
        expect([...rungs.subarray(start, start + 3)].sort()).toEqual([0, 1, 2]);
      const cold = [0, 3].map((start) => start + rungs.subarray(start, start + 3).indexOf(0));
      expect([...statesAt(0)]).toEqual(
        cold.flatMap((chain) => [...states.subarray(5 * chain, 5 * chain + 5)]),
      );
    }
    const { tried, accepted } = frames.at(-1)!.swaps;
    // Even and odd pairs take turns.
    expect([...tried]).toEqual([12, 12]);
    expect(accepted.every((count) => count > 0)).toBe(true);
  });

  it("goes on after an interruption bit for bit, and depends on no other ladder", async () => {
    const whole = (await framesOf(await open(network, 6), plan)).at(-1)!;
    const session = await open(network, 6);
    const [half] = (await framesOf(session, { ...plan, sweeps: 7 })).slice(-1);
    const { states, rungs, step } = half!;
    const [rest] = (await framesOf(session, { ...plan, sweeps: 5, rungs })).slice(-1);
    expect([rest!.states, rest!.rungs]).toEqual([whole.states, whole.rungs]);
    // From states that were rounded to float32 in between, the same up to that.
    const given = { ...plan, sweeps: 5, start: states, rungs, firstStep: step };
    const [again] = (await framesOf(await open(network, 6), given)).slice(-1);
    expectClose(again!.states, whole.states, 1e-5);
    const second = (await framesOf(await open(network, 3, 3), plan)).at(-1)!;
    expect(second.states).toEqual(whole.states.subarray(15));
    expect(second.rungs).toEqual(whole.rungs.subarray(3));
  });

  it("with one temperature twice over always swaps, and moves no state by it", async () => {
    const temperatures = [1, 1 + 1e-12];
    const frames = await framesOf(await open(network, 2), { ...plan, temperatures });
    const { tried, accepted } = frames.at(-1)!.swaps;
    expect(accepted).toEqual(tried);
    const plain = await sample(await open(network, 2), {
      stages: [{ steps: 60, temperature: 1 }],
      dt: 0.05,
    });
    expectClose(frames.at(-1)!.states, plain, 1e-5);
  });

  it("stops on its signal", async () => {
    const session = await open(network, 6);
    const stopped = framesOf(session, { ...plan, signal: { aborted: true } });
    expect(await codeOf(() => stopped)).toBe("aborted");
  });
});

it("a swap is in detailed balance with e^{−E₁/T₁ − E₂/T₂}", () => {
  for (const [E1, E2] of [
    [3, 8],
    [8, 3],
    [0, 0.2],
    [700, 697],
  ] as const) {
    for (const [T1, T2] of [
      [1, 1.3],
      [0.2, 5],
      [2, 1.9],
    ] as const) {
      const flow = (a: number, b: number) =>
        -a / T1 -
        b / T2 +
        Math.log(swapProbability({ energy: a, temperature: T1 }, { energy: b, temperature: T2 }));
      expect(flow(E1, E2)).toBeCloseTo(flow(E2, E1), 9);
    }
  }
});

describe("a ladder", () => {
  /** Counts of swaps that are refused with some shares, of a thousand each. */
  const countsOf = (shares: readonly number[]) => ({
    tried: new Uint32Array(shares.length).fill(1000),
    accepted: Uint32Array.from(shares, (share) => Math.round(1000 * (1 - share))),
  });

  it("that is even stays, and keeps its ends", () => {
    const temperatures = [1, 2, 4, 8];
    expectClose(evenLadder(temperatures, countsOf([0.3, 0.3, 0.3])), temperatures, 1e-12);
    const moved = evenLadder(temperatures, countsOf([0.8, 0.1, 0.1]));
    expect([moved[0], moved[3]]).toEqual([1, 8]);
    expect(moved[1]).toBeLessThan(2);
    // Where all refusals lie in one pair, its part of 1/T is what is cut.
    const cut = evenLadder([1, 2, 4], countsOf([0.9, 0]), 4);
    expectClose(cut.map((T) => 1 / T).slice(1, 3), [1 - 1 / 6, 1 - 2 / 6], 1e-3);
    expect(communicationBarrier(countsOf([0.8, 0.1, 0.1]))).toBeCloseTo(1, 9);
  });

  it("evens the refused shares of a machine in two rounds", async () => {
    const network = randomNetwork({ units: 30, gain: 1.5, seed: 2 });
    const ratesOf = async (temperatures: readonly number[]) => {
      const size = temperatures.length;
      const session = await open(network, 8 * size);
      const plan = { temperatures, sweeps: 160, steps: 8, dt: 0.05 };
      return (await framesOf(session, plan)).at(-1)!.swaps;
    };
    const uneven = [1, 1.05, 1.1, 2.2, 2.6];
    const swaps = await ratesOf(uneven);
    const share = ({ tried, accepted }: Pick<SwapCounts, "tried" | "accepted">) =>
      Array.from(tried, (all, pair) => 1 - accepted[pair]! / all);
    const spread = (shares: number[]) => Math.max(...shares) - Math.min(...shares);
    const better = evenLadder(uneven, swaps);
    const even = evenLadder(better, await ratesOf(better));
    expect(spread(share(swaps))).toBeGreaterThan(0.5);
    expect(spread(share(await ratesOf(even)))).toBeLessThan(0.25);
  }, 60_000);

  it("of independent units swaps as often as is exact, within an error that is taken between ladders", async () => {
    // Two units without couplings: E/T ~ Exp(1), whatever the step size.
    const temperatures = [1, 2.5, 4];
    const [steps, dt, sweeps] = [10, 0.1, 300];
    const network = randomNetwork({ units: 2, gain: 0, seed: 1 });
    const session = await open(network, 40 * temperatures.length);
    const settled = await framesOf(session, { temperatures, steps, dt, sweeps: 50 });
    const { rungs } = settled[0]!;
    const [last] = await framesOf(session, { temperatures, steps, dt, sweeps, rungs });
    const { accepted, acceptedErrors, roundTrips, roundTripsError } = swapStatistics(last!.swaps);
    expect(accepted.length).toBe(2);
    const h = 0.05;
    for (const [pair, share] of accepted.entries()) {
      const [cold, hot] = [temperatures[pair]!, temperatures[pair + 1]!];
      let exact = 0;
      for (let x = h / 2; x < 15; x += h) {
        for (let y = h / 2; y < 15; y += h) {
          const pair = [
            { energy: cold * x, temperature: cold },
            { energy: hot * y, temperature: hot },
          ] as const;
          exact += swapProbability(...pair) * Math.exp(-x - y) * h * h;
        }
      }
      expect(Math.abs(share - exact)).toBeLessThan(3.5 * acceptedErrors[pair]!);
      expect(acceptedErrors[pair]).toBeLessThan(0.02);
    }
    expect(roundTrips).toBeGreaterThan(10 * roundTripsError);
    expect(roundTripsError).toBeGreaterThan(0);
  });

  it("has errors of shares and counts by hand", () => {
    const byLadder = {
      accepted: Uint32Array.of(2, 0, 4, 0, 6, 0),
      roundTrips: Uint32Array.of(1, 2, 6),
    };
    const tried = Uint32Array.of(24, 24);
    const counts = { tried, accepted: Uint32Array.of(12, 0), roundTrips: 9, byLadder };
    const found = swapStatistics(counts);
    expect(found.accepted).toEqual([0.5, 0]);
    // Shares ¼, ½ and ¾; and none of 24, which does not make it impossible.
    expectClose(found.acceptedErrors, [0.25 / Math.sqrt(3), Math.sqrt(25 / 27) / 26], 1e-12);
    expect(found.roundTripsError).toBeCloseTo(Math.sqrt(3 * 7), 12);
    const one = { accepted: Uint32Array.of(2, 0), roundTrips: Uint32Array.of(1) };
    const alone = swapStatistics({ ...counts, byLadder: one });
    expect([...alone.acceptedErrors, alone.roundTripsError]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it("that cannot be is refused", async () => {
    const session = await open(randomNetwork({ units: 2, gain: 1, seed: 1 }), 6);
    const plan = { temperatures: [1, 2], sweeps: 1, steps: 1, dt: 0.01 };
    for (const changes of [
      { temperatures: [1] },
      { temperatures: [2, 1] },
      { temperatures: [0, 1] },
      { temperatures: [1, 2, 3, 4] },
      { sweeps: 0 },
      { steps: 1.5 },
      { rungs: new Uint32Array(6) },
      { rungs: Uint32Array.of(0, 1, 0, 1) },
      { dt: 0 },
    ]) {
      expect(await codeOf(() => framesOf(session, { ...plan, ...changes }))).toBe("invalid-value");
    }
    expect(await codeOf(() => evenLadder([1, 2, 3], countsOf([0.5])))).toBe("wrong-length");
  });
});
