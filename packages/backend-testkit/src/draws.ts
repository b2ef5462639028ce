// Chains that are drawn around a mean, all of them or some, against the definitions.
import { type ChainDraw, streams } from "@neural-langevin/core";
import { expectClose, expectSame } from "./expectations.js";
import { onBoth, openExample, type Scenario } from "./scenario.js";

const spec = { units: 13, chains: 17, firstChain: 40, seed: 4 };
const mean = Float64Array.from({ length: 13 }, (_, unit) => 2 * Math.cos(unit));
const components = Float32Array.from({ length: 3 * 13 }, (_, at) => Math.sin(3 * at));
const draw: ChainDraw = { stream: streams.initialState, step: 9 };

export const draws: readonly Scenario[] = [
  {
    key: "draw/mean-and-spread",
    statement: "chains are drawn as μ + Σ_k z_k·c_k + σ·ξ",
    needsSharedNoise: true,
    async run(context) {
      for (const gaussian of [
        { mean },
        { spread: 0.3 },
        { mean, spread: 2.5 },
        { components, spread: 0 },
        { mean, components, spread: 0.5 },
      ]) {
        const [found, expected] = await onBoth(context, spec, (session) => {
          session.drawChains({ ...draw, ...gaussian });
          return session.read("chains");
        });
        expectClose(found, expected, context.tolerance, "drawn chains");
      }
    },
  },
  {
    key: "draw/no-spread",
    statement: "without spread all chains are the mean, and the next draw forgets it",
    needsSharedNoise: false,
    async run({ backend }) {
      const session = await openExample(backend, spec);
      session.drawChains({ ...draw, mean, spread: 0 });
      const all = Float32Array.from({ length: 17 * 13 }, (_, at) => mean[at % 13]!);
      expectSame(await session.read("chains"), all, "chains without spread");
      session.drawChains({ ...draw, spread: 0 });
      expectSame(await session.read("chains"), new Float32Array(17 * 13), "chains without mean");
      await session.close();
    },
  },
  {
    key: "draw/some-chains",
    statement: "a draw of some chains leaves the others as they are, and each has its own noise",
    needsSharedNoise: true,
    async run(context) {
      for (const only of [
        { first: 0, count: 1 },
        { first: 5, count: 7 },
        { first: 16, count: 1 },
      ]) {
        const [found, expected] = await onBoth(context, spec, async (session) => {
          const before = await session.read("chains");
          session.drawChains({ ...draw, mean, components, only });
          return [before, await session.read("chains")] as const;
        });
        const [start, end] = [only.first * 13, (only.first + only.count) * 13];
        expectClose(found[1], expected[1], context.tolerance, "chains after a draw of some");
        expectSame(found[1].slice(0, start), found[0].slice(0, start), "chains before them");
        expectSame(found[1].slice(end), found[0].slice(end), "chains after them");
      }
    },
  },
  {
    key: "draw/moves-on",
    statement: "drawn chains move from where they were drawn",
    needsSharedNoise: true,
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        session.drawChains({ ...draw, mean, spread: 0.5, only: { first: 3, count: 4 } });
        session.advance({
          firstStep: 2,
          steps: 3,
          dt: 0.02,
          temperature: 0.5,
          integrator: "leimkuhler-matthews",
        });
        return session.read("chains");
      });
      expectClose(found, expected, 10 * context.tolerance, "chains after a draw and three steps");
    },
  },
];
