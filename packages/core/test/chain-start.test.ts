// Chains that begin where data are, begin again in turn, and parameters that are averaged on the way.
import { describe, expect, it } from "vitest";
import {
  chainNoise,
  createMachine,
  createReferenceBackend,
  dataStart,
  FRESH_CHAINS,
  gaussianStart,
  langevin,
  randomNetwork,
  readNetwork,
  readTrainingState,
  type Session,
  streams,
  type TrainingPlan,
  train,
  writeNetwork,
  writeTrainingState,
} from "../src/index.js";
import { codeOf, expectClose } from "./known.js";

const units = 5;
const data = Float32Array.from({ length: 12 * units }, (_, at) => Math.sin(at * at));
const plan: TrainingPlan = { updates: 20, dt: 0.05, learningRate: 0.01 };
const last = units * units;

async function open(averages = false, chains = 6): Promise<Session> {
  const session = await createReferenceBackend().open({
    units,
    chains,
    batch: 4,
    seed: 4,
    averages,
  });
  writeNetwork(session, randomNetwork({ units, gain: 1, seed: 4 }));
  return session;
}

async function finish(session: Session, changes: Partial<TrainingPlan>, from = 0) {
  for await (const _ of train(session, data, { ...plan, ...changes }, { from }));
  return readTrainingState(session, changes.updates ?? plan.updates);
}

describe("a draw of chains", () => {
  it("is μ + σ·ξ, of all chains or of some", async () => {
    const session = await open();
    const mean = Float64Array.of(1, -2, 0, 3, 0.5);
    session.drawChains({ stream: streams.initialState, step: 7, mean, spread: 0.25 });
    const all = await session.read("chains");
    for (let chain = 0; chain < 6; chain++) {
      const noise = chainNoise({ seed: 4, stream: streams.initialState, step: 7 }, chain, units);
      const expected = noise.map((normal, unit) => mean[unit]! + 0.25 * normal);
      expectClose(all.slice(chain * units, (chain + 1) * units), expected, 1e-6);
    }
    session.drawChains({ stream: streams.initialState, step: 8, only: { first: 2, count: 3 } });
    const some = await session.read("chains");
    expect(some.slice(0, 2 * units)).toEqual(all.slice(0, 2 * units));
    expect(some.slice(5 * units)).toEqual(all.slice(5 * units));
    const noise = chainNoise({ seed: 4, stream: streams.initialState, step: 8 }, 4, units);
    expectClose(some.slice(4 * units, 5 * units), noise, 1e-6);
  });

  it("is refused where it cannot be made", async () => {
    const session = await open();
    const draw = (changes: object) =>
      codeOf(() => session.drawChains({ stream: 1, step: 0, ...changes }));
    expect(await draw({ mean: [0, 0, 0, 0, 0] })).toBe("invalid-value");
    expect(await draw({ mean: new Float32Array(4) })).toBe("wrong-length");
    expect(await draw({ mean: new Float32Array(5).fill(Number.NaN) })).toBe("not-finite");
    expect(await draw({ spread: -1 })).toBe("invalid-value");
    expect(await draw({ only: { first: 4, count: 3 } })).toBe("invalid-value");
    expect(await draw({ only: { first: -1, count: 1 } })).toBe("invalid-value");
  });

  it("begins a run of chains at the mean of data", async () => {
    const start = dataStart(data, units, 0.5);
    const mean = new Float64Array(units);
    data.forEach((x, at) => {
      mean[at % units]! += x / 12;
    });
    expectClose(start.mean, mean, 1e-6);
    const stages = [{ steps: 1, temperature: 1 }];
    const frames = langevin(await open(), { dt: 0.05, stages, start, firstStep: 3, at: [0] });
    const { value: first } = await frames.next();
    const noise = chainNoise({ seed: 4, stream: streams.initialState, step: 3 }, 0, units);
    expectClose(
      first!.states.slice(0, units),
      noise.map((normal, unit) => start.mean[unit]! + 0.5 * normal),
      1e-6,
    );
    expect(await codeOf(() => dataStart(new Float32Array(0), units))).toBe("wrong-length");
    expect(await codeOf(() => dataStart(new Float32Array(7), units))).toBe("wrong-length");
  });
});

describe("chains that begin again in turn", () => {
  it("are drawn once in so many updates, each in its turn", async () => {
    // With no learning and steps of almost no length, a chain stays where it was drawn last.
    const chainStart = { mean: new Float32Array(units).fill(3), spread: 0.1 };
    const restarting = { kind: "persistent", steps: 1, restartEvery: 12 } as const;
    const still = { learningRate: 0, dt: 1e-12, negativePhase: restarting, chainStart };
    const state = await finish(await open(), { ...still, updates: 7 });
    // Six chains in twelve updates: one chain at every second update, so three in seven.
    const steps = [2, 4, 6, 0, 0, 0];
    steps.forEach((step, chain) => {
      const noise = chainNoise({ seed: 4, stream: streams.initialState, step }, chain, units);
      expectClose(
        state.chains.slice(chain * units, (chain + 1) * units),
        noise.map((normal) => 3 + 0.1 * normal),
        1e-4,
      );
    });
  });

  it("make the same training in one piece and in two", async () => {
    const restarting = { kind: "persistent", steps: 2, restartEvery: 5 } as const;
    const changes = {
      negativePhase: restarting,
      chainStart: dataStart(data, units),
      averageFrom: 0.25,
      schedule: { kind: "constant" },
    } as const;
    const whole = await finish(await open(true), changes);
    const iterator = train(await open(true), data, { ...plan, ...changes }, { reportEvery: 8 });
    const first = await open(true);
    for await (const { update } of train(
      first,
      data,
      { ...plan, ...changes },
      { reportEvery: 8 },
    )) {
      if (update === 8) break;
    }
    await iterator.return();
    const second = await open(true);
    writeTrainingState(second, await readTrainingState(first, 8));
    const resumed = await finish(second, changes, 8);
    // The reference computes in float64 and saves float32, which is all they differ by.
    expectClose(resumed.couplings, whole.couplings, 1e-5);
    expectClose(resumed.averages!, whole.averages!, 1e-5);
    expectClose(resumed.chains, whole.chains, 1e-3);
  });

  it("refuse to begin again never", async () => {
    const phase = { kind: "persistent", steps: 1, restartEvery: 0 } as const;
    expect(
      await codeOf(async () => train(await open(), data, { ...plan, negativePhase: phase })),
    ).toBe("invalid-value");
  });
});

describe("averaged parameters", () => {
  it("are the mean over the last updates", async () => {
    const session = await open(true);
    const couplings: Float32Array[] = [];
    const biases: Float32Array[] = [];
    for await (const { update } of train(
      session,
      data,
      { ...plan, averageFrom: 0.6 },
      { reportEvery: 1 },
    )) {
      if (update <= 12) continue;
      couplings.push(await session.read("couplings"));
      biases.push(await session.read("bias"));
    }
    expect(couplings).toHaveLength(8);
    const meanOf = (all: Float32Array[]) =>
      all[0]!.map((_, at) => all.reduce((sum, one) => sum + one[at]!, 0) / all.length);
    const averages = await session.read("averages");
    expectClose(averages.slice(0, last), meanOf(couplings), 1e-6);
    expectClose(averages.slice(last), meanOf(biases), 1e-6);
    const network = await readNetwork(session);
    expect(network.couplings).toEqual(averages.slice(0, last));
    expect(network.bias).toEqual(averages.slice(last));
  });

  it("are an exponential moving average with a constant weight", async () => {
    const session = await open(true);
    session.average(1);
    session.write("bias", new Float32Array(units).fill(1));
    session.average(0.25);
    session.average(0.25);
    expectClose((await session.read("averages")).slice(last), new Array(units).fill(0.4375), 1e-7);
  });

  it("of an earlier training do not outlive it", async () => {
    const session = await open(true);
    await finish(session, { averageFrom: 0.5, updates: 10 });
    const state = await finish(session, {}, 10);
    expect(state.averages!.slice(0, last)).toEqual(state.couplings);
  });

  it("are what a machine is sampled with, from where its training's chains began", async () => {
    const chainStart = dataStart(data, units, 0.5);
    const backend = createReferenceBackend();
    const machine = await createMachine(backend, { units, batch: 4, seed: 4 });
    for await (const _ of machine.train(data, { ...plan, averageFrom: 0.5, chainStart }));
    expect(machine.sampling).toEqual({ dt: 0.05, temperature: 1, chainStart });
    const { value: frame } = await machine.langevin({ chains: 3, steps: 1, at: [0] }).next();
    const mean = (await machine.network()).couplings;
    expect(mean).toEqual((await machine.session.read("averages")).slice(0, last));
    const noise = chainNoise(
      { seed: 4, stream: streams.initialState, step: 0 },
      FRESH_CHAINS + 2,
      units,
    );
    expectClose(
      frame!.states.slice(2 * units),
      noise.map((normal, unit) => chainStart.mean[unit]! + 0.5 * normal),
      1e-6,
    );
    const again = await createMachine(backend, {
      state: await machine.state(),
      sampling: machine.sampling,
      batch: 4,
      seed: 4,
    });
    expect(await again.network()).toEqual(await machine.network());
    const options = { chains: 3, steps: 5 };
    expect(await again.sample(options)).toEqual(
      await machine.sample({ ...options, start: "fresh", chains: 3 }),
    );
  });

  it("need room for them", async () => {
    const session = await open(false);
    expect(await codeOf(() => session.average(1))).toBe("invalid-value");
    expect(await codeOf(() => session.read("averages"))).toBe("invalid-value");
    expect(await codeOf(() => train(session, data, { ...plan, averageFrom: 0.5 }))).toBe(
      "invalid-value",
    );
    const roomy = await open(true);
    for (const weight of [0, -1, 2, Number.NaN]) {
      expect(await codeOf(() => roomy.average(weight))).toBe("invalid-value");
    }
    for (const averageFrom of [1, -0.1, Number.NaN]) {
      expect(await codeOf(() => train(roomy, data, { ...plan, averageFrom }))).toBe(
        "invalid-value",
      );
    }
  });
});

describe("a Gaussian with components", () => {
  const spec = { units, chains: 4000, seed: 9 };
  const components = Float32Array.of(1, 2, 0, 0, 0, 0, 0, 1, -1, 0);
  const mean = Float64Array.of(1, -2, 0, 3, 0.5);

  it("has its mean, and the covariance CᵀC + σ²", async () => {
    const session = await createReferenceBackend().open(spec);
    session.drawChains({ stream: 1, step: 3, mean, components, spread: 0.5 });
    const states = await session.read("chains");
    const { mean: found } = dataStart(states, units);
    for (let a = 0; a < units; a++) {
      expect(Math.abs(found[a]! - mean[a]!)).toBeLessThan(0.15);
      for (let b = 0; b < units; b++) {
        const expected =
          components[a]! * components[b]! +
          components[units + a]! * components[units + b]! +
          (a === b ? 0.25 : 0);
        let covariance = 0;
        for (let chain = 0; chain < spec.chains; chain++) {
          const [x, y] = [a, b].map((unit) => states[chain * units + unit]! - mean[unit]!);
          covariance += (x! * y!) / spec.chains;
        }
        // Five standard errors of a variance of 4.25.
        expect(Math.abs(covariance - expected)).toBeLessThan(0.5);
      }
    }
  });

  it("gives a chain the same state, alone and among others, in any session", async () => {
    const gaussian = { stream: 1, step: 3, mean, components, spread: 0.5 };
    const all = await createReferenceBackend().open({ ...spec, chains: 6 });
    all.drawChains(gaussian);
    const expected = (await all.read("chains")).slice(3 * units, 5 * units);
    all.drawChains({ stream: 1, step: 4 });
    all.drawChains({ ...gaussian, only: { first: 3, count: 2 } });
    expect((await all.read("chains")).slice(3 * units, 5 * units)).toEqual(expected);
    const later = await createReferenceBackend().open({ ...spec, chains: 2, firstChain: 3 });
    later.drawChains(gaussian);
    expect(await later.read("chains")).toEqual(expected);
  });

  it("refuses components that are no rows of numbers", async () => {
    const session = await createReferenceBackend().open({ ...spec, chains: 2 });
    const draw = (components: unknown) =>
      codeOf(() => session.drawChains({ stream: 1, step: 0, components: components as never }));
    expect(await draw(new Float32Array(7))).toBe("wrong-length");
    expect(await draw(Float32Array.of(1, 2, Number.NaN, 4, 5))).toBe("not-finite");
    expect(await draw([1, 2, 3, 4, 5])).toBe("invalid-value");
  });
});

describe("the Gaussian of data", () => {
  const rows = 600;
  // Two directions in six units, of standard deviations 3 and 1, and a little of everything else.
  const directions = [
    [1, 1, 1, 1, 0, 0],
    [0, 0, 0, 0, 1, -1],
  ];
  const states = Float32Array.from({ length: rows * 6 }, (_, at) => {
    const [row, unit] = [Math.floor(at / 6), at % 6];
    const normals = chainNoise({ seed: 3, stream: 1, step: 0 }, row, 8);
    return (
      2 +
      3 * normals[0]! * directions[0]![unit]! +
      normals[1]! * directions[1]![unit]! +
      0.01 * normals[2 + unit]!
    );
  });
  const covariance = (components: ArrayLike<number>, a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < components.length; k += 6) sum += components[k + a]! * components[k + b]!;
    return sum;
  };

  it("has its mean and leading covariance", () => {
    const { mean, components, spread } = gaussianStart(states, 6, { components: 2, spread: 0.5 });
    expect(spread).toBe(0.5);
    expect(components).toHaveLength(2 * 6);
    expectClose(mean, dataStart(states, 6).mean, 0);
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        let known = 0;
        for (let row = 0; row < rows; row++) {
          known += ((states[row * 6 + a]! - mean[a]!) * (states[row * 6 + b]! - mean[b]!)) / rows;
        }
        expect(Math.abs(covariance(components, a, b) - known)).toBeLessThan(2e-3);
      }
    }
  });

  it("takes no more directions than there are, of states and of units", () => {
    expect(gaussianStart(states.subarray(0, 18), 6, { components: 50 }).components.length).toBe(12);
    expect(gaussianStart(states, 6, { components: 50 }).components).toHaveLength(36);
    expect(gaussianStart(new Float32Array(12), 6, { components: 2 }).components).toHaveLength(0);
  });
});
