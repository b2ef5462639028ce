// `npm run bench`: measures every backend beside its peers and the machine's ceilings. All contestants take
// turns, round by round, so that whatever slows the machine for a while slows all of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { positive, readOptions, refuse } from "../tooling/src/options.mjs";
import { contestants } from "./contestants.mjs";
import { measureMemory, measureStart } from "./extras.mjs";
import { Contestant } from "./process.mjs";
import { text } from "./report.mjs";
import { flopOf, keyOf, nameOf, parseShape, shapes } from "./shapes.mjs";
import { ratio, summary } from "./statistics.mjs";

const usage = `npm run bench -- [options]

  --quick             two short rounds: does everything run?
  --only cpu,torch    contestants whose name begins so (--list shows the names)
  --shape 784x1000    N x B for steps, N x B x k for training updates; several with commas
  --minutes 10        how long all may take (5); slow contestants get fewer rounds, or none
  --rounds 9          rounds (at most 7)
  --seconds 0.4       of every contestant in every round (0.2)
  --threads 2         threads of every contestant (all)
  --json              prints JSON instead of tables
  --out FOLDER        writes results.json, ratio.svg and ratio.png
  --list              names the contestants and says which are missing
`;

const { values: options } = readOptions(usage, {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  shape: { type: "string", default: shapes.join(",") },
  minutes: { type: "string", default: "5" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  threads: { type: "string", default: `${availableParallelism()}` },
  json: { type: "boolean", default: false },
  out: { type: "string" },
  list: { type: "boolean", default: false },
});
const { quick } = options;
const rounds = positive({ rounds: quick ? "2" : "7", ...options }, "rounds");
const seconds = positive({ seconds: quick ? "0.03" : "0.2", ...options }, "seconds");
const threads = positive(options, "threads");
const minutes = positive(options, "minutes");
/** When all should be measured. */
const end = Date.now() + 60_000 * minutes;
/** Rounds that every shape gets however long they take, so that there is a median. */
const fewest = Math.min(3, rounds);
/** Seconds that one contestant may take for one shape before it gets fewer rounds, or for one piece before it is left out. */
const patience = quick ? 2 : minutes;
/** Seconds to open a session, in which programs are compiled. */
const opening = 30;
/** Milliseconds that are kept for first answers and memory. */
const reserve = quick ? 0 : 40_000;
const wanted = options.shape.split(",").map(parseShape);
const tell = (line) => process.stderr.write(`${line}\n`);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const all = await contestants(threads);
const isOf = (name) => (one) => one.id === name || one.id.startsWith(`${name}:`);
const named = options.only?.split(",") ?? all.map(({ id }) => id);
const stranger = named.find((name) => !all.some(isOf(name)));
if (stranger !== undefined) {
  refuse(`Nobody who takes part is called "${stranger}"; --list shows the names.`);
}
const chosen = all.filter((one) => named.some((name) => isOf(name)(one)));
/** Asks one who it is; whoever cannot take part is named at once. */
async function meet(one) {
  const lack = (reason) => {
    if (!options.list) tell(`${one.id} is missing: ${reason}`);
    return { ...one, missing: reason };
  };
  if (one.missing) return lack(one.missing);
  const process = new Contestant(one);
  try {
    const { device } = await process.ask({ ask: "describe" });
    return { ...one, process, device };
  } catch (error) {
    process.end();
    return lack(error.message);
  }
}

// Most of an answer is the loading of libraries, so some are asked at a time.
const met = [];
const waiting = [...chosen.entries()];
const meetNext = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    met[next[0]] = await meet(next[1]);
  }
};
await Promise.all(Array.from({ length: 2 * availableParallelism() }, meetNext));
let present = met.filter(({ missing }) => !missing);
const missing = met
  .filter((one) => one.missing)
  .map(({ id, label, missing: reason }) => ({ id, label, reason }));

if (options.list) {
  for (const { id, label, process } of present) {
    tell(`${id.padEnd(28)} ${label}`);
    process.end();
  }
  for (const { id, reason } of missing) tell(`${id.padEnd(28)} missing: ${reason}`);
  process.exit(0);
}

/** Processor time since the start, in milliseconds over all processors: spent, and all of it. */
function processorTime() {
  const times = cpus().map((one) => one.times);
  const all = times.flatMap((one) => Object.values(one)).reduce((a, b) => a + b, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** Operations a second of each contestant's fastest piece among those so long that the work, not its start, took the time. */
const fastest = new Map();
/** Seconds from which on a piece is so long. */
const long = 0.1;

/** Measures one shape: prepares everyone, then lets them take turns, until `until` if that is not too early. */
async function measure(shape, until) {
  const flop = flopOf(shape);
  let runners = [];
  const dropped = [];
  /** Takes one out of this shape, and one whose process is gone out of those to come. */
  const drop = (one, { message }) => {
    dropped.push({ id: one.id, label: one.label, reason: message });
    runners = runners.filter(({ id }) => id !== one.id);
    if (one.process.gone) present = present.filter(({ id }) => id !== one.id);
  };
  const largest = shape.kind === "steps" && shape.units === 784 && shape.chains === 1000;
  for (const one of present) {
    if (one.does && !one.does.includes(shape.kind)) continue;
    // One thread against two is shown where work divides best.
    if (one.ratioOnly && !largest) continue;
    tell(`  ${one.label} …`);
    try {
      const expected = flop / fastest.get(one.id);
      if (expected > patience) {
        throw new Error(`one piece would take it ${expected.toFixed(0)} s at its fastest so far`);
      }
      const { note } = await one.process.ask({ ask: "prepare", ...shape }, opening);
      await one.process.ask({ ask: "run", count: 1 }, patience);
      // How many pieces make a turn: from one piece, doubled until the clock can see it.
      let count = 1;
      let taken = (await one.process.ask({ ask: "run", count }, patience)).seconds;
      while (taken < seconds / 4) {
        count *= 2;
        taken = (await one.process.ask({ ask: "run", count }, patience)).seconds;
      }
      count = Math.max(1, Math.round((count * seconds) / taken));
      const turns = Math.max(1, Math.min(rounds, Math.floor(patience / taken)));
      runners.push({ ...one, note, count, turns: taken > seconds ? turns : rounds, rates: [] });
    } catch (error) {
      drop(one, error);
    }
  }
  // Between turns nobody here computes; whoever does then is a stranger who also computes during turns.
  const others = { busy: 0, all: 0 };
  for (let round = 0; round < rounds && (round < fewest || Date.now() < until); round++) {
    const first = round % runners.length;
    for (const one of [...runners.slice(first), ...runners.slice(0, first)]) {
      if (round >= one.turns) continue;
      await pause(10);
      const before = processorTime();
      await pause(40);
      const after = processorTime();
      others.busy += after.busy - before.busy;
      others.all += after.all - before.all;
      try {
        const answer = await one.process.ask({ ask: "run", count: one.count });
        // Peaks count operations of their own; everyone else counts pieces of the shape.
        const rate = (answer.flop ?? one.count * flop) / answer.seconds;
        one.rates.push(rate / flop);
        if (answer.seconds / one.count > long) {
          fastest.set(one.id, Math.max(rate, fastest.get(one.id) ?? 0));
        }
      } catch (error) {
        drop(one, error);
      }
    }
  }
  for (const one of runners) {
    await one.process.ask({ ask: "finish" }).catch((error) => drop(one, error));
  }
  const strangers = others.all > 0 ? others.busy / others.all : 0;
  return { shape, flop, runners, dropped, strangers };
}

/** Ratios to the best peer, to the ceilings, and of two threads to one. */
function judge({ shape, flop, runners, dropped, strangers }) {
  const median = ({ rates }) => summary(rates).median;
  const best = (kind) =>
    runners.filter((one) => one.kind === kind).sort((a, b) => median(b) - median(a))[0];
  const peer = best("peer");
  const torch = runners
    .filter(({ id }) => id.startsWith("torch"))
    .sort((a, b) => median(b) - median(a))[0];
  const products = best("products");
  const peaks = runners.filter(({ kind, ratioOnly }) => kind === "peak" && !ratioOnly);
  const highest = peaks
    .filter(({ device }) => device.precision !== "bf16")
    .sort((a, b) => median(b) - median(a))[0];
  const results = runners.map((one) => {
    const named =
      one.peak && runners.find(({ id }) => id === `${one.peak}${one.ratioOnly ? ":1" : ""}`);
    const peak = one.kind === "peak" ? undefined : one.peak ? named : highest;
    const single = runners.find(({ id }) => id === `${one.id}:1`);
    const to = (other) => (other && other !== one ? ratio(one.rates, other.rates) : undefined);
    return {
      id: one.id,
      label: one.label,
      kind: one.kind,
      threads: one.threads,
      note: one.note,
      precision: one.device?.precision,
      perSecond: summary(one.rates),
      gflops: (median(one) * flop) / 1e9,
      ofPeak: to(peak),
      peak: peak?.id,
      ofProducts: one.kind === "peak" ? undefined : to(products),
      toBestPeer: one.kind === "own" ? to(peer) : undefined,
      toBestTorch: one.kind === "own" ? to(torch) : undefined,
      toOneThread: to(single),
    };
  });
  return {
    key: keyOf(shape),
    name: nameOf(shape),
    ...shape,
    flop,
    strangers,
    results,
    dropped,
    bestPeer: peer?.id,
    bestTorch: torch?.id,
    products: products?.id,
  };
}

const report = {
  date: new Date().toISOString(),
  device: {
    processor: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${process.platform} ${release()}, ${process.arch}`,
    node: process.version,
    environment: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => /^(OPENBLAS|OMP|MKL|BLIS)_/.test(name)),
    ),
  },
  threads,
  rounds,
  seconds,
  contestants: present.map(({ id, label, device }) => ({ id, label, ...device })),
  missing,
  shapes: [],
};
/** Writes what is measured so far, so that a benchmark that is cut short leaves the shapes before. */
function save() {
  if (!options.out) return;
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, "results.json"), `${JSON.stringify(report, null, 2)}\n`);
}

process.on("exit", () => {
  const { length } = report.shapes;
  if (length === wanted.length) return;
  const kept = options.out ? ` ${join(options.out, "results.json")} has what was measured.` : "";
  tell(`Stopped after ${length} of ${wanted.length} shapes.${length > 0 ? kept : ""}`);
});
for (const [at, shape] of wanted.entries()) {
  tell(nameOf(shape));
  // What is left of the time is shared by the shapes that are left; large ones take longer to prepare.
  const shares = wanted.slice(at).map((one) => Math.max(1, Math.log10(flopOf(one) / 1000)));
  const share = shares[0] / shares.reduce((sum, one) => sum + one, 0);
  const until = Date.now() + Math.max(0, end - reserve - Date.now()) * share;
  report.shapes.push(judge(await measure(shape, until)));
  save();
  if (!options.json) process.stdout.write(text.shape(report.shapes.at(-1)));
}
for (const { process } of present) process.end();

const own = present.filter(
  ({ id, kind, ratioOnly }) =>
    kind === "own" &&
    !ratioOnly &&
    !report.shapes.some(({ dropped }) => dropped.some((one) => one.id === id)),
);
tell("first answers and memory");
report.starts = await measureStart(own, end);
report.memory = await measureMemory(own, end);

if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
else process.stdout.write(text.rest(report));
if (options.out) {
  const { drawRatios } = await import("./plot.mjs");
  save();
  await drawRatios(report, options.out);
}
