// Ranks that a launcher of MPI starts, on every library of MPI that is here.
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRanksBackend } from "@neural-langevin/backend-ranks";
import { joinRanks } from "@neural-langevin/backend-ranks/node";
import { describe, expect, it } from "vitest";
import { inner, type Numbers, trainedNumbers } from "./job.js";

const program = fileURLToPath(new URL("rank-job.js", import.meta.url));

interface Launcher {
  readonly name: string;
  readonly command: string;
  readonly flags: readonly string[];
  readonly words: RegExp;
  readonly environment?: Readonly<Record<string, string>>;
  /** The rank that is late in a test. */
  readonly late: number;
}

const launchers: readonly Launcher[] = [
  {
    name: "Open MPI",
    command: "mpirun.openmpi",
    flags: ["--oversubscribe", "--bind-to", "none"],
    words: /Open MPI|OpenRTE/,
    late: 1,
  },
  { name: "MPICH", command: "mpirun.mpich", flags: [], words: /HYDRA/, late: 0 },
];

/** Python's registry has it, and Debian does not yet. */
const python = dirname(process.env.NLM_PYTHON ?? "/usr/bin/python3");
const openMpi5: Launcher = {
  name: "Open MPI",
  command: join(python, "mpirun"),
  flags: ["--oversubscribe", "--bind-to", "none"],
  words: /Open MPI\) 5/,
  environment: { NLM_MPI: join(python, "../lib/libmpi.so.40") },
  late: 1,
};

const isHere = ({ command, words }: Launcher) => {
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return words.test(stdout ?? "");
};

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const launch = (launcher: Launcher, ranks: number, ...job: string[]) =>
  launchPatiently(launcher, 20, ranks, ...job);

const launchPatiently = (
  { command, flags, environment }: Launcher,
  patience: number,
  ranks: number,
  ...job: string[]
) =>
  new Promise<Outcome>((resolve) => {
    execFile(
      command,
      [...flags, "-n", String(ranks), process.execPath, program, ...job],
      {
        timeout: 120_000,
        env: {
          ...process.env,
          ...environment,
          OMPI_ALLOW_RUN_AS_ROOT: "1",
          OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
          NLM_RANKS_PATIENCE: String(patience),
        },
      },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

function answerOf({ out }: Outcome): unknown {
  try {
    return JSON.parse(out.trimEnd().split("\n").at(-1)!);
  } catch (cause) {
    throw new Error(`The last line is no answer: ${JSON.stringify(out)}`, { cause });
  }
}

const eightShards = async (name: string): Promise<Numbers> => {
  await using backend = await createRanksBackend(inner[name]!, { shards: 8 });
  return await trainedNumbers(backend);
};

for (const launcher of launchers) {
  describe.skipIf(!isHere(launcher))(`${launcher.name} (${launcher.command})`, () => {
    it("holds the contract on two ranks", { timeout: 120_000 }, async () => {
      const outcome = await launch(launcher, 2, "contract", "cpu", "2");
      expect(outcome).toMatchObject({ code: 0, err: "" });
      const outcomes = answerOf(outcome) as string[][];
      expect(outcomes.length).toBeGreaterThan(60);
      expect(outcomes.filter(([, passed]) => passed !== "passed")).toEqual([]);
    });

    it.each([
      ["cpu", 1],
      ["cpu", 2],
      ["cpu", 3],
      ["cpu", 4],
      ["reference", 2],
    ] as const)(
      "has the bits of one process (%s on %i ranks)",
      { timeout: 120_000 },
      async (name, ranks) => {
        const outcome = await launch(launcher, ranks, "numbers", name, "8");
        expect(outcome).toMatchObject({ code: 0, err: "" });
        const { label, numbers } = answerOf(outcome) as { label: string; numbers: Numbers };
        expect(label).toMatch(new RegExp(`^${launcher.name} [0-9.]+$`));
        expect(numbers).toEqual(await eightShards(name));
      },
    );

    it("ends the job when a rank is killed", { timeout: 60_000 }, async () => {
      const { code, out, err } = await launch(launcher, 3, "kill", "cpu", "3");
      expect(code).not.toBe(0);
      expect(`${out}${err}`).toMatch(/rank 1|KILLED|signal 9/i);
    });

    it("ends the job when a rank is stopped, and names it", { timeout: 60_000 }, async () => {
      const { code, err } = await launchPatiently(launcher, 2, 3, "stop", "cpu", "3");
      expect(code).not.toBe(0);
      expect(err).toContain("Rank 1 has not been heard of for 2 seconds.");
    });

    it("ends the job when a rank is late at the start, and names it", {
      timeout: 60_000,
    }, async () => {
      const { late } = launcher;
      const { code, out, err } = await launchPatiently(
        launcher,
        4,
        3,
        "late",
        "cpu",
        "3",
        String(late),
      );
      expect(code).not.toBe(0);
      expect(out).toMatch(/^unavailable\n/);
      const sentence = `Not all 3 ranks have started MPI within 4 seconds: rank ${late} hangs or is late.`;
      expect(err.split(sentence)).toHaveLength(2);
    });

    it("says on rank 0 why another rank gave up", { timeout: 60_000 }, async () => {
      const { code, err } = await launch(launcher, 3, "throw", "cpu", "3");
      expect(code).not.toBe(0);
      expect(err).toContain("Rank 1: there is no more paper");
    });

    it.each([0, 1])("says what rank %i did not catch", { timeout: 60_000 }, async (rank) => {
      const { code, err } = await launch(launcher, 2, "crash", "cpu", "2", String(rank));
      expect(code).not.toBe(0);
      expect(err.split("Error: there is no more ink\n    at ")).toHaveLength(2);
    });

    it("lets a rank leave while what it sent last is on its way", { timeout: 60_000 }, async () => {
      const outcome = await launch(launcher, 3, "part", "cpu", "3");
      expect(outcome).toMatchObject({ code: 0, err: "" });
      expect(answerOf(outcome)).toEqual([1, 2]);
    });

    it("says that there are more ranks than shards", { timeout: 60_000 }, async () => {
      const { code, err } = await launch(launcher, 3, "numbers", "cpu", "2");
      expect(code).not.toBe(0);
      expect(err).toContain("3 ranks are more than the 2 shards of this training.");
    });
  });
}

describe.skipIf(!isHere(openMpi5))("Open MPI 5", () => {
  it("has the bits of one process on 3 ranks", { timeout: 60_000 }, async () => {
    const outcome = await launch(openMpi5, 3, "numbers", "cpu", "8");
    expect(outcome).toMatchObject({ code: 0, err: "" });
    const { label, numbers } = answerOf(outcome) as { label: string; numbers: Numbers };
    expect(label).toMatch(/^Open MPI 5[0-9.]+$/);
    expect(numbers).toEqual(await eightShards("cpu"));
  });
});

describe.skipIf(!isHere(launchers[0]!))("files of ranks that wait for each other", () => {
  it("are removed, and what killed jobs left a day ago", { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "ranks-"));
    const name = (job: string) => `nlm-start-${process.getuid!()}-${job}`;
    for (const job of ["old", "young"]) mkdirSync(join(folder, name(job)));
    const yesterday = Date.now() / 1000 - 90_000;
    utimesSync(join(folder, name("old")), yesterday, yesterday);
    const environment = { TMPDIR: folder, OMPI_MCA_orte_tmpdir_base: tmpdir() };
    const outcome = await launch({ ...launchers[0]!, environment }, 2, "numbers", "cpu", "2");
    expect(outcome).toMatchObject({ code: 0 });
    expect(readdirSync(folder).filter((one) => one.startsWith("nlm"))).toEqual([name("young")]);
    rmSync(folder, { recursive: true });
  });
});

describe("without MPI", () => {
  it("says what is missing", async () => {
    const joining = joinRanks({ transport: "mpi", library: "/nowhere/libmpi.so" });
    await expect(joining).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("/nowhere/libmpi.so"),
    });
  });
});
