// The job file that `nlm cluster slurm` prints, run by a real Slurm on this machine.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy } from "@neural-langevin/datasets";
import { hasSlurm, type Slurm, startSlurm } from "@neural-langevin/tooling/slurm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const printed = ["cluster", "slurm", "--config", "settings.yaml", "--threads", "1"];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-slurm-job-"));
  const pixels = Uint8Array.from(
    { length: 40 * 36 },
    (_, place) => ((place * 7919) ** 2 % 101) * 2,
  );
  writeFileSync(at("random.npy"), encodeNpy(pixels, [40, 6, 6]));
  const settings = "data: random.npy\nchains: 10\nbatch: 10\nupdates: 40\nshards: 2\n";
  writeFileSync(at("settings.yaml"), settings);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a job file", () => {
  it("is refused where the job would be", async () => {
    for (const [args, problem] of [
      [["--ranks", "3"], "3 ranks are more than the 2 shards in settings.yaml"],
      [["--time", "soon"], '"soon" is not a time limit. For example, 04:00:00'],
      [["--sweep", "settings.yaml"], "Give --config or --sweep."],
    ] as const) {
      const { status, stderr, stdout } = await nlm([...printed, ...args], folder);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain(problem);
    }
    const { status, stderr } = await nlm(["cluster", "lsf", "--config", "settings.yaml"], folder);
    expect(status).toBe(2);
    expect(stderr.replaceAll("\n", " ")).toContain("Allowed choices are slurm, kubernetes.");
  });
});

describe.skipIf(!hasSlurm())("a job of Slurm (slurmctld, slurmd, munge)", () => {
  let slurm: Slurm;
  beforeAll(async () => {
    mkdirSync(at("bin"));
    const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    writeFileSync(
      at("bin", "nlm"),
      `#!/bin/sh\nexec ${process.execPath} ${main} "$@" --backend cpu\n`,
    );
    chmodSync(at("bin", "nlm"), 0o755);
    slurm = await startSlurm();
  }, 60_000);
  afterAll(() => slurm?.stop());

  /** Submits a job file, and waits for it; on machines of one core as well. */
  const submit = (job: string) =>
    slurm.run("sbatch", ["--wait", "--overcommit", "--output", at("log"), job], {
      cwd: folder,
      variables: { PATH: `${at("bin")}${delimiter}${process.env.PATH}` },
    });

  it("trains on all its tasks, and once more when it is done", { timeout: 120_000 }, async () => {
    const { stdout } = await nlm([...printed, "--out", "a run"], folder);
    writeFileSync(at("job.sh"), stdout);
    const first = await submit("job.sh");
    const log = () => (existsSync(at("log")) ? readFileSync(at("log"), "utf8") : "");
    expect({ ...first, log: log() }).toMatchObject({
      code: 0,
      log: expect.stringContaining("Trained 40 updates"),
    });
    const manifest = JSON.parse(readFileSync(at("a run", "manifest.json"), "utf8"));
    expect(manifest.state).toBe("finished");
    expect(manifest.device).toContain("2 shards in 2 ranks over TCP");
    expect((await submit("job.sh")).code).toBe(0);
  });

  it("trains a sweep as an array, every task its shard", { timeout: 120_000 }, async () => {
    writeFileSync(
      at("rates.yaml"),
      "settings: {data: random.npy, chains: 10, batch: 10, updates: 5}\ngrid: {rate: [1e-3, 1e-4]}\n",
    );
    const args = ["--sweep", "rates.yaml", "--ranks", "2", "--threads", "1"];
    const { stdout } = await nlm(["cluster", "slurm", ...args], folder);
    writeFileSync(at("array.sh"), stdout);
    expect((await submit("array.sh")).code).toBe(0);
    const log = readFileSync(at("log"), "utf8");
    for (const shard of [1, 2]) expect(log).toContain(`1 of 2 trainings, shard ${shard} of 2`);
    for (const rate of ["rate=0.001", "rate=0.0001"]) {
      const manifest = JSON.parse(
        readFileSync(at("runs/sweeps/rates", rate, "manifest.json"), "utf8"),
      );
      expect(manifest).toMatchObject({
        state: "finished",
        command: expect.arrayContaining(["sweep"]),
      });
    }
  });
});
