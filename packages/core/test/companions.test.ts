// What a training does with sessions beside its own: missing values are drawn given what is known, and tempered chains
// bring the weights of valleys into the learning rule that plain chains never leave.
import { describe, expect, it } from "vitest";
import {
  type Companions,
  createMachine,
  createReferenceBackend,
  energy,
  type NegativePhase,
  type Network,
  openCompanions,
  randomNetwork,
  readNetwork,
  readTrainingState,
  type Session,
  sample,
  type TrainingPlan,
  type TrainingReport,
  type TrainingState,
  temper,
  train,
  writeNetwork,
  writeTrainingState,
} from "../src/index.js";
import { codeOf, expectClose, networkOf } from "./known.js";

/** A training of a network on the reference backend, with what it needs beside its session. */
async function begin(
  network: Network,
  data: Float32Array,
  plan: TrainingPlan & { readonly negativePhase: NegativePhase },
  {
    known,
    chains,
    from,
    reportEvery = 10,
  }: {
    known?: Uint8Array | undefined;
    chains: number;
    from?: TrainingState;
    reportEvery?: number;
  },
) {
  const { units } = network;
  const backend = createReferenceBackend();
  const spec = { units, chains, batch: plan.batch ?? data.length / units, seed: 5 };
  const session = await backend.open(spec);
  const needs = { negativePhase: plan.negativePhase, missing: known !== undefined };
  const companions = await openCompanions(backend, spec, needs);
  writeNetwork(session, network);
  if (from) writeTrainingState(session, from, companions);
  const options = { known, companions, from: from?.update, reportEvery };
  return { session, companions, reports: train(session, data, plan, options) };
}

/** Means over a density e^{−f}, one-dimensional, by the trapezium rule. */
function exactMeans(f: (x: number) => number): { mean: number; square: number } {
  let [Z, mean, square] = [0, 0, 0];
  for (let x = -12; x <= 12; x += 0.01) {
    const weight = Math.exp(-f(x));
    Z += weight;
    mean += weight * x;
    square += weight * x * x;
  }
  return { mean: mean / Z, square: square / Z };
}

const plan = {
  updates: 6,
  negativePhase: { kind: "persistent", steps: 4 },
  dt: 0.05,
  learningRate: 0.01,
} as const;

describe("missing values", () => {
  const network = networkOf(
    [
      [0, 1.5],
      [-0.7, 0],
    ],
    [0.3, -0.2],
  );

  it("are drawn from p(missing | known), whichever values a state lacks, and known ones stay", async () => {
    const rows = 120;
    const data = new Float32Array(2 * rows);
    const known = new Uint8Array(2 * rows);
    for (let row = 0; row < rows; row++) {
      const lacks = row % 2;
      data[2 * row + 1 - lacks] = lacks === 1 ? 0.8 : -0.5;
      known[2 * row + 1 - lacks] = 1;
    }
    const fixed = { ...plan, updates: 120, learningRate: 0, decay: 0 };
    const { session, companions, reports } = await begin(network, data, fixed, {
      known,
      chains: 1,
      reportEvery: 15,
    });
    const seen: [number[], number[]] = [[], []];
    for await (const { update } of reports) {
      if (update < 60) continue;
      // The missing values lie in the order of the data: x₁ of even rows, x₂ of odd ones.
      companions!.missing!.forEach((x, row) => {
        seen[(row % 2) as 0 | 1].push(x);
      });
    }
    const exact = [
      exactMeans((x) => energy(network, Float64Array.of(x, -0.5))[0]!),
      exactMeans((x) => energy(network, Float64Array.of(0.8, x))[0]!),
    ];
    for (const [unit, values] of seen.entries()) {
      expect(values.length).toBe(300);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const square = values.reduce((sum, x) => sum + x * x, 0) / values.length;
      const { mean: due, square: dueSquare } = exact[unit]!;
      const error = Math.sqrt((dueSquare - due * due) / values.length);
      expect(Math.abs(mean - due)).toBeLessThan(3.5 * error);
      expect(Math.abs(square - dueSquare)).toBeLessThan(0.3 * dueSquare);
    }
    const batch = await session.read("batch");
    expect(batch.filter((x) => x === Math.fround(0.8)).length).toBe(rows / 2);
    expect(batch.filter((x) => x === -0.5).length).toBe(rows / 2);
  });

  it("move as under one mask where states of a batch lack different ones", async () => {
    const five = randomNetwork({ units: 5, gain: 1.5, seed: 3 });
    const data = Float32Array.from({ length: 15 }, (_, at) => Math.sin(2 * at));
    const alike = Uint8Array.from(data, (_, at) => (at % 5 === 1 ? 0 : 1));
    const mixed = alike.slice();
    mixed[0] = 0;
    const completed = async (known: Uint8Array) => {
      const { session, companions, reports } = await begin(
        five,
        data,
        { ...plan, updates: 1, batch: 3 },
        { known, chains: 2 },
      );
      for await (const _ of reports);
      expect(companions!.missing!.length).toBe(known.filter((one) => one === 0).length);
      return session.read("batch");
    };
    const [under, without] = [await completed(alike), await completed(mixed)];
    const changed = under.findIndex((x, at) => x !== without[at]);
    // The batch has its own order; the state that lacks one more value differs, and the others do not.
    const rows = [0, 1, 2].filter((row) =>
      Array.from({ length: 5 }, (_, unit) => 5 * row + unit).some(
        (at) => Math.abs(under[at]! - without[at]!) > 1e-5,
      ),
    );
    expect(changed).toBeGreaterThanOrEqual(0);
    expect(rows.length).toBe(1);
    const moved = under.filter((x) => !data.includes(x));
    expect(moved.length).toBe(3);
  });

  it("teach what whole data teach, where means in their place do not", async () => {
    const planted = networkOf(
      [
        [0, 1.6, 0],
        [0.4, 0, -1.4],
        [0.9, 0.5, 0],
      ],
      [0.2, 0, -0.3],
    );
    const states = 500;
    const maker = await createReferenceBackend().open({ units: 3, chains: states, seed: 2 });
    writeNetwork(maker, planted);
    const data = await sample(maker, { stages: [{ steps: 150, temperature: 1 }], dt: 0.05 });
    const known = Uint8Array.from(data, (_, at) => Number((at * 7919) % 10 >= 3));
    const means = [0, 1, 2].map((unit) => {
      const own = data.filter((_, at) => at % 3 === unit && known[at] === 1);
      return own.reduce((sum, x) => sum + x, 0) / own.length;
    });
    const filled = data.map((x, at) => (known[at] === 1 ? x : means[at % 3]!));
    const learning: TrainingPlan & { negativePhase: NegativePhase } = {
      updates: 250,
      negativePhase: { kind: "persistent", steps: 5 },
      dt: 0.05,
      learningRate: 0.02,
      batch: 100,
    };
    const start = networkOf(
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      [0, 0, 0],
    );
    const learned = async (states: Float32Array, known?: Uint8Array) => {
      const { session, reports } = await begin(start, states, learning, { known, chains: 100 });
      for await (const _ of reports);
      return (await readNetwork(session)).couplings;
    };
    const [whole, pinned, patched] = [
      await learned(data),
      await learned(filled, known),
      await learned(filled),
    ];
    const distance = (J: Float32Array) =>
      Math.hypot(...J.map((value, at) => value - whole[at]!)) / Math.hypot(...whole);
    expect(distance(pinned)).toBeLessThan(0.2);
    expect(distance(patched)).toBeGreaterThan(2 * distance(pinned));
  }, 20_000);

  it("go on from a saved state as if nothing had interrupted them", async () => {
    const five = randomNetwork({ units: 5, gain: 1.5, seed: 3 });
    const data = Float32Array.from({ length: 40 }, (_, at) => Math.sin(2 * at));
    const known = Uint8Array.from(data, (_, at) => Number(at % 3 > 0));
    const phase = { kind: "tempering", steps: 4, temperatures: [1, 1.5, 2.5] } as const;
    const tempered = { ...plan, negativePhase: phase, batch: 4 };
    const whole = await begin(five, data, tempered, { known, chains: 3, reportEvery: 3 });
    let half: TrainingState | undefined;
    const read = (session: Session, update: number, companions: Companions | undefined) =>
      readTrainingState(session, update, companions);
    for await (const { update } of whole.reports) {
      if (update === 3) half = await read(whole.session, 3, whole.companions);
    }
    const rest = await begin(five, data, tempered, { known, chains: 3, from: half! });
    for await (const _ of rest.reports);
    expect(half!.hot!.length).toBe(3 * 2 * 5);
    expect(half!.ladder![1]).not.toBe(1.5);
    const [all, again] = [
      await read(whole.session, 6, whole.companions),
      await read(rest.session, 6, rest.companions),
    ];
    // The reference keeps float64, and a state float32.
    for (const name of ["couplings", "chains", "hot", "missing"] as const) {
      expectClose(again[name]!, all[name]!, 1e-4);
    }
  });

  it("are refused without a session for them, or steps that draw them", async () => {
    const data = Float32Array.of(1, 2, 3, 4);
    const known = Uint8Array.of(1, 0, 1, 1);
    const session = await createReferenceBackend().open({ units: 2, chains: 1, batch: 2, seed: 1 });
    expect(await codeOf(() => train(session, data, plan, { known }))).toBe("invalid-value");
    const none = { ...plan, negativePhase: { kind: "none" } } as const;
    expect(await codeOf(() => train(session, data, none, { known }))).toBe("invalid-value");
    const short = { known: Uint8Array.of(1) };
    expect(await codeOf(() => train(session, data, plan, short))).toBe("wrong-length");
  });
});

describe("a tempered negative phase", () => {
  /** Two units that excite each other, cold: plain chains stay in the valley in which they begin. */
  const network = networkOf(
    [
      [0, 2],
      [2, 0],
    ],
    [0.12, 0.04],
  );
  const T = 0.03;
  const isRight = (x: number, y: number) => x + y > 1.6;

  it("visits all valleys by their weights, where plain chains never leave theirs", async () => {
    const chains = 20;
    const [updates, settled, reportEvery] = [900, 300, 5];
    const rights = async (negativePhase: NegativePhase) => {
      const { session, reports } = await begin(
        network,
        Float32Array.of(0, 0),
        {
          updates,
          negativePhase,
          temperature: T,
          dt: 0.04,
          learningRate: 0,
          chainStart: { mean: Float32Array.of(-1.9, -1.9), spread: 0.05 },
        },
        { chains, reportEvery },
      );
      const shares = new Float64Array(chains);
      let swaps: Pick<TrainingReport, "swapRate" | "swapRateError"> = {};
      for await (const report of reports) {
        swaps = report;
        if (report.update <= settled) continue;
        const states = await session.read("chains");
        for (let chain = 0; chain < chains; chain++) {
          const here = isRight(states[2 * chain]!, states[2 * chain + 1]!);
          shares[chain]! += (Number(here) * reportEvery) / (updates - settled);
        }
      }
      const mean = shares.reduce((sum, share) => sum + share, 0) / chains;
      const square = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
      return { mean, error: Math.sqrt(square / (chains - 1) / chains), swaps };
    };
    let [exact, Z] = [0, 0];
    for (let x = -4; x <= 4; x += 0.03) {
      const row: number[] = [];
      for (let y = -4; y <= 4; y += 0.03) row.push(x, y);
      energy(network, Float64Array.from(row)).forEach((E, at) => {
        const weight = Math.exp(-E / T);
        Z += weight;
        if (isRight(row[2 * at]!, row[2 * at + 1]!)) exact += weight;
      });
    }
    exact /= Z;
    const temperatures = [T, 0.08, 0.2, 0.5];
    const tempered = await rights({ kind: "tempering", steps: 8, temperatures });
    expect(tempered.error).toBeLessThan(0.05);
    expect(Math.abs(tempered.mean - exact)).toBeLessThan(3.5 * tempered.error);
    expect(tempered.swaps.swapRate).toBeGreaterThan(0.1);
    expect(tempered.swaps.swapRateError).toBeGreaterThan(0);
    expect(tempered.swaps.swapRateError).toBeLessThan(0.1);
    const plain = await rights({ kind: "persistent", steps: 8 });
    expect(plain.mean).toBeLessThan(exact / 4);
    expect(plain.swaps.swapRate).toBeUndefined();
  }, 20_000);

  it("moves the rungs between the ends until all pairs swap equally often", async () => {
    const given = [T, 0.032, 0.035, 0.2, 0.5];
    const negativePhase = { kind: "tempering", steps: 8, temperatures: given } as const;
    const fixed = { updates: 400, negativePhase, temperature: T, dt: 0.04, learningRate: 0 };
    const { companions, reports } = await begin(network, Float32Array.of(0, 0), fixed, {
      chains: 6,
      reportEvery: 100,
    });
    for await (const _ of reports);
    const evened = [...companions!.ladder!];
    expect([evened[0], evened.at(-1)]).toEqual([T, 0.5]);
    const spread = async (temperatures: readonly number[]) => {
      const session = await createReferenceBackend().open({ units: 2, chains: 15, seed: 7 });
      writeNetwork(session, network);
      let shares: number[] = [];
      for await (const { swaps } of temper(session, {
        temperatures,
        sweeps: 200,
        steps: 8,
        dt: 0.04,
      })) {
        shares = Array.from(swaps.tried, (tried, pair) => swaps.accepted[pair]! / tried);
      }
      return Math.max(...shares) - Math.min(...shares);
    };
    expect(await spread(given)).toBeGreaterThan(0.4);
    expect(await spread(evened)).toBeLessThan(0.12);
  }, 20_000);

  it("is the negative phase of a machine in a few lines, which takes up its hot chains again", async () => {
    const backend = createReferenceBackend();
    const negativePhase = { kind: "tempering", steps: 3, temperatures: [1, 2] } as const;
    const data = Float32Array.of(1, -1, 0.5, 2);
    await using machine = await createMachine(backend, { units: 2, chains: 4, batch: 2 });
    for await (const _ of machine.train(data, { updates: 3, negativePhase }));
    const state = await machine.state();
    expect(state.hot!.length).toBe(4 * 2);
    await using again = await createMachine(backend, { state, batch: 2 });
    for await (const _ of machine.train(data, { updates: 5, negativePhase }));
    for await (const _ of again.train(data, { updates: 5, negativePhase }));
    expectClose((await again.state()).hot!, (await machine.state()).hot!, 1e-4);
  });

  it("refuses ladders that do not begin at T, or have no chains", async () => {
    const session = await createReferenceBackend().open({ units: 2, chains: 1, batch: 2, seed: 1 });
    const data = Float32Array.of(1, 2, 3, 4);
    const phase = (temperatures: readonly number[]) => ({
      ...plan,
      negativePhase: { kind: "tempering", steps: 4, temperatures } as const,
    });
    for (const ladder of [[1], [2, 1], [2, 3], [1, 2]]) {
      expect(await codeOf(() => train(session, data, phase(ladder)))).toBe("invalid-value");
    }
  });
});
