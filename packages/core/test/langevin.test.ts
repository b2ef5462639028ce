// The runner of chains: frames, pieces and interruptions change no bit, and divergence is noticed before it is infinite.
import { describe, expect, it } from "vitest";
import {
  createReferenceBackend,
  energy,
  FRESH_CHAINS,
  type LangevinFrame,
  type LangevinPlan,
  langevin,
  randomNetwork,
  readNetwork,
  type Session,
  sample,
  streams,
  writeNetwork,
} from "../src/index.js";
import { codeOf, expectClose } from "./known.js";

const network = randomNetwork({ units: 5, gain: 1.5, seed: 3 });

async function open(chains = 4, firstChain = 0): Promise<Session> {
  const session = await createReferenceBackend().open({ units: 5, chains, firstChain, seed: 3 });
  writeNetwork(session, network);
  return session;
}

const plan: LangevinPlan = { dt: 0.05, stages: [{ steps: 40, temperature: 1 }] };

async function framesOf(session: Session, changes: Partial<LangevinPlan>) {
  const frames = [];
  for await (const frame of langevin(session, { ...plan, ...changes })) frames.push(frame);
  return frames;
}

describe("the runner of chains", () => {
  it("yields a frame every so many steps, at chosen steps, and always at the end", async () => {
    const done = async (changes: Partial<LangevinPlan>) =>
      (await framesOf(await open(), changes)).map((frame) => frame.done);
    expect(await done({})).toEqual([40]);
    expect(await done({ every: 15 })).toEqual([15, 30, 40]);
    expect(await done({ at: [0, 3, 40] })).toEqual([0, 3, 40]);
    expect(await done({ every: 20, at: [1, 20, 33] })).toEqual([1, 20, 33, 40]);
    expect(await done({ at: [0, 100] })).toEqual([0, 40]);
  });

  it("shows states with their own energies, and the temperature that led to them", async () => {
    const stages = [
      { steps: 10, temperature: 2 },
      { steps: 10, temperature: 0 },
    ];
    const frames = await framesOf(await open(), { stages, every: 5 });
    expect(frames.map(({ temperature }) => temperature)).toEqual([2, 2, 0, 0]);
    for (const { states, energies } of frames) {
      expectClose(energies, energy(network, states), 1e-4);
    }
  });

  it("gives the same bits with any frames, stages and calls", async () => {
    const whole = await sample(await open(), plan);
    expect((await framesOf(await open(), { every: 1 })).at(-1)!.states).toEqual(whole);
    const stages = [7, 13, 20].map((steps) => ({ steps, temperature: 1 }));
    expect(await sample(await open(), { ...plan, stages })).toEqual(whole);
    const session = await open();
    for (const stage of stages) await sample(session, { ...plan, stages: [stage] });
    expect(await session.read("chains")).toEqual(whole);
  });

  it("goes on after an interruption, in another session too, with the bits of one that was not", async () => {
    const whole = await sample(await open(), plan);
    const controller = new AbortController();
    const frames: LangevinFrame[] = [];
    const session = await open();
    const code = await codeOf(async () => {
      for await (const frame of langevin(session, {
        ...plan,
        every: 8,
        signal: controller.signal,
      })) {
        frames.push(frame);
        if (frame.done === 16) controller.abort();
      }
    });
    expect(code).toBe("aborted");
    const { states, step } = frames.at(-1)!;
    const rest = { ...plan, stages: [{ steps: 40 - 16, temperature: 1 }] };
    const resumed = await sample(await open(), { ...rest, start: states, firstStep: step });
    // The reference computes in float64 and hands out float32, which is all they differ by.
    expectClose(resumed, whole, 1e-5);
    expect(await sample(session, rest)).toEqual(whole);
  });

  it("begins fresh once, then goes on, and begins anew only when it is told to", async () => {
    const session = await open();
    const first = await sample(session, plan);
    const second = await sample(session, plan);
    expect(second).not.toEqual(first);
    expect(second).toEqual(
      await sample(await open(), { ...plan, stages: [{ steps: 80, temperature: 1 }] }),
    );
    expect(session.nextStep).toBe(80);
    const [start] = await framesOf(session, { start: "fresh", at: [0] });
    const other = await open();
    other.drawChains({ stream: streams.initialState, step: 80 });
    expect(start!.states).toEqual(await other.read("chains"));
    expect(await framesOf(await open(), { start: "fresh", firstStep: 0 })).toEqual(
      await framesOf(await open(), {}),
    );
  });

  it("starts where chains were put, and keeps pinned units there", async () => {
    const start = Float32Array.from({ length: 20 }, (_, at) => Math.cos(at));
    const written = await open();
    written.write("chains", start);
    expect(await sample(written, plan)).toEqual(await sample(await open(), { ...plan, start }));
    const pinned = Uint8Array.of(1, 0, 0, 1, 0);
    const states = await sample(await open(), { ...plan, start, pinned });
    states.forEach((x, at) => {
      if (pinned[at % 5]) expect(x).toBe(start[at]);
      else expect(x).not.toBe(start[at]);
    });
  });

  it("takes a temperature for each chain", async () => {
    const temperature = Float32Array.of(0, 1, 0, 1);
    const mixed = await sample(await open(), { ...plan, stages: [{ steps: 40, temperature }] });
    const cold = await sample(await open(), { ...plan, stages: [{ steps: 40, temperature: 0 }] });
    const warm = await sample(await open(), plan);
    expect(mixed.slice(0, 5)).toEqual(cold.slice(0, 5));
    expect(mixed.slice(5, 10)).toEqual(warm.slice(5, 10));
  });

  it("runs chains of other numbers with noise that the first ones never saw", async () => {
    expect(await sample(await open(4, FRESH_CHAINS), plan)).not.toEqual(
      await sample(await open(), plan),
    );
  });

  it("notices divergence while every number is still finite", async () => {
    const session = await open();
    const largest: number[] = [];
    const code = await codeOf(async () => {
      const stages = [{ steps: 1000, temperature: 1 }];
      for await (const { energies } of langevin(session, { dt: 2.5, stages, every: 1 })) {
        largest.push(Math.max(...energies));
      }
    });
    expect(code).toBe("diverged");
    expect(largest.length).toBeGreaterThan(1);
    expect(largest.every((value) => Number.isFinite(value))).toBe(true);
    expect((await session.read("chains")).every((x) => Number.isFinite(x))).toBe(true);
  });

  it("finds divergence between frames too", async () => {
    const session = await open();
    const stages = [{ steps: 100_000, temperature: 1 }];
    expect(await codeOf(() => sample(session, { dt: 2.5, stages }))).toBe("diverged");
    expect(session.nextStep).toBeLessThan(100_000);
  });

  it("takes hot chains and cold ones, and starts far away, for sound", async () => {
    for (const temperature of [0, 1e-6, 1, 1000]) {
      await sample(await open(), { dt: 0.05, stages: [{ steps: 500, temperature }] });
    }
    const start = new Float32Array(20).fill(1e3);
    const stages = [{ steps: 2000, temperature: 0 }];
    const states = await sample(await open(), { dt: 0.01, stages, start });
    expect(Math.max(...states.map(Math.abs))).toBeLessThan(1e3);
  });

  it("refuses at the call what it cannot run", async () => {
    const session = await open();
    const start = (changes: object) => codeOf(() => langevin(session, { ...plan, ...changes }));
    expect(await start({ dt: 0 })).toBe("invalid-value");
    expect(await start({ stages: [] })).toBe("invalid-value");
    expect(await start({ stages: undefined })).toBe("invalid-value");
    expect(await start({ stages: [{ steps: 0, temperature: 1 }] })).toBe("invalid-value");
    expect(await start({ stages: [{ steps: 1, temperature: -1 }] })).toBe("invalid-value");
    expect(await start({ stages: [{ steps: 1, temperature: new Float32Array(3) }] })).toBe(
      "wrong-length",
    );
    expect(await start({ every: 0 })).toBe("invalid-value");
    expect(await start({ at: [3, 3] })).toBe("invalid-value");
    expect(await start({ start: "anew" })).toBe("invalid-value");
    expect(await start({ start: [1, 2] })).toBe("invalid-value");
    expect(await start({ start: new Float32Array(3) })).toBe("wrong-length");
    expect(await start({ start: new Float32Array(20).fill(Number.NaN) })).toBe("not-finite");
    expect(await start({ integrator: "verlet" })).toBe("invalid-value");
    expect(await start({ pinned: [1, 0, 0, 0, 0] })).toBe("invalid-value");
    expect(await codeOf(() => langevin(session, undefined as never))).toBe("invalid-value");
  });
});

describe("a network in a session", () => {
  it("is written and read back as float32", async () => {
    const session = await open();
    const { couplings, bias, units, activation } = await readNetwork(session);
    expect([units, activation]).toEqual([5, "tanh"]);
    expect(couplings).toEqual(network.couplings);
    expect(bias).toEqual(network.bias);
  });

  it("is refused where the session computes another activation", async () => {
    const session = await open();
    const linear = { ...network, activation: "identity" as const };
    expect(await codeOf(() => writeNetwork(session, linear))).toBe("invalid-value");
  });
});
