// A disk that fails: every call of a save that changes its folder fails once, is done by half, or is the last thing that
// its process does. Whatever happens, the folder holds the old or the new, and the save can be done again.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { each, filesBelow, inScratchFolder, startNode } from "./processes.mjs";
import { randomFrom } from "./random.mjs";
import { saves } from "./saves.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const kinds = ["ENOSPC", "EIO", "EINVAL", "short", "kill"];

/** Compiles the library that makes calls fail. */
function compile(folder) {
  const library = join(folder, "failing-calls.so");
  const args = ["-shared", "-fPIC", "-O1", "-o", library, here("failing-calls.c"), "-ldl"];
  const { status, stderr } = spawnSync(process.env.CC ?? "cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`failing-calls.c does not compile: ${stderr}`);
  return library;
}

/** The files below a folder; the moment in the name of a checkpoint that was set aside is left out. */
const namesBelow = (folder) =>
  [...filesBelow(folder).keys()].map((name) => name.replace(/-\d{13}\./, "."));

/**
 * @param share of all failures that are tried, chosen by the seed
 * @returns { cases, all, calls, failures }
 */
export function faults({ share, seed, tell }) {
  return inScratchFolder(async (scratch) => {
    const library = compile(scratch);
    const random = randomFrom(seed);
    const failures = [];
    let cases = 0;
    let calls = 0;
    for (const [name, { prepare, save, check, again = save }] of Object.entries(saves)) {
      const before = join(scratch, "before");
      rmSync(before, { recursive: true, force: true });
      mkdirSync(before);
      await prepare(before);
      const run = async (label, fault) => {
        const folder = join(scratch, label);
        const log = `${folder}.log`;
        rmSync(log, { force: true });
        cpSync(before, folder, { recursive: true });
        const env = { LD_PRELOAD: library, NLM_FAIL_UNDER: folder, NLM_FAIL_LOG: log, ...fault };
        const ended = await startNode([here("saves.mjs"), name, folder], { env }).ended;
        const made = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
        return { folder, ended, made };
      };
      // Without a failure: how many calls there are, and what is there in the end.
      const whole = await run("whole", {});
      if (whole.ended.status !== 0 || !(await check(whole.folder))) {
        throw new Error(`${name} fails without a fault: ${whole.ended.stderr}`);
      }
      const wanted = namesBelow(whole.folder);
      calls += whole.made.length;
      const all = whole.made.flatMap((call, at) => kinds.map((how) => ({ how, at: at + 1, call })));
      const chosen = all.filter(() => random() < share);
      cases += chosen.length;
      await each(chosen, 2, async ({ how, at, call }, number) => {
        const fault = { NLM_FAIL_HOW: how, NLM_FAIL_AT: `${at}` };
        const { folder, ended } = await run(`case-${number}`, fault);
        try {
          const killed = how === "kill" && ended.signal === "SIGKILL";
          const refused = ended.status === 1 && ended.stdout.startsWith("{");
          const done = ended.status === 0;
          if (!killed && !refused && !done) throw new Error(ended.stderr);
          const isNew = await check(folder);
          if (done && !isNew) throw new Error("It says that it has saved, and has not.");
          await again(folder);
          if (!(await check(folder))) throw new Error("It cannot be done again.");
          const left = namesBelow(folder).filter((file) => !wanted.includes(file));
          if (left.length > 0) throw new Error(`It leaves ${left.join(", ")}.`);
        } catch (error) {
          const place = call.replaceAll(folder, "").replace(join(scratch, "whole"), "");
          failures.push(`${name}: ${how} at call ${at} (${place}): ${error.stack}`);
        }
        rmSync(folder, { recursive: true });
      });
      rmSync(whole.folder, { recursive: true });
      tell(`${name}: ${chosen.length} of ${all.length} failures tried`);
    }
    return { cases, calls, all: calls * kinds.length, failures };
  });
}
