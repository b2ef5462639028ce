// A training on several processes: the files are those of one process, it goes on with another number of them, and a
// process that is lost or does not fit leaves nothing half written.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const checkpoint = (run: string, update: number) =>
  readFileSync(at(run, "checkpoints", `${String(update).padStart(9, "0")}.safetensors`));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-ranks-"));
  const pixels = Uint8Array.from(
    { length: 40 * 36 },
    (_, place) => ((place * 7919) ** 2 % 101) * 2,
  );
  writeFileSync(at("random.npy"), encodeNpy(pixels, [40, 6, 6]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const training = [
  ...["train", "--data", "random.npy", "--chains", "10", "--batch", "10", "--shards", "4"],
  ...["--backend", "cpu", "--threads", "1", "--checkpoint-every", "20"],
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a command on all ranks, rank 0 first. */
async function startRanks(size: number, args: readonly string[]) {
  const variables = {
    NLM_RANKS: String(size),
    NLM_RANKS_AT: `127.0.0.1:${await freePort()}`,
    NLM_RANKS_SECRET: "a secret of the tests",
  };
  return Array.from({ length: size }, (_, rank) =>
    start([...args, "--ranks"], folder, { ...variables, NLM_RANK: String(rank) }),
  );
}

const onRanks = async (size: number, args: readonly string[]): Promise<Ended[]> =>
  Promise.all((await startRanks(size, args)).map(({ ended }) => ended));

const silent = { status: 0, stdout: "", stderr: "" };

/** Resolves when a run has the checkpoint of an update. */
async function untilCheckpoint(run: string, update: number): Promise<void> {
  while (!existsSync(at(run, "checkpoints", `${String(update).padStart(9, "0")}.safetensors`))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a training on several processes", { timeout: 120_000 }, () => {
  it("writes the files of one process, and only rank 0 speaks", async () => {
    const alone = await nlm([...training, "--updates", "40", "--out", "alone"], folder);
    expect(alone.status).toBe(0);
    const [first, ...others] = await onRanks(3, [...training, "--updates", "40", "--out", "three"]);
    expect(first).toMatchObject({ status: 0 });
    expect(first!.stdout).toContain("Trained 40 updates");
    expect(others).toEqual([silent, silent]);
    for (const update of [20, 40]) {
      expect(checkpoint("three", update).equals(checkpoint("alone", update))).toBe(true);
    }
    for (const name of ["config.yaml", "split.json"]) {
      expect(readFileSync(at("three", name))).toEqual(readFileSync(at("alone", name)));
    }
  });

  it("that was stopped by SIGTERM goes on with another number of them, bit for bit", async () => {
    const args = [...training, "--updates", "1500", "--checkpoint-every", "500"];
    const processes = await startRanks(2, [...args, "--out", "stopped"]);
    await untilCheckpoint("stopped", 500);
    for (const { child } of processes) child.kill("SIGTERM");
    const [first, second] = await Promise.all(processes.map(({ ended }) => ended));
    expect(first!.status).toBe(143);
    expect(first!.stderr).toContain("Stopped after update");
    expect(second).toEqual(silent);
    const resumed = await onRanks(4, ["train", "--resume", "stopped"]);
    expect(resumed.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    await nlm([...args, "--out", "whole"], folder);
    expect(checkpoint("stopped", 1500).equals(checkpoint("whole", 1500))).toBe(true);
  });

  it("ends on all of them when one is killed, and goes on from the last checkpoint", async () => {
    const args = [...training, "--updates", "1500", "--checkpoint-every", "500"];
    const processes = await startRanks(3, [...args, "--out", "killed"]);
    await untilCheckpoint("killed", 500);
    processes[2]!.child.kill("SIGKILL");
    const [first, second] = await Promise.all(processes.map(({ ended }) => ended));
    expect(first!.status).toBe(1);
    expect(first!.stderr.replace(/\s+/g, " ")).toContain("nlm: Rank 2 at 127.0.0.1 is lost");
    expect(second).toEqual({ ...silent, status: 1 });
    const resumed = await nlm(["train", "--resume", "killed"], folder);
    expect(resumed.status).toBe(0);
    expect(checkpoint("killed", 1500).equals(checkpoint("whole", 1500))).toBe(true);
  });

  it("of more processes than shards is refused by all, and nothing is written", async () => {
    const before = readdirSync(folder);
    const [first, ...others] = await onRanks(3, [...training, "--shards", "2", "--out", "refused"]);
    expect(first!.status).toBe(2);
    expect(first!.stderr).toContain("3 ranks are more than the 2 shards");
    for (const other of others) expect(other).toEqual({ ...silent, status: 1 });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("has as many shards as processes where nothing else is said", async () => {
    const few = ["train", "--data", "random.npy", "--updates", "2", "--backend", "reference"];
    const ended = await onRanks(2, [...few, "--out", "shards"]);
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    expect(readFileSync(at("shards", "config.yaml"), "utf8")).toContain("shards: 2");
  });
});
