// A rank other than 0 in a process of its own: computes until rank 0 closes.
import { serveRank } from "@neural-langevin/backend-ranks";
import { joinRanks } from "@neural-langevin/backend-ranks/node";
import { inner } from "./job.js";

const [name, agreed] = process.argv.slice(2);
try {
  const ranks = await joinRanks({ agreement: { command: agreed } });
  await serveRank(ranks, inner[name]);
  await ranks.close();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 3;
}
