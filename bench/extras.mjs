// What else a backend promises: how soon a session answers, and how much memory it takes. Both need processes
// that have done nothing before.
import { Contestant } from "./process.mjs";
import { summary } from "./statistics.mjs";

const shape = { kind: "updates", units: 784, chains: 1000, steps: 1 };

async function fresh(one, request) {
  const process = new Contestant(one);
  try {
    await process.ask({ ask: "describe" });
    return await process.ask({ ...request, ...shape }, 10);
  } finally {
    process.end();
  }
}

/** The answer, or why there is none: one contestant that fails must not take the others' figures with it. */
const attempt = (one, request, end) =>
  Date.now() > end
    ? { failure: "the time was over before its turn" }
    : fresh(one, request).catch((error) => ({ failure: error.message }));

/**
 * Milliseconds from open() to the first awaited measure, N = 784 and B = 1000, in new processes. Whoever has not had a turn
 * by `end` gets none.
 */
export async function measureStart(own, end) {
  const found = own.map(({ id }) => ({ id, samples: [], failure: undefined }));
  for (let round = 0; round < 3; round++) {
    for (const [place, one] of own.entries()) {
      const entry = found[place];
      if (entry.failure) continue;
      const { milliseconds, failure } = await attempt(one, { ask: "first" }, end);
      if (failure === undefined) entry.samples.push(milliseconds);
      else if (entry.samples.length === 0) entry.failure = failure;
    }
  }
  return found.map(({ id, samples, failure }) =>
    failure === undefined ? { id, milliseconds: summary(samples) } : { id, failure },
  );
}

/** Growth of the process by a session that has trained; the processor's backend promises 4 × (states + couplings) + 64 MB. */
export async function measureMemory(own, end) {
  const { units, chains } = shape;
  const promised = 4 * 4 * (2 * chains * units + units * units) + 64e6;
  const results = [];
  for (const one of own) {
    const answer = await attempt(one, { ask: "memory" }, end);
    const limit = one.id.startsWith("cpu:") ? promised : undefined;
    results.push({ id: one.id, units, chains, batch: chains, limit, ...answer });
  }
  return results;
}
