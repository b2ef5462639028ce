// What every rank of a job of MPI runs: rank 0 does what its first argument says and prints what came of it.
import { createRanksBackend, serveRank } from "@neural-langevin/backend-ranks";
import { joinRanks } from "@neural-langevin/backend-ranks/node";
import { verifyBackend } from "@neural-langevin/backend-testkit";
import { inner, trainedNumbers } from "./job.js";

const [what, name, shards] = process.argv.slice(2);

async function work(ranks) {
  const create = () => createRanksBackend(inner[name], { shards: Number(shards), ranks });
  if (what === "contract") {
    const { outcomes } = await verifyBackend(create);
    return outcomes.map(({ key, outcome, reason }) => [key, outcome, reason]);
  }
  const backend = await create();
  if (what === "numbers") {
    const numbers = await trainedNumbers(backend);
    await backend.close();
    return { label: ranks.label, numbers };
  }
  const session = await backend.open({ units: 200, chains: 30, seed: 1 });
  const steps = { steps: 1_000_000, dt: 0.01, temperature: 1, integrator: "euler-maruyama" };
  session.advance({ firstStep: 0, ...steps });
  process.stdout.write("working\n");
  return session.read("chains");
}

try {
  const ranks = await joinRanks({ patience: 20 });
  if (ranks.rank > 0) {
    if (what === "kill" && ranks.rank === 1) setTimeout(() => process.kill(process.pid, 9), 500);
    if (what === "throw" && ranks.rank === 1) {
      setTimeout(() => ranks.fail("there is no more paper"), 500);
    }
    await serveRank(ranks, inner[name]);
  } else process.stdout.write(`${JSON.stringify(await work(ranks))}\n`);
  await ranks.close();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}
