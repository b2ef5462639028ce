// Measures ranks: two ranks of one thread beside one process of two threads, and how long statistics take between them.
//
// Contestants are new processes and take turns, beginning with another one each round. Their fastest rounds are compared,
// because what others do on the machine only makes them slower, and not all of them alike; medians of the ratios of each
// round stand beside.
import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { positive, readOptions } from "../tooling/src/options.mjs";
import { ratio } from "./statistics.mjs";

const usage = `node bench/ranks.mjs [options]

  --rounds 9     rounds in which all take turns (5)
  --updates 40   updates of every training up to a report (20)
  --quick        a short round: does everything run?
  --out FILE     what was measured, as CSV, for example docs/notes/ranks.csv
`;
const { values: options } = readOptions(usage, {
  rounds: { type: "string", default: "5" },
  updates: { type: "string", default: "20" },
  quick: { type: "boolean", default: false },
  out: { type: "string" },
});
const rounds = options.quick ? 1 : positive(options, "rounds");
const updates = options.quick ? 2 : positive(options, "updates");
const worker = fileURLToPath(new URL("workers/ranks.mjs", import.meta.url));
const env = {
  ...process.env,
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
};

const output = (command, args, variables) =>
  new Promise((resolve, reject) => {
    execFile(command, args, { env: { ...env, ...variables } }, (error, out, err) => {
      if (error) reject(new Error(err || error.message));
      else resolve(JSON.parse(out.trim().split("\n").at(-1)));
    });
  });

/** Ways to start ranks, each with the variables or the launcher that it takes. */
const starts = {
  "one process": (_, job) => output(process.execPath, [worker, job]),
  "Open MPI": (ranks, job) =>
    output("mpirun.openmpi", [
      "--bind-to",
      "none",
      "--oversubscribe",
      "-n",
      ranks,
      process.execPath,
      worker,
      job,
    ]),
  MPICH: (ranks, job) => output("mpirun.mpich", ["-n", ranks, process.execPath, worker, job]),
  TCP: async (ranks, job) => {
    const variables = {
      NLM_RANKS: String(ranks),
      NLM_RANKS_AT: `127.0.0.1:${20_000 + Math.floor(Math.random() * 20_000)}`,
      NLM_RANKS_SECRET: randomBytes(16).toString("hex"),
    };
    for (let rank = 1; rank < ranks; rank++) {
      const own = { ...env, ...variables, NLM_RANK: String(rank) };
      spawn(process.execPath, [worker, job], { env: own, stdio: "ignore" });
    }
    return output(process.execPath, [worker, job], { ...variables, NLM_RANK: "0" });
  },
};
const isHere = (command) => spawnSync(command, ["--version"]).status === 0;
const links = [
  ...(isHere("mpirun.openmpi") ? ["Open MPI"] : []),
  ...(isHere("mpirun.mpich") ? ["MPICH"] : []),
  "TCP",
];
const start = (how, ranks, job) =>
  starts[how](ranks, JSON.stringify({ transport: /MPI/.test(how) ? "mpi" : "tcp", ...job }));

const rows = [];
const tell = (line) => process.stdout.write(`${line}\n`);
tell(
  `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
);

// 784 units, 1000 chains and data states, 10 steps.
const training = { work: "train", units: 784, chains: 1000, steps: 10, updates };
const contestants = [
  { name: "one process, two threads", how: "one process", ranks: 1, threads: 2, shards: 0 },
  {
    name: "one process, two threads, two shards",
    how: "one process",
    ranks: 1,
    threads: 2,
    shards: 2,
  },
  ...links.map((how) => ({
    name: `two ranks of one thread, ${how}`,
    how,
    ranks: 2,
    threads: 1,
    shards: 2,
  })),
];
const times = new Map(contestants.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (let turn = 0; turn < contestants.length; turn++) {
    const { name, how, ranks, threads, shards } = contestants[(round + turn) % contestants.length];
    const { ms } = await start(how, ranks, { ...training, threads, shards });
    times.get(name).push(ms);
  }
}
tell(`\nA training update, N = 784, B = 1000, k = 10, ${rounds} rounds of ${updates} updates`);
const base = times.get(contestants[0].name);
for (const { name, ranks, threads } of contestants) {
  const fastest = Math.min(...times.get(name));
  const speed = Math.min(...base) / fastest;
  const { median, low, high } = ratio(base, times.get(name));
  tell(
    `  ${name.padEnd(40)} ${fastest.toFixed(1).padStart(8)} ms   speed ${speed.toFixed(2)}   ` +
      `of each round ${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`,
  );
  rows.push({
    work: "update",
    link: name,
    ranks,
    threads,
    N: 784,
    ms: fastest,
    ratio: speed,
  });
}

const alone = await start("one process", 1, { ...training, threads: 1, shards: 0 });
tell(`\nProcessor time of an update on one thread: ${alone.processor.toFixed(1)} ms`);
rows.push({
  work: "processor",
  link: "one process",
  ranks: 1,
  threads: 1,
  N: 784,
  ms: alone.processor,
});

const sizes = options.quick ? [100, 200] : [100, 200, 400, 784, 1568];
for (const how of links) {
  const { results, label } = await start(how, 2, {
    work: "exchange",
    threads: 1,
    sizes,
    repeats: options.quick ? 3 : 300,
  });
  tell(`\nStatistics between two ranks, ${label}`);
  for (const { units, ms } of results) {
    tell(`  N = ${String(units).padStart(5)} ${ms.toFixed(3).padStart(9)} ms`);
    rows.push({ work: "exchange", link: how, ranks: 2, threads: 1, N: units, ms });
  }
  const { after, beside } = await start(how, 2, {
    work: "overlap",
    threads: 1,
    units: 784,
    chains: 500,
    steps: 10,
    repeats: options.quick ? 1 : 20,
  });
  tell(
    `  steps with an exchange after them ${after.toFixed(1)} ms, beside them ${beside.toFixed(1)} ms`,
  );
  rows.push({ work: "after", link: how, ranks: 2, threads: 1, N: 784, ms: after });
  rows.push({ work: "beside", link: how, ranks: 2, threads: 1, N: 784, ms: beside });
  const { us } = await start(how, 2, {
    work: "requests",
    threads: 1,
    count: 200,
    repeats: 20,
  });
  tell(`  one request ${us.toFixed(1)} µs`);
  rows.push({ work: "request", link: how, ranks: 2, threads: 1, ms: us / 1000 });
}

if (options.out) {
  const columns = ["work", "link", "ranks", "threads", "N", "ms", "ratio"];
  const cell = (value) => {
    if (value === undefined) return "";
    if (typeof value === "string") return `"${value}"`;
    return Number.isInteger(value) ? String(value) : value.toPrecision(4);
  };
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(","));
  writeFileSync(options.out, `${[columns.join(","), ...lines].join("\n")}\n`);
}
