// What each rank of `node bench/ranks.mjs` runs: a training, the exchange of statistics alone or beside computing, or
// requests alone. Rank 0 prints one line of JSON.
import { train } from "@neural-langevin/core";
import { summary } from "../statistics.mjs";

const file = (path) => new URL(`../../packages/${path}`, import.meta.url).href;
const { createCpuBackend } = await import(file("backend-cpu/dist/index.js"));
const { createRanksBackend, serveRank } = await import(file("backend-ranks/dist/index.js"));
const { joinRanks } = await import(file("backend-ranks/dist/node.js"));
const { StatisticsExchange } = await import(file("backend-ranks/dist/exchange.js"));

const job = JSON.parse(process.argv[2]);
const ranks = await joinRanks({ transport: job.transport });
const create = () => createCpuBackend({ threads: job.threads });
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const milliseconds = () => performance.now();

/**
 * Milliseconds per update, and those of processor time, between the first two reports of a training of a hundred times as
 * many updates, which reports and keeps its state as such a training does.
 */
async function measureTraining({ units, chains, steps, updates, shards }) {
  const backend = shards ? await createRanksBackend(create, { shards, ranks }) : await create();
  const session = await backend.open({ units, chains, batch: chains, seed: 1 });
  const data = Float32Array.from({ length: chains * units }, (_, at) => Math.sin(at * at));
  const plan = {
    updates: 100 * updates,
    dt: 0.02,
    temperature: 0.5,
    negativePhase: { kind: "persistent", steps },
  };
  const marks = [];
  for await (const _ of train(session, data, plan, { reportEvery: updates })) {
    const { user, system } = process.cpuUsage();
    marks.push({ wall: milliseconds(), processor: (user + system) / 1000 });
    if (marks.length === 2) break;
  }
  await session.close();
  await backend.close();
  const perUpdate = (kind) => (marks[1][kind] - marks[0][kind]) / updates;
  return { ms: perUpdate("wall"), processor: perUpdate("processor"), label: ranks.label };
}

/**
 * Milliseconds of the exchange of statistics, for each N: the fastest of some, for what others do on the machine only
 * makes it slower. Every rank takes part.
 */
async function measureExchange({ sizes, repeats }) {
  const results = [];
  for (const [at, units] of sizes.entries()) {
    const sums = new Float32Array(units * units + units).fill(1);
    const exchange = new StatisticsExchange(ranks, at + 1, ranks.size, sums.length);
    const times = [];
    for (let repeat = 0; repeat < repeats + 3; repeat++) {
      const began = milliseconds();
      await exchange.add(Promise.resolve([sums]));
      if (repeat >= 3) times.push(milliseconds() - began);
    }
    results.push({ units, ms: Math.min(...times) });
  }
  return { results, label: ranks.label };
}

/**
 * Milliseconds of steps of this rank's chains with an exchange after them and with one beside them: medians of rounds in
 * which both take turns. Every rank takes part.
 */
async function measureOverlap({ units, chains, steps, repeats }) {
  const backend = await create();
  const session = await backend.open({ units, chains, seed: 1 });
  session.write("chains", new Float32Array(chains * units));
  const sums = new Float32Array(units * units + units).fill(1);
  const exchange = new StatisticsExchange(ranks, 1, ranks.size, sums.length);
  const run = { dt: 0.02, temperature: 0.5, integrator: "euler-maruyama" };
  const [after, beside] = [[], []];
  let firstStep = 0;
  for (let repeat = 0; repeat < 2 * repeats + 2; repeat++) {
    // All begin at the same time.
    await exchange.add(Promise.resolve([sums.fill(1)]));
    const began = milliseconds();
    session.advance({ firstStep, steps, ...run });
    firstStep += steps;
    const computed = session.synchronize();
    if (repeat % 2 === 0) await computed;
    await exchange.add(Promise.resolve([sums]));
    await computed;
    if (repeat >= 2) (repeat % 2 === 0 ? after : beside).push(milliseconds() - began);
  }
  await backend.close();
  return { after: summary(after).median, beside: summary(beside).median };
}

/** Microseconds that rank 0 takes to tell one rank one thing: the fastest of some. */
async function measureRequests({ count, repeats }) {
  const request = { kind: "operate", session: 0, operation: { kind: "average", weight: 0.5 } };
  const times = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = milliseconds();
    for (let at = 0; at < count; at++) ranks.tell(1, request);
    times.push((1000 * (milliseconds() - began)) / count);
    await ranks.ask(1, { kind: "close", session: 0 });
  }
  return { us: Math.min(...times) };
}

if (job.work === "exchange" || job.work === "overlap") {
  const measured = await (job.work === "exchange" ? measureExchange(job) : measureOverlap(job));
  if (ranks.rank === 0) print(measured);
} else if (ranks.rank > 0) await serveRank(ranks, create);
else print(await (job.work === "train" ? measureTraining(job) : measureRequests(job)));
await ranks.close();
