// What every rank of a job runs that a launcher starts: rank 0 does what its first argument says and prints what came of it.
import { setTimeout } from "node:timers/promises";
import { createRanksBackend, serveRank } from "@neural-langevin/backend-ranks";
import { joinRanks, rankOfEnvironment } from "@neural-langevin/backend-ranks/node";
import { verifyBackend } from "@neural-langevin/backend-testkit";
import { inner, trainedNumbers } from "./job.js";

const [what, name, shards, lateRank = "1"] = process.argv.slice(2);

async function work(ranks) {
  const create = () => createRanksBackend(inner[name], { shards: Number(shards), ranks });
  if (what === "contract") {
    const { outcomes } = await verifyBackend(create);
    return outcomes.map(({ key, outcome, reason }) => [key, outcome, reason]);
  }
  const backend = await create();
  try {
    if (what === "numbers") return { label: ranks.label, numbers: await trainedNumbers(backend) };
    const session = await backend.open({ units: 200, chains: 30, seed: 1 });
    const steps = { steps: 1_000_000, dt: 0.01, temperature: 1, integrator: "euler-maruyama" };
    session.advance({ firstStep: 0, ...steps });
    return await session.read("chains");
  } finally {
    await backend.close();
  }
}

/** Every rank but 0 sends something long and leaves at once; rank 0 says what came. */
async function partWith({ link, rank, size }) {
  if (rank > 0) return link.send(0, 1, new Uint8Array(1e8).fill(rank));
  const come = [];
  for (let from = 1; from < size; from++) come.push((await link.receive(from, 1))?.at(-1));
  process.stdout.write(`${JSON.stringify(come)}\n`);
}

/** Opens a session and lets something happen to this rank while it computes. */
async function openAndEnd(ranks, backend, spec) {
  const session = await backend.open(spec);
  if (what === "kill") globalThis.setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);
  if (what === "stop") globalThis.setTimeout(() => process.kill(process.pid, "SIGSTOP"), 500);
  if (what === "throw") globalThis.setTimeout(() => ranks.fail("there is no more paper"), 500);
  return session;
}

try {
  // A rank that is late never comes.
  while (what === "late" && rankOfEnvironment().rank === Number(lateRank)) await setTimeout(1000);
  const lastWords = ({ code, message }) => ({ stdout: `${code}\n`, stderr: `${message}\n` });
  const ranks = await joinRanks({ lastWords });
  if (what === "crash" && ranks.rank === Number(lateRank)) {
    process.nextTick(() => {
      throw new Error("there is no more ink");
    });
  }
  if (what === "part") await partWith(ranks);
  else if (ranks.rank > 0) {
    await serveRank(ranks, async () => {
      const backend = await inner[name]();
      return ranks.rank === 1
        ? { ...backend, open: (spec) => openAndEnd(ranks, backend, spec) }
        : backend;
    });
  } else process.stdout.write(`${JSON.stringify(await work(ranks))}\n`);
  await ranks.close();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}
