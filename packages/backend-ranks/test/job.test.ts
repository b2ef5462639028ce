// A job: how rank 0 ends it, a backend in shards around another, and the file with which Slurm queues it.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createReferenceBackend, LangevinError } from "@neural-langevin/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inShards, Ranks } from "../src/index.js";
import { leadJob } from "../src/job.js";
import { runJob, slurmJob } from "../src/node.js";
import { inner } from "./job.js";

describe("rank 0", () => {
  /** Ranks that say how they ended. */
  function watched() {
    const said: string[] = [];
    const ranks = new Ranks();
    ranks.fail = (reason) => void said.push(reason);
    ranks.close = async () => void said.push("closed");
    return { ranks, said };
  }

  it("lets the others go home with its result, and tells them why it failed", async () => {
    const well = watched();
    expect(await leadJob(well.ranks, async () => 7)).toBe(7);
    expect(well.said).toEqual(["closed"]);
    const failed = watched();
    const failing = leadJob(failed.ranks, () => Promise.reject(new Error("The disk is full.")));
    await expect(failing).rejects.toThrow("The disk is full.");
    expect(failed.said).toEqual(["The disk is full.", "closed"]);
    const stopped = watched();
    const stopping = leadJob(stopped.ranks, () =>
      Promise.reject(new LangevinError("aborted", "Stopped.")),
    );
    await expect(stopping).rejects.toMatchObject({ code: "aborted" });
    expect(stopped.said).toEqual(["closed"]);
    expect(await leadJob(undefined, async () => 8)).toBe(8);
  });

  it("computes with the backend itself, or in shards around it, and closes what it cannot use", async () => {
    const inner = createReferenceBackend();
    expect(await inShards(inner, { shards: 1 })).toBe(inner);
    const backend = await inShards(inner, { shards: 4 });
    expect(backend.device.details).toContain("4 shards in one process");
    await backend.close();
    const other = createReferenceBackend();
    await expect(inShards(other, { shards: 0 })).rejects.toMatchObject({ code: "invalid-value" });
    await expect(other.open({ units: 2, chains: 1, seed: 1 })).rejects.toMatchObject({
      code: "closed",
    });
  });

  it("is alone where no launcher started it", async () => {
    const create = inner.reference!;
    for (const transport of [undefined, "tcp"] as const) {
      const seen: unknown[] = [];
      const work = async (ranks?: Ranks) => void seen.push(ranks);
      expect(await runJob({ transport, create, work })).toBe(true);
      expect(seen).toEqual([undefined]);
    }
  });
});

describe("a job file, run by a shell", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nlm-job-"));
    const programs = {
      srun: 'printf "%s|" "$@" >> said; exit $CODE',
      scontrol: 'echo "$@" > asked',
    };
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const text = slurmJob({
    name: "own",
    processes: 3,
    threads: 2,
    time: "01:00:00",
    work: {
      kind: "ranks",
      begin: ["program", "--out", "it's a run"],
      resume: { command: ["program", "--on"], where: "it's a run.json" },
    },
  });
  const turn = (code: number) => {
    const env = {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      CODE: String(code),
      SLURM_JOB_ID: "12",
    };
    rmSync(join(folder, "said"), { force: true });
    const { status } = spawnSync("bash", ["-c", text], { cwd: folder, env });
    const requeued = existsSync(join(folder, "asked"));
    return { status, requeued, said: readFileSync(join(folder, "said"), "utf8") };
  };

  it("begins, goes on where there is something to go on with, and is queued again when it was stopped", () => {
    const own = "--cpus-per-task=2|--kill-on-bad-exit=1|program|";
    expect(turn(1)).toEqual({ status: 1, requeued: false, said: `${own}--out|it's a run|` });
    writeFileSync(join(folder, "it's a run.json"), "");
    expect(turn(0)).toEqual({ status: 0, requeued: false, said: `${own}--on|` });
    expect(turn(143)).toEqual({ status: 143, requeued: true, said: `${own}--on|` });
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("requeue 12\n");
  });

  it("asks for tasks, cores, time, and a signal before the end", () => {
    const asked = text.split("\n").filter((line) => line.startsWith("#SBATCH"));
    expect(asked).toEqual([
      "#SBATCH --job-name=own",
      "#SBATCH --ntasks=3",
      "#SBATCH --cpus-per-task=2",
      "#SBATCH --time=01:00:00",
      "#SBATCH --requeue",
      "#SBATCH --open-mode=append",
      "#SBATCH --signal=TERM@120",
    ]);
  });
});
