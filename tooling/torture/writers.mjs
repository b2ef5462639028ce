// Eight processes that want to write one run at once: one does, seven are refused, and nothing is mixed; also where the
// run still has the lock of a process that was killed.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLangevinError } from "@neural-langevin/core";
import { decodeCheckpoint } from "@neural-langevin/runs";
import { openRun } from "@neural-langevin/runs/node";
import { inScratchFolder, startNode } from "./processes.mjs";
import { begin, checkpoint } from "./saves.mjs";

const own = fileURLToPath(import.meta.url);
const WRITERS = 8;

/** @returns { rounds, failures } */
export function writers({ rounds, tell }) {
  return inScratchFolder(async (scratch) => {
    const failures = [];
    const started = Array.from({ length: WRITERS }, (_, number) =>
      startNode([own, `${number + 1}`], { stdio: "ipc" }),
    );
    const children = started.map(({ child }) => child);
    const ask = (child, message) =>
      new Promise((answer) => {
        child.once("message", answer);
        child.send(message);
      });
    await Promise.all(children.map((child) => ask(child, {})));
    for (let round = 1; round <= rounds; round++) {
      const folder = join(scratch, `${round}`);
      mkdirSync(folder);
      await begin(folder);
      // Every other time, a lock that a killed process left behind.
      if (round % 2 === 0) leaveLock(folder);
      try {
        const answers = await Promise.all(children.map((child) => ask(child, { lock: folder })));
        const writing = children.filter((_, at) => answers[at] === "locked");
        const refused = answers.filter((answer) => answer === "in-use");
        if (writing.length !== 1 || refused.length !== WRITERS - 1) {
          throw new Error(`The answers are ${answers.join(", ")}.`);
        }
        const wrote = await ask(writing[0], { write: true });
        if (wrote !== "done") throw new Error(wrote);
        check(folder);
      } catch (error) {
        failures.push(`round ${round}: ${error.message}`);
        await Promise.all(children.map((child) => ask(child, { write: true })));
      }
      rmSync(folder, { recursive: true });
    }
    for (const child of children) child.send({ end: true });
    await Promise.all(started.map(({ ended }) => ended));
    tell(`${rounds} runs, each wanted by ${WRITERS} processes`);
    return { rounds, failures };
  });
}

/** The lock of a process that is over. */
function leaveLock(folder) {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const lock = { host: hostname(), process: pid, since: "2026-01-01T00:00:00Z", began: null };
  writeFileSync(join(folder, "lock.json"), JSON.stringify(lock));
}

/** Refuses a run that more than one process wrote. */
function check(folder) {
  const rows = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
  const { energy } = JSON.parse(rows.at(-1));
  const updates = rows.map((row) => JSON.parse(row).update);
  if (`${updates}` !== "5,10,15,20") throw new Error(`Its metrics are those of ${updates}.`);
  const file = join(folder, "checkpoints/000000020.safetensors");
  const { couplings, moments } = decodeCheckpoint(readFileSync(file), file);
  if (![...couplings, ...moments].every((value) => value === energy)) {
    throw new Error("Its checkpoint is not that of the process that wrote its metrics.");
  }
  const left = readdirSync(folder).filter((name) => /lock|\.tmp/.test(name));
  if (left.length > 0) throw new Error(`It leaves ${left.join(", ")}.`);
}

// As a program it is one of the processes: NUMBER, which all that it writes carries.
if (process.argv[1] === own) {
  const number = Number(process.argv[2]);
  let run;
  const answer = async ({ lock, write }) => {
    if (lock) {
      const opened = await openRun(lock);
      await opened.lock();
      run = opened;
      return "locked";
    }
    if (write && run) {
      await run.resume();
      for (const update of [15, 20]) await run.addMetrics({ update, energy: number });
      await run.writeCheckpoint({ ...checkpoint(number), update: 20 });
      await run.close();
      run = undefined;
    }
    return "done";
  };
  process.on("message", async (message) => {
    if (message.end) return process.disconnect();
    process.send(
      await answer(message).catch((error) => (isLangevinError(error) ? error.code : error.stack)),
    );
  });
}
