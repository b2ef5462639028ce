// The choice of a backend, the contract on the command line, and parity.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { scenarios } from "@neural-langevin/backend-testkit";
import { createReferenceBackend, LangevinError } from "@neural-langevin/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackend, probeBackends, speedTestFile } from "../src/backends/default-backend.js";
import { type BackendEntry, openNamed } from "../src/backends/table.js";
import type { Terminal } from "../src/terminal/terminal.js";
import { describeVerdicts } from "../src/text/contract.js";
import { nlm } from "./command.js";

let folder: string;
const before = process.env.NLM_CACHE;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-backends-"));
  process.env.NLM_CACHE = join(folder, "cache");
});
afterAll(() => {
  if (before === undefined) delete process.env.NLM_CACHE;
  else process.env.NLM_CACHE = before;
  rmSync(folder, { recursive: true });
});

const terminal: Terminal = {
  json: false,
  interactive: false,
  columns: 80,
  print() {},
  showStatus() {},
  result() {},
  interrupted: new AbortController().signal,
};

/** A backend whose steps take so many milliseconds and do nothing. */
function entry(
  id: string,
  milliseconds: number,
  missing = false,
): BackendEntry & { opened: number } {
  return {
    id,
    description: id,
    package: "@neural-langevin/core",
    modes: [],
    fast: true,
    opened: 0,
    async open() {
      if (missing) throw new LangevinError("unavailable", `There is no ${id}.`);
      this.opened++;
      const reference = createReferenceBackend();
      return {
        ...reference,
        async open(spec) {
          const session = await reference.open({ ...spec, units: 1 });
          let steps = 0;
          session.write = () => {};
          session.advance = (run) => {
            steps += run.steps;
          };
          session.measure = async () => {
            await new Promise((resolve) => setTimeout(resolve, milliseconds * steps));
            steps = 0;
            return new Float32Array(1);
          };
          return session;
        },
      };
    },
  };
}

describe("the default backend", () => {
  it("is the one that was measured to be the fastest, whatever its place, and is kept", async () => {
    const table = [entry("slow-graphics", 400), entry("absent", 1, true), entry("quick", 1)];
    const first = await openBackend(terminal, undefined, undefined, table);
    expect(first.name).toBe("quick");
    const kept = JSON.parse(readFileSync(speedTestFile(table), "utf8"));
    expect(kept).toMatchObject({ chosen: "quick", units: 784, chains: 96 });
    expect(kept.candidates.map(({ name }: { name: string }) => name)).toEqual([
      "quick",
      "slow-graphics",
    ]);
    const opened = table[0]!.opened;
    await openBackend(terminal, undefined, undefined, table);
    expect(table[0]!.opened).toBe(opened);
  });

  it("is measured anew when the file is damaged or the choice has gone", async () => {
    const table = [entry("a", 1), entry("b", 40)];
    await probeBackends(terminal, { everyMode: false, table });
    for (const damage of ["{", "{}", "null", '{"chosen":"b","candidates":[]}']) {
      writeFileSync(speedTestFile(table), damage);
      expect((await openBackend(terminal, undefined, undefined, table)).name).toBe("a");
      expect(JSON.parse(readFileSync(speedTestFile(table), "utf8")).chosen).toBe("a");
    }
    // What was measured long ago, when the machine may have been busy, is measured again.
    const old = JSON.parse(readFileSync(speedTestFile(table), "utf8"));
    const measured = "2026-01-01T00:00:00.000Z";
    writeFileSync(speedTestFile(table), JSON.stringify({ ...old, chosen: "b", measured }));
    expect((await openBackend(terminal, undefined, undefined, table)).name).toBe("a");
    table[0]!.open = async () => {
      throw new LangevinError("unavailable", "It was unplugged.");
    };
    expect((await openBackend(terminal, undefined, undefined, table)).name).toBe("b");
  });

  it("is not measured where there is only one", async () => {
    const alone = [entry("only", 500), entry("absent", 1, true)];
    const { chosen, candidates } = await probeBackends(terminal, {
      everyMode: false,
      table: alone,
    });
    expect(chosen).toBe("only");
    expect(candidates).toEqual([{ name: "only", label: "JavaScript", stepsPerSecond: null }]);
  });

  it("does not exist where nothing fast does", async () => {
    await expect(
      probeBackends(terminal, { everyMode: false, table: [entry("absent", 1, true)] }),
    ).rejects.toMatchObject({ code: "unavailable", message: /There is no absent/ });
  });
});

describe("a mode that computes in bf16", () => {
  /** One mode in bf16 that is fast and one in the reference's precision, which is here or not. */
  const rounding = (missing = false): BackendEntry => {
    const [quick, slow] = [entry("quick", 1), entry("slow", 20, missing)];
    return {
      ...quick,
      modes: ["rounded", "whole"],
      async open(mode, threads) {
        if (mode === "whole") return slow.open(undefined, threads);
        const backend = await quick.open(undefined, threads);
        return { ...backend, device: { ...backend.device, precision: "bf16" } };
      },
    };
  };

  it("is opened by its full name only", async () => {
    expect((await openNamed("quick:rounded", 1, [rounding()])).name).toBe("quick:rounded");
    expect((await openNamed("quick", 1, [rounding()])).name).toBe("quick:whole");
    await expect(openNamed("quick", 1, [rounding(true)])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("quick:rounded computes in bf16"),
    });
  });

  it("is no default, however fast", async () => {
    for (const everyMode of [false, true]) {
      const { chosen, candidates } = await probeBackends(terminal, {
        everyMode,
        table: [rounding()],
      });
      expect(chosen).toBe("quick:whole");
      expect(candidates).toHaveLength(1);
    }
  });
});

describe("a backend by name", () => {
  it("is unavailable by name when its package is not installed", async () => {
    const missing: BackendEntry = {
      ...entry("ghost", 1),
      package: "neural-langevin-ghost",
    };
    missing.open = async () => {
      const error = new Error("Cannot find package 'neural-langevin-ghost' imported from here");
      throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
    };
    await expect(openNamed("ghost", 1, [missing])).rejects.toMatchObject({
      code: "unavailable",
      message: "The package neural-langevin-ghost is not installed.",
    });
  });
});

describe("a backend of one's own", () => {
  const entryOf = (name: string) =>
    pathToFileURL(createRequire(import.meta.url).resolve(name)).href;
  const core = entryOf("@neural-langevin/core");

  it("trains, and the run goes on with it from another folder", async () => {
    const work = join(folder, "own");
    mkdirSync(work);
    writeFileSync(
      join(work, "mine.mjs"),
      `export { createReferenceBackend as default } from "${core}";`,
    );
    writeFileSync(join(work, "data.csv"), "a,b\n1,0\n0,1\n1,1\n0,0\n");
    const small = ["--encoding", "identity", "--held-out", "1", "--chains", "2", "--batch", "2"];
    const train = ["train", "--data", "data.csv", ...small, "--out", "run", "--backend"];
    const begun = await nlm([...train, "./mine.mjs", "--updates", "2"], work);
    expect(begun.stderr).not.toMatch(/^nlm:/m);
    expect(begun.status).toBe(0);
    const manifest = () => JSON.parse(readFileSync(join(work, "run", "manifest.json"), "utf8"));
    expect(manifest().backend).toBe(join(work, "mine.mjs"));
    const on = ["train", "--resume", join("own", "run"), "--updates", "3"];
    expect((await nlm(on, folder)).status).toBe(0);
    expect(manifest().backend).toBe(join(work, "mine.mjs"));
    rmSync(join(work, "mine.mjs"));
    const gone = await nlm([...on.slice(0, 3), "--updates", "4"], folder);
    expect(gone.status).toBe(2);
    expect(gone.stderr.replace(/\s+/g, " ")).toMatch(
      /The run began on \S+mine\.mjs, which is not available here: There is no file/,
    );
  });

  it("is held to the contract, and compared", async () => {
    const cpu = entryOf("@neural-langevin/backend-cpu");
    writeFileSync(
      join(folder, "plain.mjs"),
      `import { createCpuBackend } from "${cpu}";
       export const createBackend = ({ threads }) => createCpuBackend({ build: "plain", threads });`,
    );
    const verify = ["backends", "--verify", "./plain.mjs", "--json"];
    const { status, stdout } = await nlm(verify, folder);
    expect(status).toBe(0);
    const { backends } = JSON.parse(stdout);
    expect(backends).toMatchObject([{ name: join(folder, "plain.mjs"), holds: true }]);
    const parity = ["parity", "./plain.mjs", "cpu:plain", "--steps", "3", "--json"];
    expect(JSON.parse((await nlm(parity, folder)).stdout).bits[0].worst).toBe(24);
    const absent = await nlm(["backends", "--verify", "./absent.mjs"], folder);
    expect(absent.status).toBe(1);
    expect(absent.stdout.replace(/\s+/g, " ")).toMatch(/There is no file \S+absent\.mjs/);
  });
});

describe("nlm backends", () => {
  it("shows every mode and the default in 80 columns, and keeps the choice", async () => {
    const { status, stdout } = await nlm(["backends"], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/:plain +\S/);
    expect(stdout).toMatch(/Default: cpu:\w+/);
    const lines = stdout
      .split("\n")
      .filter((line) => !line.startsWith("/") && !line.includes("kept in"));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("--verify runs the contract, and says of what is not here that it is not", async () => {
    const { status, stdout } = await nlm(["backends", "--verify", "cpu:plain", "--json"], folder);
    expect(status).toBe(0);
    const { holds, backends } = JSON.parse(stdout);
    expect(holds).toBe(true);
    expect(backends[0].outcomes).toHaveLength(scenarios.length);
    const absent = process.arch === "arm64" ? "cpu:avx2" : "cpu:neon";
    const missing = await nlm(["backends", "--verify", absent, "--json"], folder);
    expect(missing.status).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({ holds: false, missing: [absent] });
    expect((await nlm(["backends", "--verify", "abacus"], folder)).status).toBe(2);
  });

  it("draws every outcome, with the reasons of failures, in 80 columns", () => {
    const kinds = ["passed", "failed", "known-gap", "closed-gap", "not-held"] as const;
    const outcomes = scenarios.map(({ key, statement }, index) => ({
      key,
      statement,
      outcome: kinds[index % kinds.length]!,
      reason: `reason of ${key}`,
    }));
    const some = Array.from({ length: 14 }, (_, index) => ({
      name: `backend:${index}`,
      available: true as const,
      label: "a device",
      holds: false,
      outcomes,
    }));
    const drawn = describeVerdicts(
      [...some, { name: "absent", available: false, reason: "It is not here." }],
      80,
    );
    expect(drawn).toMatch(/ {2}contract-version +(✗ ){14}–/);
    expect(drawn).toContain("absent             unavailable: It is not here.");
    expect(drawn).toContain("reason of life/contract-version");
    expect(drawn).not.toContain("reason of life/report");
    expect(Math.max(...drawn.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("nlm parity", () => {
  it("counts agreeing bits and compares statistics", async () => {
    const args = ["parity", "cpu:plain", "reference", "--units", "20", "--steps", "1,40", "--json"];
    const { status, stdout } = await nlm(args, folder);
    expect(status).toBe(0);
    const { bits, statistics } = JSON.parse(stdout);
    expect(bits.map(({ steps }: { steps: number }) => steps)).toEqual([1, 40]);
    expect(bits[0].median).toBeGreaterThan(18);
    expect(statistics.agree).toBe(true);
    const same = await nlm(["parity", "cpu:plain", "cpu:plain", "--steps", "5", "--json"], folder);
    expect(JSON.parse(same.stdout).bits[0]).toEqual({ steps: 5, equal: 1, median: 24, worst: 24 });
  });
});

describe("a run that goes on", () => {
  it("uses the backend and mode that it began on, unless it is told otherwise", async () => {
    const images = join(folder, "images.npy");
    const { encodeNpy } = await import("@neural-langevin/datasets");
    const pixels = Uint8Array.from({ length: 40 * 16 }, (_, at) => (at % 3) * 100);
    writeFileSync(images, encodeNpy(pixels, [40, 4, 4]));
    const settings = ["--data", images, "--held-out", "4", "--chains", "4", "--batch", "4"];
    const trained = ["train", ...settings, "--updates", "3", "--out", "run"];
    expect((await nlm([...trained, "--backend", "cpu:plain"], folder)).status).toBe(0);
    const manifest = () => JSON.parse(readFileSync(join(folder, "run", "manifest.json"), "utf8"));
    const threads = manifest().threads;
    expect(manifest().backend).toBe("cpu:plain");
    expect((await nlm(["train", "--resume", "run"], folder)).status).toBe(0);
    expect(manifest()).toMatchObject({ backend: "cpu:plain", threads });
    const other = await nlm(["train", "--resume", "run", "--backend", "reference"], folder);
    expect(other.status).toBe(0);
    expect(other.stderr).toMatch(/began on cpu:plain and goes on with reference/);
    expect(manifest().backend).toBe("reference");
    expect(readdirSync(join(folder, "run", "checkpoints"))).toHaveLength(1);
  });
});
