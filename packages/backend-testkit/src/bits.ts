// The noise has known answers.
import { chainNoise } from "@neural-langevin/core";
import { expectClose } from "./expectations.js";
import type { Scenario } from "./scenario.js";

// What float32 leaves of a normal: the words are exact, logarithm and circle are rounded.
const NORMAL = 1e-6;

export const bits: readonly Scenario[] = [
  ["bits/restart", "chains restart from the shared noise", { seed: 5, step: 3, firstChain: 0 }],
  [
    "bits/high-words",
    "seeds and steps beyond 32 bits count",
    { seed: 2 ** 45 + 9, step: 2 ** 40 + 7, firstChain: 0 },
  ],
  [
    "bits/first-chain",
    "chains are numbered from firstChain, up to 2³² − 1",
    { seed: 5, step: 3, firstChain: 2 ** 32 - 11 },
  ],
].map(([key, says, source]) => ({
  key: key as string,
  says: says as string,
  needsSharedNoise: true,
  async run({ backend }) {
    const { seed, step, firstChain } = source as { seed: number; step: number; firstChain: number };
    for (const units of [1, 4, 10, 37]) {
      const chains = 11;
      const session = await backend.open({ units, chains, seed, firstChain });
      session.drawChains({ stream: 6, step: step });
      const found = await session.read("chains");
      for (let chain = 0; chain < chains; chain++) {
        const expected = chainNoise({ seed, stream: 6, step }, firstChain + chain, units);
        const row = found.subarray(chain * units, (chain + 1) * units);
        expectClose(row, expected, NORMAL, `noise of chain ${chain} of ${units} units`);
      }
      await session.close();
    }
  },
}));
