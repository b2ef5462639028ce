// The backend that computes when none is named: the fastest here, by a short speed test that is kept in the user's
// cache folder. It is measured, not guessed, because a graphics device that is only software looks like
// any other until it is timed.
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { measureSpeed } from "@neural-langevin/backend-testkit";
import { type Backend, LangevinError, randomNetwork } from "@neural-langevin/core";
import { writeWhole } from "@neural-langevin/runs/node";
import type { Terminal } from "../terminal/terminal.js";
import { formatNumber } from "../text/format.js";
import { versions } from "../versions.js";
import {
  type BackendEntry,
  type BackendMode,
  backendTable,
  mayBeDefault,
  modesNamed,
  modesOf,
  nameOf,
  type OpenedBackend,
  openMode,
  openNamed,
  unavailableReason,
} from "./table.js";

/** The machine that is timed: the size of MNIST with the demo's chains. */
export const timedMachine = { units: 784, chains: 96 } as const;

/** Langevin steps per second of the timed machine. */
export const timeBackend = (backend: Backend): Promise<number> => {
  const { units, chains } = timedMachine;
  return measureSpeed(backend, { network: randomNetwork({ units, gain: 2, seed: 1 }), chains });
};

/** What the outcome of a speed test depends on. */
interface Key {
  readonly processor: string;
  readonly threads: number;
  /** Of Node and of every backend's package; null where it is not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
  readonly backends: readonly string[];
}

/** One backend that was a candidate. */
interface Candidate {
  readonly name: string;
  readonly label: string;
  /** Null where it was the only candidate, so that nothing had to be measured. */
  readonly stepsPerSecond: number | null;
}

/** The speeds of the backends here, and the default that they decide, as they are kept. */
export interface SpeedTest {
  readonly key: Key;
  readonly chosen: string;
  /** ISO 8601. */
  readonly measured: string;
  readonly units: number;
  readonly chains: number;
  readonly candidates: readonly Candidate[];
}

/** The folder for what may be computed again: NLM_CACHE, or the user's cache folder of the platform. */
function cacheFolder(): string {
  const { NLM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (NLM_CACHE) return NLM_CACHE;
  if (process.platform === "win32") {
    return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "neural-langevin", "Cache");
  }
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "neural-langevin");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "neural-langevin");
}

function packageVersion(name: string): string | null {
  const require = createRequire(import.meta.url);
  try {
    return require(join(dirname(require.resolve(name)), "..", "package.json")).version;
  } catch {
    return null;
  }
}

function keyOf(table: readonly BackendEntry[]): Key {
  const packages = [...new Set(table.map((entry) => entry.package))];
  return {
    processor: cpus()[0]?.model.trim() || process.arch,
    threads: availableParallelism(),
    versions: {
      ...versions(),
      ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    },
    backends: table.flatMap(modesOf).map(nameOf),
  };
}

/** Where the speed test of this computer is kept; computers that share a home have files of their own. */
export function speedTestFile(table = backendTable): string {
  const hash = createHash("sha256").update(JSON.stringify(keyOf(table)));
  return join(cacheFolder(), `backend-${hash.digest("hex").slice(0, 12)}.json`);
}

/** The speed test that is kept, unless there is none, or it is damaged or of another computer. */
async function readSpeedTest(table: readonly BackendEntry[]): Promise<SpeedTest | undefined> {
  try {
    const kept = JSON.parse(await readFile(speedTestFile(table), "utf8")) as SpeedTest;
    modesNamed(kept.chosen, table);
    const whole =
      isDeepStrictEqual(kept.key, keyOf(table)) &&
      !Number.isNaN(Date.parse(kept.measured)) &&
      kept.candidates.some(({ name }) => name === kept.chosen) &&
      kept.candidates.every(
        ({ name, label, stepsPerSecond }) =>
          typeof name === "string" &&
          typeof label === "string" &&
          (stepsPerSecond === null || Number.isFinite(stepsPerSecond)),
      );
    return whole ? kept : undefined;
  } catch {
    return undefined;
  }
}

async function keepSpeedTest(
  terminal: Terminal,
  table: readonly BackendEntry[],
  speedTest: SpeedTest,
): Promise<void> {
  const file = speedTestFile(table);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, `${JSON.stringify(speedTest, null, 2)}\n`);
  } catch (error) {
    terminal.print(
      `The speed test cannot be kept, so the next command repeats it: ${(error as Error).message}`,
    );
  }
}

/**
 * Measures candidates and keeps the result. The candidates are the first available mode of every fast backend, or,
 * with `everyMode`, all of their available modes, without those that compute in bf16. A single candidate is chosen
 * without being measured.
 *
 * @throws unavailable, when nothing fast is
 */
export async function testSpeeds(
  terminal: Terminal,
  options: { readonly everyMode: boolean; readonly table?: readonly BackendEntry[] },
): Promise<SpeedTest> {
  const table = options.table ?? backendTable;
  const opened: { mode: BackendMode; label: string }[] = [];
  const reasons: string[] = [];
  for (const entry of table.filter(({ fast }) => fast)) {
    for (const mode of modesOf(entry)) {
      try {
        const backend = await openMode(mode);
        await backend.close();
        if (!mayBeDefault(backend)) continue;
        opened.push({ mode, label: backend.device.label });
        if (!options.everyMode) break;
      } catch (error) {
        reasons.push(`${nameOf(mode)}: ${unavailableReason(error)}`);
      }
    }
  }
  if (opened.length === 0) {
    throw new LangevinError("unavailable", `No fast backend is available. ${reasons.join(" ")}`);
  }
  const candidates: Candidate[] = [];
  const alone = opened.length === 1 && !options.everyMode;
  if (!alone) terminal.print(`Measuring which of ${opened.length} backends is the fastest here …`);
  for (const { mode, label } of opened) {
    const name = nameOf(mode);
    let stepsPerSecond: number | null = null;
    if (!alone) {
      await using backend = await openMode(mode);
      stepsPerSecond = await timeBackend(backend);
      terminal.print(`  ${name.padEnd(20)} ${formatNumber(stepsPerSecond)} steps/s`);
    }
    candidates.push({ name, label, stepsPerSecond });
  }
  candidates.sort((a, b) => (b.stepsPerSecond ?? 0) - (a.stepsPerSecond ?? 0));
  const found: SpeedTest = {
    key: keyOf(table),
    chosen: candidates[0]!.name,
    measured: new Date().toISOString(),
    ...timedMachine,
    candidates,
  };
  await keepSpeedTest(terminal, table, found);
  return found;
}

/** The default: as it was kept, or measured now. */
export const chooseDefault = async (terminal: Terminal, table = backendTable): Promise<SpeedTest> =>
  (await readSpeedTest(table)) ?? testSpeeds(terminal, { everyMode: false, table });

/**
 * Opens the backend that is named, or the default.
 *
 * @throws invalid-value, unavailable
 */
export async function openBackend(
  terminal: Terminal,
  name: string | undefined,
  threads: number | undefined,
  table = backendTable,
): Promise<OpenedBackend> {
  if (name !== undefined) return openNamed(name, threads, table);
  const { chosen } = await chooseDefault(terminal, table);
  try {
    return await openNamed(chosen, threads, table);
  } catch (error) {
    // What was here when it was measured may be gone: a driver, a display, a device.
    terminal.print(`The default ${chosen} is no longer available: ${unavailableReason(error)}`);
    const { chosen: next } = await testSpeeds(terminal, { everyMode: false, table });
    return openNamed(next, threads, table);
  }
}
