// One step and a few: against the definitions, and against each other.
import type { AdvanceRun } from "@neural-langevin/core";
import { expect, expectClose, expectSame } from "./expectations.js";
import {
  type Context,
  exampleNetwork,
  exampleStates,
  onBoth,
  openExample,
  type Scenario,
} from "./scenario.js";

const spec = { units: 19, chains: 14, seed: 2 ** 33 + 5 };
const cold: AdvanceRun = {
  firstStep: 0,
  steps: 1,
  dt: 0.02,
  temperature: 0,
  integrator: "euler-maruyama",
};
const warm: AdvanceRun = { ...cold, firstStep: 2 ** 32 - 2, steps: 5, temperature: 0.8 };
const midpoint: AdvanceRun = { ...warm, integrator: "leimkuhler-matthews" };

const agrees = (
  key: string,
  statement: string,
  run: AdvanceRun,
  activation: "tanh" | "identity" = "tanh",
): Scenario => ({
  key,
  statement,
  needsSharedNoise: run.temperature !== 0,
  async run(context: Context) {
    const [found, expected] = await onBoth(context, { ...spec, activation }, (session) => {
      session.advance(run);
      return session.read("chains");
    });
    expectClose(found, expected, context.tolerance * run.steps, "chains");
  },
});

/** Far from 0, between 2 and 9 on either side. */
const saturated = Float32Array.from(
  { length: spec.chains * spec.units },
  (_, at) => (at % 2 === 0 ? 1 : -1) * (2 + ((at * 37) % 100) * 0.07),
);

const perChain = Float64Array.from({ length: 14 }, (_, chain) => (chain % 3) / 2);
const pinned = Uint8Array.from({ length: 19 }, (_, unit) => (unit % 4 === 1 ? 1 : 0));

export const steps: readonly Scenario[] = [
  agrees("step/drift", "a step at T = 0 follows −∇E, feedback included", cold),
  agrees("step/drift-identity", "the identity activation has its own drift", cold, "identity"),
  agrees("step/euler-maruyama", "Euler–Maruyama steps are the defined ones", warm),
  agrees("step/leimkuhler-matthews", "Leimkuhler–Matthews steps are the defined ones", midpoint),
  agrees("step/feedback-gate", "the feedback term is off before its step, not a step longer", {
    ...warm,
    feedbackFrom: warm.firstStep + 2,
  }),
  agrees("step/no-feedback", "the feedback term can be off for good", {
    ...cold,
    feedbackFrom: Number.POSITIVE_INFINITY,
  }),
  agrees("step/temperature-per-chain", "every chain may have its own temperature, 0 included", {
    ...midpoint,
    temperature: perChain,
  }),
  {
    key: "step/pinned",
    statement: "pinned units keep their value, bit for bit, in all chains, and still act on others",
    needsSharedNoise: true,
    async run(context) {
      for (const chains of [spec.chains, 1027]) {
        const [found, expected] = await onBoth(context, { ...spec, chains }, (session) => {
          session.advance({ ...midpoint, pinned });
          return session.read("chains");
        });
        expectClose(found, expected, context.tolerance * midpoint.steps, "chains");
        const isPinned = (_: number, at: number) => pinned[at % spec.units] !== 0;
        const before = exampleStates(chains, spec.units);
        expectSame(found.filter(isPinned), before.filter(isPinned), "pinned units");
      }
    },
  },
  {
    key: "step/own-options",
    statement: "every run has its own options; nothing stays from the one before",
    needsSharedNoise: true,
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        const gate = { feedbackFrom: Number.POSITIVE_INFINITY };
        session.advance({ ...midpoint, steps: 2, temperature: perChain, pinned, ...gate });
        session.advance({ ...warm, firstStep: 7, steps: 2, dt: 0.03 });
        session.advance({ ...cold, firstStep: 9 });
        return session.read("chains");
      });
      expectClose(found, expected, 5 * context.tolerance, "chains");
    },
  },
  {
    key: "step/many-steps",
    statement: "a call takes as many steps as it is asked for",
    needsSharedNoise: true,
    async run(context) {
      const small = { units: 3, chains: 2, seed: 8 };
      const [found, expected] = await onBoth(context, small, (session) => {
        // Without couplings, the rounding of a step fades as the state forgets where it was.
        session.write("couplings", new Float32Array(9));
        session.advance({ ...midpoint, steps: 1030 });
        return session.read("chains");
      });
      expectClose(found, expected, 10 * context.tolerance, "chains");
    },
  },
  {
    key: "step/rewritten-parameters",
    statement: "steps use the couplings and the bias that were written last, in both products",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        session.advance(cold);
        session.write(
          "couplings",
          exampleStates(spec.units, spec.units).map((value) => value / 4),
        );
        session.write("bias", exampleStates(1, spec.units));
        session.advance(cold);
        return session.read("chains");
      });
      expectClose(found, expected, 2 * context.tolerance, "chains");
    },
  },
  {
    key: "step/self-couplings",
    statement: "self-couplings that are written act like all others",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        session.write(
          "couplings",
          exampleStates(spec.units, spec.units).map((value) => value / 4),
        );
        session.advance(cold);
        return session.read("chains");
      });
      expectClose(found, expected, context.tolerance, "chains");
    },
  },
  {
    key: "step/saturated-units",
    statement: "firing rates and gains are right where tanh is nearly flat",
    async run(context) {
      const { couplings } = exampleNetwork(spec.units);
      // Large couplings show the rates. The gains are seen with small ones, because 1 − φ² is coarse in float32, for
      // which a step with feedback is given twice the tolerance.
      for (const [scale, feedbackFrom] of [
        [1000, Number.POSITIVE_INFINITY],
        [1, 0],
      ] as const) {
        const [found, expected] = await onBoth(context, spec, (session) => {
          session.write(
            "couplings",
            couplings.map((value) => scale * value),
          );
          session.write("chains", saturated);
          session.advance({ ...cold, dt: 1, feedbackFrom });
          return session.read("chains");
        });
        const tolerance = (feedbackFrom === 0 ? 2 : 1) * context.tolerance;
        expectClose(found, expected, tolerance, "chains");
      }
    },
  },
  {
    key: "step/temperature-of-many-chains",
    statement: "every one of many chains has its own temperature",
    needsSharedNoise: true,
    async run(context) {
      const chains = 331;
      const temperature = Float32Array.from(
        { length: chains },
        (_, chain) => ((7 * chain) % 331) / 200,
      );
      const [found, expected] = await onBoth(context, { units: 6, chains, seed: 8 }, (session) => {
        session.advance({ ...midpoint, steps: 2, temperature });
        return session.read("chains");
      });
      expectClose(found, expected, 2 * context.tolerance, "chains");
    },
  },
  {
    key: "step/far-chains",
    statement: "the noise of a step belongs to the number of a chain, up to 2³² − 1",
    needsSharedNoise: true,
    async run(context) {
      for (const firstChain of [2 ** 16 - 3, 2 ** 24 + 1, 2 ** 31 - 2, 2 ** 32 - 14]) {
        const [found, expected] = await onBoth(context, { ...spec, firstChain }, (session) => {
          session.advance({ ...midpoint, steps: 2 });
          return session.read("chains");
        });
        expectClose(found, expected, 2 * context.tolerance, `chains from ${firstChain} on`);
      }
    },
  },
  {
    key: "step/far-states",
    statement: "states far from the origin move as the definitions say, and are not cut",
    async run(context) {
      const states = exampleStates(spec.chains, spec.units).map(
        (value, at) => value * [1, 5, 20, 60][at % 4]!,
      );
      const [found, expected] = await onBoth(context, spec, async (session) => {
        session.write("chains", states);
        session.advance({ ...cold, steps: 2 });
        return [
          await session.read("chains"),
          await session.measure("energy", "chains"),
          await session.measure("virial", "chains"),
        ] as const;
      });
      ["chains", "energies", "virials"].forEach((name, at) => {
        expectClose(found[at]!, expected[at]!, 5 * context.tolerance, name);
      });
    },
  },
  {
    key: "step/downhill",
    statement: "a small step at T = 0 lowers the measured energy by dt·‖F‖²",
    async run({ backend, oracle, tolerance }) {
      // Rounded states move in stairs, so a coarse precision needs a step that is longer than a stair.
      const dt = Math.max(1e-4, tolerance / 2);
      const session = await openExample(backend, spec);
      const before = await session.measure("energy", "chains");
      const start = await session.read("chains");
      session.advance({ ...cold, dt });
      const after = await session.measure("energy", "chains");
      const end = await session.read("chains");
      await session.close();
      const definitions = await openExample(oracle, spec);
      definitions.advance({ ...cold, dt });
      const expected = await definitions.measure("energy", "chains");
      const fallen = before.map((value, chain) => value - after[chain]!);
      const due = (await openEnergies(oracle, start)).map(
        (value, chain) => value - expected[chain]!,
      );
      expect(
        end.some((value, at) => value !== start[at]),
        "Nothing moved.",
      );
      expectClose(fallen, due, Math.max(tolerance * 20, 1e-4), "fall of the energy");
      expect(
        fallen.every((value) => value > 0),
        "The energy of a chain rose.",
      );
    },
  },
];

async function openEnergies(
  oracle: Context["oracle"],
  chains: Float32Array,
): Promise<Float32Array> {
  const session = await openExample(oracle, spec);
  session.write("chains", chains);
  return session.measure("energy", "chains");
}

export const compose: readonly Scenario[] = [
  ...[warm, midpoint].map((run) => ({
    key: `compose/chunks-${run.integrator}`,
    statement: `one call of k steps is k calls of one step, bit for bit (${run.integrator})`,
    needsSharedNoise: true,
    async run({ backend }: Context) {
      const whole = await openExample(backend, spec);
      whole.advance({ ...run, feedbackFrom: run.firstStep + 3 });
      const pieces = await openExample(backend, spec);
      for (let step = 0; step < run.steps; step++) {
        const firstStep = run.firstStep + step;
        pieces.advance({ ...run, firstStep, steps: 1, feedbackFrom: run.firstStep + 3 });
      }
      expectSame(await pieces.read("chains"), await whole.read("chains"), "chains");
      await whole.close();
      await pieces.close();
    },
  })),
  {
    key: "compose/sessions",
    statement: "two sessions with half of the chains each do what one session does, bit for bit",
    needsSharedNoise: true,
    async run({ backend }) {
      const states = exampleStates(spec.chains, spec.units);
      const whole = await openExample(backend, spec);
      whole.advance(midpoint);
      const expected = await whole.read("chains");
      await whole.close();
      for (const [first, end] of [
        [0, 5],
        [5, 14],
        [3, 4],
      ] as const) {
        const part = await openExample(backend, {
          ...spec,
          chains: end - first,
          firstChain: first,
        });
        part.write("chains", states.slice(first * spec.units, end * spec.units));
        part.advance(midpoint);
        const found = await part.read("chains");
        expectSame(
          found,
          expected.slice(first * spec.units, end * spec.units),
          `chains ${first} to ${end}`,
        );
        await part.close();
      }
    },
  },
  {
    key: "compose/again",
    statement: "the same work gives the same bits again",
    needsSharedNoise: true,
    async run({ backend }) {
      const results: Float32Array[] = [];
      for (let trial = 0; trial < 2; trial++) {
        const session = await openExample(backend, { ...spec, batch: 9 });
        session.advance(midpoint);
        session.accumulate("batch", 1);
        session.accumulate("chains", -1);
        session.update({
          optimizer: { kind: "adam" },
          learningRate: 0.1,
          temperature: 1,
          update: 1,
        });
        results.push(await session.read("couplings"));
        await session.close();
      }
      expectSame(results[1]!, results[0]!, "couplings");
    },
  },
];
