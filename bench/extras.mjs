// What else a backend promises: how soon a session answers, and how much memory it takes. Both need processes
// that have done nothing before.
import { Contestant } from "./process.mjs";
import { summary } from "./statistics.mjs";

const shape = { kind: "updates", units: 784, chains: 1000, steps: 1 };

async function fresh(one, request) {
  const process = new Contestant(one);
  try {
    await process.ask({ ask: "describe" });
    return await process.ask({ ...request, ...shape });
  } finally {
    process.end();
  }
}

/** Milliseconds from open() to the first awaited measure, N = 784 and B = 1000, in new processes. */
export async function measureStart(own) {
  const samples = own.map(() => []);
  for (let round = 0; round < 3; round++) {
    for (const [place, one] of own.entries()) {
      samples[place].push((await fresh(one, { ask: "first" })).milliseconds);
    }
  }
  return own.map(({ id }, place) => ({ id, milliseconds: summary(samples[place]) }));
}

/** Growth of the process by a session that has trained, beside 4 × (states + couplings) + 64 MB. */
export async function measureMemory(own) {
  const { units, chains } = shape;
  const limit = 4 * 4 * (2 * chains * units + units * units) + 64e6;
  const results = [];
  for (const one of own) {
    const { bytes } = await fresh(one, { ask: "memory" });
    results.push({ id: one.id, units, chains, batch: chains, bytes, limit });
  }
  return results;
}
