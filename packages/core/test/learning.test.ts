// The learning rule is the gradient of the log-likelihood, and training follows it.
import { describe, expect, it } from "vitest";
import {
  accumulateStatistics,
  batchOrder,
  optimizerStep,
  requireNegativePhase,
  scheduleFactor,
} from "../src/backend/index.js";
import {
  chainNoise,
  createReferenceBackend,
  energy,
  fittedBias,
  isTrainingDivergence,
  LangevinError,
  type NegativePhase,
  type Network,
  type Optimizer,
  randomNetwork,
  readTrainingState,
  type Session,
  speed,
  streams,
  type TrainingPlan,
  train,
  writeTrainingState,
} from "../src/index.js";
import { codeOf, expectClose, flat, invert, known, networkOf, transpose } from "./known.js";

const answers = known<{
  J: number[][];
  b: number[];
  temperature: number;
  data: number[][];
  model: number[][];
  adam: {
    rate: number;
    decay: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    updates: { gradJ: number[][]; gradB: number[]; J: number[][]; b: number[] }[];
  };
  sgd: { rate: number; decay: number; J: number[][]; b: number[] };
}>("learning");

const units = answers.b.length;
const statisticsOf = (network: Network): Float64Array => {
  const statistics = new Float64Array(units * units + units);
  accumulateStatistics(statistics, network, flat(answers.data), 1);
  accumulateStatistics(statistics, network, flat(answers.model), -1);
  return statistics;
};

describe("a fitted bias", () => {
  it("makes the mean speed over the states 0", async () => {
    const network = randomNetwork({ units: 5, gain: 2, seed: 3 });
    const states = Float32Array.from({ length: 35 }, (_, at) => 2 * Math.sin(3 * at) + (at % 5));
    const bias = await fittedBias(network, states);
    const v = speed({ ...network, bias }, states);
    const mean = Array.from({ length: 5 }, (_, i) =>
      v.reduce((sum, value, at) => sum + (at % 5 === i ? value / 7 : 0), 0),
    );
    // float32 keeps each bias to 2⁻²⁴ of its size.
    expectClose(mean, new Float64Array(5), 1e-6);
    // One state with J = 0: b = x.
    const still = { units: 2, couplings: new Float32Array(4) };
    expect([...(await fittedBias(still, Float32Array.of(0.5, -2)))]).toEqual([0.5, -2]);
  });

  it("refuses states that are none, or a part of one", async () => {
    const network = randomNetwork({ units: 5, gain: 2, seed: 3 });
    expect(await codeOf(() => fittedBias(network, new Float32Array(0)))).toBe("wrong-length");
    expect(await codeOf(() => fittedBias(network, new Float32Array(7)))).toBe("wrong-length");
    const signal = 1 as unknown as AbortSignal;
    expect(await codeOf(() => fittedBias(network, new Float32Array(5), { signal }))).toBe(
      "invalid-value",
    );
  });

  it("of many states hears a timer that stops it", async () => {
    const network = randomNetwork({ units: 4, gain: 2, seed: 3 });
    const controller = new AbortController();
    const { signal } = controller;
    setTimeout(() => controller.abort());
    const fitted = fittedBias(network, new Float32Array(2 ** 25), { signal });
    await expect(fitted).rejects.toMatchObject({
      code: "aborted",
      message: expect.stringMatching(
        /^Fitting the bias was stopped after [1-9]\d* of 8388608 states\.$/,
      ),
    });
  });
});

describe("an optimiser step", () => {
  it("of Adam has the known course over three updates", () => {
    const network = networkOf(answers.J, answers.b);
    const moments = new Float64Array(2 * (units * units + units));
    const { updates, rate, decay, ...optimizer } = answers.adam;
    updates.forEach((expected, index) => {
      const statistics = statisticsOf(network);
      const gradient = statistics.map((value) => value / answers.temperature);
      expectClose(gradient.subarray(0, units * units), flat(expected.gradJ), 1e-12);
      expectClose(gradient.subarray(units * units), expected.gradB, 1e-12);
      optimizerStep(network, moments, statistics, {
        optimizer: { kind: "adam", ...optimizer },
        learningRate: rate,
        decay,
        temperature: answers.temperature,
        update: index + 1,
      });
      expectClose(network.couplings, flat(expected.J), 1e-12);
      expectClose(network.bias, expected.b, 1e-12);
    });
  });

  it("of gradient descent has the known result", () => {
    const network = networkOf(answers.J, answers.b);
    const { rate, decay, J, b } = answers.sgd;
    optimizerStep(network, new Float64Array(0), statisticsOf(network), {
      optimizer: { kind: "sgd" },
      learningRate: rate,
      decay,
      temperature: answers.temperature,
      update: 1,
    });
    expectClose(network.couplings, flat(J), 1e-12);
    expectClose(network.bias, b, 1e-12);
  });

  it.each([{ kind: "adam" }, { kind: "sgd" }] satisfies Optimizer[])(
    "never touches a self-coupling and never lets the bias decay (%o)",
    (optimizer) => {
      const couplings = new Float64Array(4).fill(1);
      const bias = new Float64Array(2).fill(1);
      optimizerStep({ couplings, bias }, new Float64Array(12), new Float64Array(6), {
        optimizer,
        learningRate: 0.1,
        decay: 0.5,
        temperature: 1,
        update: 1,
      });
      expect([couplings[0], couplings[3]]).toEqual([1, 1]);
      expect(couplings[1]).toBeLessThan(1);
      expect([...bias]).toEqual([1, 1]);
    },
  );
});

describe("the learning rule", () => {
  const gaussian = known<{ J: number[][]; temperature: number; logZ: number }>("gaussian");
  const { temperature } = gaussian;
  const n = gaussian.J.length;
  const data = Float64Array.from({ length: 7 * n }, (_, at) => Math.sin(1.7 * at) * 1.3);
  const base = networkOf(
    gaussian.J,
    Array.from({ length: n }, (_, i) => 0.3 * i - 0.5),
    "identity",
  );

  const inverseOf = (network: Network) => {
    const A = Float64Array.from(network.couplings, (value, at) => (at % (n + 1) ? 0 : 1) - value);
    return invert(A);
  };
  /** −log L per state = ⟨E⟩/T + log Z, with the exact log Z = (N/2) ln 2πT − ln |det(I − J)|. */
  const loss = (network: Network): number => {
    const energies = energy(network, data);
    const mean = energies.reduce((a, b) => a + b) / energies.length;
    const logZ =
      (n / 2) * Math.log(2 * Math.PI * temperature) -
      Math.log(Math.abs(inverseOf(network).determinant));
    return mean / temperature + logZ;
  };

  it("rests on the known log Z", () => {
    const logZ =
      (n / 2) * Math.log(2 * Math.PI * temperature) -
      Math.log(Math.abs(inverseOf(base).determinant));
    expect(logZ).toBeCloseTo(gaussian.logZ, 12);
  });

  it("is the gradient of −log L, where the model's average is known exactly", () => {
    const statistics = new Float64Array(n * n + n);
    accumulateStatistics(statistics, base, data, 1);
    // Of the model, v = −√T·η and x = μ + √T·A⁻¹η: ⟨v xᵀ⟩ = −T·A⁻ᵀ and ⟨v⟩ = 0.
    const model = transpose(inverseOf(base).inverse);
    for (let at = 0; at < n * n; at++) {
      if (at % (n + 1) !== 0) statistics[at]! += temperature * model[at]!;
    }
    const changed = (part: "couplings" | "bias", at: number, by: number) => {
      const values = Float64Array.from(base[part]);
      values[at]! += by;
      return loss({ ...base, [part]: values });
    };
    const slope = (part: "couplings" | "bias", at: number) =>
      (changed(part, at, 1e-5) - changed(part, at, -1e-5)) / 2e-5;
    const expected = [
      ...Array.from({ length: n * n }, (_, at) => (at % (n + 1) ? slope("couplings", at) : 0)),
      ...Array.from({ length: n }, (_, at) => slope("bias", at)),
    ];
    expectClose(
      statistics.map((value) => value / temperature),
      expected,
      1e-7,
    );
  });
});

describe("a schedule", () => {
  it("starts at 1 and falls as its name says", () => {
    const course = (kind: "constant" | "linear" | "cosine") =>
      [1, 6, 11].map((update) => scheduleFactor({ kind }, update, 10));
    expectClose(course("constant"), [1, 1, 1], 0);
    expectClose(course("linear"), [1, 0.5, 0], 1e-15);
    expectClose(course("cosine"), [1, 0.5, 0], 1e-15);
  });

  it("rises over its warm-up", () => {
    const factors = [1, 2, 4, 5].map((u) => scheduleFactor({ kind: "constant", warmUp: 4 }, u, 10));
    expectClose(factors, [0.25, 0.5, 1, 1], 0);
  });
});

const plan = {
  updates: 20,
  negativePhase: { kind: "persistent", steps: 3 },
  temperature: 1,
  dt: 0.05,
  integrator: "leimkuhler-matthews",
  optimizer: { kind: "adam" },
  learningRate: 0.01,
  schedule: { kind: "linear" },
  decay: 1e-4,
} as const satisfies TrainingPlan;
const data = Float32Array.from({ length: 12 * 5 }, (_, at) => Math.sin(at * at));

async function open(chains = 6, seed = 4): Promise<Session> {
  const session = await createReferenceBackend().open({ units: 5, chains, batch: 4, seed });
  session.write("couplings", randomNetwork({ units: 5, gain: 1, seed }).couplings);
  return session;
}

async function finish(session: Session, changes: Partial<TrainingPlan> = {}, from = 0) {
  const reports = [];
  const options = { reportEvery: 8, from };
  for await (const report of train(session, data, { ...plan, ...changes }, options)) {
    reports.push(report);
  }
  return { reports, state: await readTrainingState(session, plan.updates) };
}

describe("training", () => {
  it("reports every so many updates and at the last one", async () => {
    const { reports } = await finish(await open());
    expect(reports.map((report) => report.update)).toEqual([8, 16, 20]);
    expect(reports[0]!.learningRate).toBeCloseTo(0.01 * (1 - 7 / 20), 12);
    for (const report of reports) {
      expect(report.dataEnergy).toBeGreaterThan(0);
      expect(report.couplingsGradient).toBeGreaterThan(0);
      expect(report.seconds).toBeNaN();
    }
    // 4N²·(3 steps · 6 chains) for the dynamics, 4N²·(6 + 4) for the statistics.
    expect(reports[2]!.flop).toBe(20 * 4 * 25 * (18 + 10));
  });

  it("reports mean energies with their standard errors", async () => {
    const session = await open();
    const energies: Float32Array[] = [];
    const { measure } = session;
    session.measure = async (what, source) => {
      const values = await measure.call(session, what, source);
      energies.push(values);
      return values;
    };
    const { reports } = await finish(session);
    const errorOf = (values: Float32Array) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return Math.sqrt(variance / (values.length - 1) / values.length);
    };
    // The first ones are those of the data before the training, by which divergence is told.
    const [, data, chains] = energies;
    expect([data!.length, chains!.length]).toEqual([4, 6]);
    expect(reports[0]!.dataEnergyError).toBeCloseTo(errorOf(data!), 12);
    expect(reports[0]!.chainEnergyError).toBeCloseTo(errorOf(chains!), 12);
  });

  it("reports at further updates too, which changes nothing", async () => {
    const session = await open();
    const updates: number[] = [];
    for await (const { update } of train(session, data, plan, {
      reportEvery: 8,
      reportAt: [3, 8, 11],
    })) {
      updates.push(update);
    }
    expect(updates).toEqual([3, 8, 11, 16, 20]);
    const whole = await finish(await open());
    expect(await readTrainingState(session, 20)).toEqual(whole.state);
  });

  it("takes no step that is longer than the rate times the norm to which it clips", async () => {
    const steps = { optimizer: { kind: "sgd" }, decay: 0, schedule: { kind: "constant" } } as const;
    for (const temperature of [0, 0.5]) {
      const moved = async (clip?: number) => {
        const session = await open();
        const before = await readTrainingState(session, 0);
        const changes = { ...steps, temperature, updates: 1, clip };
        const { reports, state } = await finish(session, changes);
        const { couplingsGradient, biasGradient, learningRate } = reports[0]!;
        const step = [...state.couplings, ...state.bias].map((value, at) => {
          return (value - [...before.couplings, ...before.bias][at]!) / learningRate;
        });
        return { step, gradient: Math.hypot(couplingsGradient, biasGradient) };
      };
      const free = await moved();
      expect(Math.hypot(...free.step) / free.gradient).toBeCloseTo(1, 4);
      const clipped = await moved(free.gradient / 3);
      // The report is of the gradient itself, and the step is a third of it in the same direction.
      expect(clipped.gradient).toBeCloseTo(free.gradient, 12);
      expectClose(
        clipped.step,
        free.step.map((value) => value / 3),
        1e-4 * free.gradient,
      );
      expect((await moved(1.01 * free.gradient)).step).toEqual(free.step);
    }
    expect(await codeOf(async () => finish(await open(), { clip: 0 }))).toBe("invalid-value");
  });

  it("that goes on from a saved state is the one that was never interrupted", async () => {
    const whole = await finish(await open());
    const first = await open();
    const iterator = train(first, data, plan, { reportEvery: 8 });
    await iterator.next();
    const saved = await readTrainingState(first, 8);
    const second = await open();
    writeTrainingState(second, saved);
    const { state } = await finish(second, {}, 8);
    // The reference computes in float64 and saves float32, which is all they differ by.
    expectClose(state.couplings, whole.state.couplings, 1e-5);
    expectClose(state.chains, whole.state.chains, 1e-4);
  });

  it("stops after the update at hand, with a last report, and can then be saved", async () => {
    const session = await open();
    const controller = new AbortController();
    const updates: number[] = [];
    const code = await codeOf(async () => {
      const options = { reportEvery: 7, signal: controller.signal };
      for await (const { update } of train(session, data, plan, options)) {
        updates.push(update);
        controller.abort();
      }
    });
    expect(code).toBe("aborted");
    expect(updates).toEqual([7, 8]);
    const rest = await finish(session, {}, 8);
    const whole = await finish(await open());
    expectClose(rest.state.couplings, whole.state.couplings, 1e-9);
  });

  it("that diverges names the update and keeps the last good state", async () => {
    const session = await open();
    let failure: unknown;
    try {
      for await (const _ of train(
        session,
        data,
        { ...plan, updates: 400, dt: 5, learningRate: 1e-3 },
        { reportEvery: 5 },
      ));
    } catch (error) {
      failure = error;
    }
    if (!isTrainingDivergence(failure)) throw failure;
    const { code, message, remedy, state } = failure;
    expect(code).toBe("diverged");
    expect(message).toMatch(new RegExp(`diverged at update ${state.update + 5}:`));
    expect(remedy).toMatch(/smaller step size than 5/);
    const kept = await readTrainingState(session, state.update);
    expect(kept).toEqual(state);
    expect(kept.chains.every((value) => Number.isFinite(value))).toBe(true);
  });

  it("stores patterns from the data term alone", async () => {
    const session = await open();
    const patterns = data.slice(0, 10);
    const storing = {
      ...plan,
      negativePhase: { kind: "none" },
      temperature: 0,
      updates: 1000,
      learningRate: 0.05,
    } as const;
    const energies: number[] = [];
    for await (const report of train(session, patterns, storing, { reportEvery: 20 })) {
      energies.push(report.dataEnergy);
      expect(report.chainEnergy).toBeNaN();
    }
    expect(energies.at(-1)!).toBeLessThan(0.01);
    expect(energies[0]!).toBeGreaterThan(0.1);
  });

  it("restarts chains at every update with random restarts, and never with persistence", async () => {
    const chainsAfter = async (negativePhase: NegativePhase, start: number) => {
      const session = await open();
      session.write("chains", new Float32Array(30).fill(start));
      await finish(session, { negativePhase, updates: 11, learningRate: 0 }, 10);
      return session.read("chains");
    };
    const restarting = { kind: "random-restart", steps: 2 } as const;
    const persisting = { kind: "persistent", steps: 2 } as const;
    expect(await chainsAfter(restarting, 0)).toEqual(await chainsAfter(restarting, 1));
    expect(await chainsAfter(persisting, 0)).not.toEqual(await chainsAfter(persisting, 1));
  });

  it("averages a chain over time after its burn-in", async () => {
    // Gradient descent with rate 1 and no data energy to speak of shows the statistics themselves.
    const session = await open(1);
    const phase = { kind: "time-average", steps: 10, burnIn: 4, every: 3 } as const;
    const { couplings: before } = await readTrainingState(session, 0);
    await finish(session, {
      negativePhase: phase,
      updates: 1,
      optimizer: { kind: "sgd" },
      learningRate: 1,
      decay: 0,
    });
    const learned = (await session.read("couplings")).map((value, at) => before[at]! - value);

    const other = await open(1);
    other.drawChains({ stream: streams.initialState, step: 0 });
    const run = (firstStep: number, steps: number) =>
      other.advance({ firstStep, steps, dt: plan.dt, temperature: 1, integrator: plan.integrator });
    const rows = [...batchOrder(4, 12, 4)(1)].flatMap((row) => [
      ...data.slice(5 * row, 5 * row + 5),
    ]);
    other.write("batch", Float32Array.from(rows));
    other.accumulate("batch", 1);
    run(0, 7);
    other.accumulate("chains", -0.5);
    run(7, 3);
    other.accumulate("chains", -0.5);
    expectClose(learned, (await other.read("statistics")).slice(0, 25), 1e-5);
  });

  it("matches the model's moments to the data's", { timeout: 60_000 }, async () => {
    // A linear network can take any Gaussian: its covariance must become that of the data.
    const count = 400;
    const source = Float32Array.from({ length: 2 * count }, (_, at) => {
      const angle = (2 * Math.PI * Math.floor(at / 2)) / count;
      return at % 2 === 0
        ? Math.SQRT2 * Math.cos(angle)
        : Math.SQRT2 * (0.6 * Math.cos(angle) + 0.5 * Math.sin(angle));
    });
    const session = await createReferenceBackend().open({
      units: 2,
      chains: 300,
      batch: count,
      seed: 1,
      activation: "identity",
    });
    const before = 0.6;
    const target = {
      ...plan,
      updates: 400,
      learningRate: 0.02,
      decay: 0,
      batch: count,
      temperature: 0.3,
    };
    const covariances: number[] = [];
    for await (const report of train(session, source, target, { reportEvery: 10 })) {
      if (report.update < 300) continue;
      const x = await session.read("chains");
      let sum = 0;
      for (let chain = 0; chain < 300; chain++) sum += x[2 * chain]! * x[2 * chain + 1]!;
      covariances.push(sum / 300);
    }
    const mean = covariances.reduce((a, b) => a + b) / covariances.length;
    expect(Math.abs(mean - before)).toBeLessThan(0.1);
  });

  it("learns data in fresh noise of every update, which is known", async () => {
    const session = await open();
    const batches: Float32Array[] = [];
    const { write } = session;
    session.write = (slot, values) => {
      if (slot === "batch") batches.push(values.slice());
      write.call(session, slot, values);
    };
    await finish(session, { dataNoise: 0.5, updates: 3 });
    expect(batches).toHaveLength(3);
    const order = batchOrder(4, 12, 4);
    batches.forEach((batch, at) => {
      const step = at + 1;
      const expected = [...order(step)].flatMap((index, row) => {
        const noise = chainNoise({ seed: 4, stream: streams.dataNoise, step }, row, 5);
        return [...data.slice(5 * index, 5 * index + 5)].map((x, unit) => x + 0.5 * noise[unit]!);
      });
      expectClose(batch, expected, 1e-6);
    });
  });

  it("learns a point in noise by antisymmetric couplings", { timeout: 60_000 }, async () => {
    // A linear J = g·[[0, 1], [−1, 0]] has the covariance T/(1 + g²)·1.
    const spread = 0.5;
    const session = await createReferenceBackend().open({
      units: 2,
      chains: 300,
      batch: 200,
      seed: 1,
      activation: "identity",
    });
    session.write("couplings", Float32Array.of(0, 0.5, -0.5, 0));
    const target = { ...plan, updates: 400, learningRate: 0.03, decay: 0, dataNoise: spread };
    for await (const _ of train(session, new Float32Array(400).fill(0.8), target));
    const { couplings } = await readTrainingState(session, 400);
    const gain = Math.sqrt(1 / spread ** 2 - 1);
    expectClose(couplings, [0, gain, -gain, 0], 0.1);
  });

  it("refuses what it cannot run", async () => {
    const session = await open();
    const start = (changes: Partial<TrainingPlan>, values = data) =>
      codeOf(() => train(session, values, { ...plan, ...changes }, { reportEvery: 1 }).next());
    expect(await start({}, data.slice(1))).toBe("wrong-length");
    expect(await start({}, new Float32Array(0))).toBe("wrong-length");
    expect(await start({ updates: 0 })).toBe("invalid-value");
    expect(await start({ batch: 5 })).toBe("invalid-value");
    expect(await start({ learningRate: -1 })).toBe("invalid-value");
    expect(await start({ dt: Number.NaN })).toBe("invalid-value");
    const impossible = { kind: "time-average", steps: 10, burnIn: 8, every: 5 } as const;
    expect(() => requireNegativePhase(impossible)).toThrow(LangevinError);
    expect(await start({ negativePhase: impossible })).toBe("invalid-value");
  });
});
