// Ranks that Slurm starts: a real one, on this machine.
import { fileURLToPath } from "node:url";
import { createRanksBackend } from "@neural-langevin/backend-ranks";
import { hasSlurm, type Slurm, startSlurm } from "@neural-langevin/tooling/slurm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inner, type Numbers, trainedNumbers } from "./job.js";

const program = fileURLToPath(new URL("rank-job.js", import.meta.url));
const secret = { NLM_RANKS_SECRET: "a secret of the tests", NLM_RANKS_PATIENCE: "20" };

describe.skipIf(!hasSlurm())("Slurm (slurmctld, slurmd, munge)", () => {
  let slurm: Slurm;
  beforeAll(async () => {
    slurm = await startSlurm();
  }, 60_000);
  afterAll(() => slurm?.stop());

  const job = (...words: string[]) =>
    slurm.run("srun", ["-n", "2", "--overcommit", process.execPath, program, ...words], {
      variables: secret,
    });

  it("starts ranks that find each other and have the bits of one process", {
    timeout: 60_000,
  }, async () => {
    const { code, out, err } = await job("numbers", "cpu", "8");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { label, numbers } = JSON.parse(out) as { label: string; numbers: Numbers };
    expect(label).toMatch(/^TCP at .+:2\d{4}$/);
    await using backend = await createRanksBackend(inner.cpu!, { shards: 8 });
    expect(numbers).toEqual(await trainedNumbers(backend));
  });

  it("ends the job when a rank is killed, and says which", { timeout: 60_000 }, async () => {
    const { code, err } = await job("kill", "cpu", "2");
    expect(code).not.toBe(0);
    expect(err).toMatch(/Rank 1 at .+ is lost/);
  });

  it("asks for a secret", { timeout: 60_000 }, async () => {
    const { code, err } = await slurm.run(
      "srun",
      ["-n", "2", "--overcommit", process.execPath, program, "numbers", "cpu", "2"],
      { variables: { NLM_RANKS_SECRET: "" } },
    );
    expect(code).not.toBe(0);
    expect(err).toContain("Ranks that meet by TCP need a secret");
  });
});
