// Work that is killed at random moments, by SIGKILL, and gone on with: in the end there is, bit for bit, what an
// uninterrupted one leaves, and nothing besides.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy } from "@neural-langevin/datasets";
import { filesBelow, followed, inScratchFolder, nlm, startNlm, startNode } from "./processes.mjs";
import { randomFrom } from "./random.mjs";

const SIDE = 6;
const IMAGES = 60;
const UNITS = SIDE ** 2;
const experiment = fileURLToPath(new URL("micro-experiment.mjs", import.meta.url));

/** The files that hold dates or durations, whose bytes no two runs share. */
const dated =
  /(^|\/)(sample\.json|manifest\.json|experiment\.json|report\.json|report\.md|times\.jsonl)$/;

/** What a folder holds: names of all files, and the bits of those without a date. */
const contentOf = (folder) =>
  [...filesBelow(folder)].map(([name, hash]) => (dated.test(name) ? name : `${name} ${hash}`));

const imagesOf = (seed) =>
  encodeNpy(
    Uint8Array.from({ length: IMAGES * UNITS }, (_, at) => ((at * 7919 + seed) ** 2 % 101) * 2),
    [IMAGES, SIDE, SIDE],
  );

const training = [
  "--data",
  "images.npy",
  "--held-out",
  "10",
  "--chains",
  "8",
  "--batch",
  "8",
  "--backend",
  "cpu",
  "--threads",
  "1",
  "--updates",
  "400",
  "--checkpoint-every",
  "40",
  "--evaluate-every",
  "60",
];

/**
 * Kinds of work: `begin` are its arguments, `goOn` those once `begun` is there, and `out` is the folder that it writes.
 * With `before`, what is there from the beginning is replaced whole or not at all.
 */
const kinds = {
  "nlm train": {
    begin: ["train", ...training, "--out", "run"],
    goOn: ["train", "--resume", "run"],
    begun: "run/manifest.json",
    out: "run",
  },
  "nlm sample": {
    begin: ["sample", "trained", "--chains", "4", "--steps", "2000", "--seed", "2", "--overwrite"],
    before: ["sample", "trained", "--chains", "4", "--steps", "10", "--seed", "3"],
    out: "samples",
  },
  "nlm import": {
    begin: ["import", "J.npy", "--data", "images.npy", "--out", "imported", "--overwrite"],
    out: "imported",
  },
  runExperiment: {
    program: experiment,
    begin: ["experiment"],
    goOn: ["experiment"],
    out: "experiment",
  },
};

/**
 * @param count kills, of all kinds together
 * @returns { kills: by kind, rounds, failures }
 */
export function kills({ count, seed, tell }) {
  return inScratchFolder(async (folder) => {
    const random = randomFrom(seed);
    writeFileSync(join(folder, "images.npy"), imagesOf(1));
    const couplings = Float32Array.from({ length: UNITS ** 2 }, (_, at) => (at % 37) / 100);
    writeFileSync(join(folder, "J.npy"), encodeNpy(couplings, [UNITS, UNITS]));
    await nlm(["train", ...training, "--out", "trained"], folder);
    const failures = [];
    const done = {};
    let rounds = 0;
    for (const [name, kind] of Object.entries(kinds)) {
      const out = join(folder, kind.out);
      const start = (args) =>
        kind.program ? startNode([kind.program, ...args], { cwd: folder }) : startNlm(args, folder);
      const finish = async (args) => {
        const { status, stderr, taken } = await followed(start(args));
        if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
        return taken;
      };
      // What is there before and after, without a kill, and how much of the processor it takes.
      let before = [];
      if (kind.before) {
        await nlm(kind.before, folder);
        before = contentOf(out);
        renameSync(out, `${out}-before`);
        mkdirSync(out);
      }
      const duration = await finish(kind.begin);
      const wanted = contentOf(out);
      done[name] = 0;
      while (done[name] < Math.max(1, Math.round(count / Object.keys(kinds).length))) {
        rounds++;
        rmSync(out, { recursive: true, force: true });
        if (kind.before) await nlm(kind.before, folder);
        try {
          for (;;) {
            const goesOn = kind.begun ? existsSync(join(folder, kind.begun)) : false;
            const started = start(goesOn ? kind.goOn : kind.begin);
            const { status, signal, stderr } = await followed(started, random() * 1.1 * duration);
            if (signal !== "SIGKILL") {
              if (status === 0) break;
              throw new Error(`It ends with ${status}: ${stderr}`);
            }
            done[name]++;
            const mixed = kind.before && filesAmong(out, [...before, ...wanted]);
            if (mixed?.length > 0) throw new Error(`Neither old nor new: ${mixed.join(", ")}.`);
            if (!kind.goOn) {
              await finish(kind.begin);
              break;
            }
          }
          const found = contentOf(out);
          const more = found.filter((file) => !wanted.includes(file));
          const less = wanted.filter((file) => !found.includes(file));
          if (more.length + less.length > 0) {
            throw new Error(`It leaves ${more.join(", ")} in place of ${less.join(", ")}.`);
          }
        } catch (error) {
          failures.push(`${name}, round ${rounds}, seed ${seed}: ${error.message}`);
        }
      }
      tell(`${name}: killed ${done[name]} times`);
    }
    return { kills: done, rounds, failures };
  });
}

/** The files of a folder, but for temporary ones, that are not among some. */
const filesAmong = (folder, known) =>
  (existsSync(folder) ? contentOf(folder) : []).filter(
    (file) => !known.includes(file) && !file.includes(".tmp "),
  );
