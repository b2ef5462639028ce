// The noise has known answers.
import { chainNoise, streams } from "@neural-langevin/core";
import { expect, expectClose } from "./expectations.js";
import type { Scenario } from "./scenario.js";

// What float32 leaves of a normal: the words are exact, logarithm and circle are rounded.
const NORMAL = 1e-6;

const drawn = (
  key: string,
  statement: string,
  ...sources: readonly {
    readonly seed: number;
    readonly step: number;
    readonly firstChain: number;
    readonly stream?: number;
  }[]
): Scenario => ({
  key,
  statement,
  needsSharedNoise: true,
  async run({ backend }) {
    const chains = 11;
    for (const { seed, step, firstChain, stream = 6 } of sources) {
      for (const units of [1, 4, 10, 37, Math.min(1030, backend.device.limits.units)]) {
        const session = await backend.open({ units, chains, seed, firstChain });
        session.drawChains({ stream, step });
        const found = await session.read("chains");
        for (let chain = 0; chain < chains; chain++) {
          const expected = chainNoise({ seed, stream, step }, firstChain + chain, units);
          const row = found.subarray(chain * units, (chain + 1) * units);
          expectClose(row, expected, NORMAL, `noise of chain ${chain} of ${units} units`);
        }
        await session.close();
      }
    }
  },
});

/** Where the noise of the dynamics is far out: about one normal in ten million is beyond 5.2 σ. */
const tails = [
  { seed: 1, step: 9, chain: 260, unit: 101, sign: 1 },
  { seed: 2, step: 14, chain: 276, unit: 520, sign: 1 },
  { seed: 2, step: 4, chain: 139, unit: 590, sign: -1 },
] as const;

export const bits: readonly Scenario[] = [
  drawn("bits/draw-chains", "chains are drawn from the shared noise", {
    seed: 5,
    step: 3,
    firstChain: 0,
  }),
  drawn(
    "bits/high-words",
    "seeds and steps beyond 32 bits count, up to 2⁵³ − 1",
    { seed: 2 ** 45 + 9, step: 2 ** 40 + 7, firstChain: 0 },
    { seed: 2 ** 53 - 1, step: 2 ** 53 - 1, firstChain: 0 },
  ),
  drawn(
    "bits/streams",
    "every stream below 2³² has noise of its own",
    ...[0, 2 ** 8 + 6, 2 ** 16 + 6, 2 ** 32 - 1].map((stream) => ({
      seed: 5,
      step: 3,
      firstChain: 0,
      stream,
    })),
  ),
  drawn("bits/first-chain", "chains are numbered from firstChain, up to 2³² − 1", {
    seed: 5,
    step: 3,
    firstChain: 2 ** 32 - 11,
  }),
  {
    key: "bits/tails",
    statement: "normals beyond 5 σ are neither cut nor coarse, in draws and in steps",
    needsSharedNoise: true,
    async run({ backend, tolerance }) {
      for (const { seed, step, chain, unit, sign } of tails) {
        const units = unit + 1;
        const due = chainNoise({ seed, stream: streams.dynamics, step }, chain, units)[unit]!;
        expect(sign * due > 5, `The definition gives ${due} where a normal beyond 5 σ is due.`);
        const session = await backend.open({ units, chains: 1, firstChain: chain, seed });
        session.drawChains({ stream: streams.dynamics, step });
        const inDraw = (await session.read("chains")).subarray(unit);
        expectClose(inDraw, [due], NORMAL, "a normal beyond 5 σ, drawn");
        session.write("chains", new Float32Array(units));
        session.advance({
          firstStep: step,
          steps: 1,
          dt: 0.02,
          temperature: 25,
          integrator: "euler-maruyama",
        });
        // Without couplings a chain at 0 feels no force, and √(2T dt) = 1.
        const inStep = (await session.read("chains")).subarray(unit);
        expectClose(inStep, [due], tolerance, "a normal beyond 5 σ, in a step");
        await session.close();
      }
    },
  },
];
