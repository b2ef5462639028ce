// Commands on several processes: their files and numbers are those of one process, a training goes on with another number
// of them, and a process that is lost or does not fit leaves nothing half written.
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, main, nlm, start } from "./command.js";

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
  "train",
  "--data",
  "random.npy",
  "--chains",
  "10",
  "--batch",
  "10",
  "--shards",
  "4",
  "--backend",
  "cpu",
  "--threads",
  "1",
  "--checkpoint-every",
  "20",
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a command on all ranks, rank 0 first. */
async function startRanks(
  size: number,
  args: readonly string[],
  more: (rank: number) => readonly string[] = () => [],
  patience = 60,
  where = (_rank: number) => folder,
) {
  const variables = {
    NLM_RANKS: String(size),
    NLM_RANKS_AT: `127.0.0.1:${await freePort()}`,
    NLM_RANKS_SECRET: "a secret of the tests",
    NLM_RANKS_PATIENCE: String(patience),
  };
  return Array.from({ length: size }, (_, rank) =>
    start([...args, ...more(rank), "--ranks"], where(rank), {
      ...variables,
      NLM_RANK: String(rank),
    }),
  );
}

const onRanks = async (
  size: number,
  args: readonly string[],
  where?: (rank: number) => string,
): Promise<Ended[]> => {
  const started = await startRanks(size, args, undefined, undefined, where);
  return Promise.all(started.map(({ ended }) => ended));
};

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

  it("tempers the chains of the model as one process does", async () => {
    const ladder = ["--negative-phase", "tempering-10", "--ladder", "1,1.3,1.7", "--updates", "20"];
    const tempered = [...training, ...ladder];
    const alone = await nlm([...tempered, "--out", "tempered"], folder);
    const [first] = await onRanks(3, [...tempered, "--out", "tempered by three"]);
    expect([alone.status, first!.status]).toEqual([0, 0]);
    expect(checkpoint("tempered by three", 20).equals(checkpoint("tempered", 20))).toBe(true);
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

  it("ends on the others when one hangs, and rank 0 names it", async () => {
    const args = [...training, "--updates", "100000"];
    const processes = await startRanks(3, [...args, "--out", "hung"], undefined, 6);
    await untilCheckpoint("hung", 20);
    processes[1]!.child.kill("SIGSTOP");
    const [first, third] = await Promise.all([processes[0]!.ended, processes[2]!.ended]);
    processes[1]!.child.kill("SIGKILL");
    expect(first!.status).toBe(1);
    expect(first!.stderr.replace(/\s+/g, " ")).toContain(
      "nlm: Rank 1 has not been heard of for 6 seconds.",
    );
    expect(third).toEqual({ ...silent, status: 1 });
    const left = readdirSync(at("hung"), { recursive: true }) as string[];
    expect(left.filter((name) => /tmp|partial|lock/.test(name))).toEqual([]);
    expect((await nlm(["inspect", "hung"], folder)).status).toBe(0);
  });

  it("whose commands differ is refused, and only rank 0 says so", async () => {
    const before = readdirSync(folder);
    const own = await startRanks(2, [...training, "--out", "refused"], (rank) => [
      "--seed",
      String(rank),
    ]);
    const [first, other] = await Promise.all(own.map(({ ended }) => ended));
    expect(first!.status).toBe(2);
    expect(first!.stderr).toContain("Ranks 0 and 1 differ in the command");
    expect(other).toEqual({ ...silent, status: 1 });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("has the data and the settings of rank 0 alone, whatever lies where the others run", async () => {
    const elsewhere = at("elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "random.npy"), encodeNpy(new Uint8Array(40 * 36), [40, 6, 6]));
    writeFileSync(join(elsewhere, "settings.yaml"), "updates: 30\n");
    writeFileSync(at("settings.yaml"), "updates: 40\n");
    const args = [...training, "--config", "settings.yaml", "--out", "of rank 0"];
    const ended = await onRanks(2, args, (rank) => (rank > 0 ? elsewhere : folder));
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    expect(checkpoint("of rank 0", 40).equals(checkpoint("alone", 40))).toBe(true);
    expect(readdirSync(elsewhere)).toEqual(["random.npy", "settings.yaml"]);
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

describe("a trained machine on several processes", { timeout: 120_000 }, () => {
  const alone = ["--backend", "cpu", "--threads", "1"];
  const files = (out: string, names: readonly string[]) =>
    names.map((name) => readFileSync(at(out, name)).toString("base64"));
  /** What a command prints of numbers, without what computed them, where and when. */
  const numbersOf = ({ stdout }: Ended) => {
    const { device, threads, command, at, files, ...numbers } = JSON.parse(stdout);
    expect([device, threads, command, at].every(Boolean)).toBe(true);
    return numbers;
  };

  it.each([
    ["with a trajectory", ["--every", "50", "--steps", "200"]],
    ["over a ladder of temperatures", ["--tempering", "1,1.5,2", "--steps", "200"]],
  ])("is sampled %s to the bits of one process", async (how, flags) => {
    const sample = (out: string) => [
      "sample",
      "alone",
      ...alone,
      "--chains",
      "7",
      ...flags,
      "--out",
      out,
    ];
    const one = await nlm([...sample(`one ${how}`), "--json"], folder);
    const [first, ...others] = await onRanks(3, [...sample(`three ${how}`), "--json"]);
    expect([first!.status, ...others]).toEqual([0, silent, silent]);
    expect(numbersOf(first!)).toEqual(numbersOf(one));
    const names = readdirSync(at(`one ${how}`)).filter((name) => name !== "sample.json");
    expect(names).toContain("states.npy");
    expect(files(`three ${how}`, names)).toEqual(files(`one ${how}`, names));
  });

  it("is evaluated to the numbers of one process, log Z among them", async () => {
    const watched = ["--equilibrium", "--frames", "20", "--log-likelihood", "--anneals", "5"];
    const words = ["evaluate", "alone", ...alone, "--steps", "200", ...watched, "--json"];
    const one = numbersOf(await nlm(words, folder));
    const [first, ...others] = await onRanks(3, words);
    expect([first!.status, ...others]).toEqual([0, silent, silent]);
    expect(numbersOf(first!)).toEqual(one);
    expect(one.likelihood.forward.logZ).toBeTypeOf("number");
    expect(one.equilibrium.observables).toHaveProperty("energy");
  });

  it("that is not there is said once, and ends all of them", async () => {
    const [first, ...others] = await onRanks(2, ["sample", "nowhere"]);
    expect(first).toMatchObject({ status: 2, stderr: expect.stringContaining("nowhere") });
    expect(others).toEqual([{ ...silent, status: 1 }]);
  });

  it("is not looked at once for each process that mpirun started", async () => {
    const inspected = [0, 1].map((rank) =>
      start(["inspect", "alone", "--json"], folder, {
        OMPI_COMM_WORLD_SIZE: "2",
        OMPI_COMM_WORLD_RANK: String(rank),
      }),
    );
    const [first, other] = await Promise.all(inspected.map(({ ended }) => ended));
    expect(first!.status).toBe(2);
    expect(JSON.parse(first!.stdout).error.message).toBe(
      "nlm inspect runs in one process, and Open MPI started 2.",
    );
    expect(other).toEqual({ ...silent, status: 1 });
  });

  const hasMpi = spawnSync("mpirun.openmpi", ["--version"]).status === 0;
  it.skipIf(!hasMpi)("is sampled by mpirun, which needs no flag", async () => {
    const words = ["sample", "alone", ...alone, "--chains", "7", "--steps", "200"];
    await nlm([...words, "--out", "by one"], folder);
    const said = await new Promise<string>((resolve, reject) => {
      execFile(
        "mpirun.openmpi",
        ["--oversubscribe", "--bind-to", "none", "-n", "3", process.execPath, main].concat(words, [
          "--out",
          "by mpi",
        ]),
        {
          cwd: folder,
          env: {
            ...process.env,
            OMPI_ALLOW_RUN_AS_ROOT: "1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
          },
        },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
    });
    expect(said.match(/Sampled 7 chains/g)).toHaveLength(1);
    expect(files("by mpi", ["states.npy"])).toEqual(files("by one", ["states.npy"]));
  });
});
