// The backend that computes when none is named: the fastest here, by a short speed test that is kept in the user's
// cache folder.
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import {
  isRecent,
  isSpeedTest,
  type SpeedTest,
  testSpeeds,
  unavailableReason,
} from "@neural-langevin/backend-testkit";
import { LangevinError } from "@neural-langevin/core";
import { cacheFile, keepCached, type NamedBackend, readCached } from "@neural-langevin/runs/node";
import type { Terminal } from "../terminal/terminal.js";
import { formatNumber } from "../text/format.js";
import { versions } from "../versions.js";
import { type BackendEntry, backendTable, modesOf, nameOf, openMode, openNamed } from "./table.js";

function packageVersion(name: string): string | null {
  const require = createRequire(import.meta.url);
  try {
    return require(join(dirname(require.resolve(name)), "..", "package.json")).version;
  } catch {
    return null;
  }
}

/** What the outcome of a speed test depends on. */
function keyOf(table: readonly BackendEntry[]): object {
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

/** What speed tests are kept under. */
const CACHED = "backend";

/** Where the speed test of this computer is kept; computers that share a home have files of their own. */
export const speedTestFile = (table = backendTable): string => cacheFile(CACHED, keyOf(table));

/**
 * Times the fast backends of the table, or all of their modes, on the terminal, and keeps the result.
 *
 * @throws unavailable, when nothing fast is
 */
export async function probeBackends(
  terminal: Terminal,
  options: { readonly everyMode: boolean; readonly table?: readonly BackendEntry[] },
): Promise<SpeedTest> {
  const { everyMode, table = backendTable } = options;
  const groups = table
    .filter(({ fast }) => fast)
    .map((entry) =>
      modesOf(entry).map((mode) => ({
        name: nameOf(mode),
        open: async () => {
          if (!terminal.interrupted.aborted) return openMode(mode);
          throw new LangevinError("aborted", "The speed test was stopped.");
        },
      })),
    );
  const found = await testSpeeds(
    groups,
    { everyMode },
    {
      onStart: (count) =>
        terminal.print(`Measuring which of ${count} backends is the fastest here …`),
      onTimed: (name, stepsPerSecond) =>
        terminal.print(`  ${name.padEnd(20)} ${formatNumber(stepsPerSecond)} steps/s`),
    },
  );
  await keepCached(CACHED, keyOf(table), found).catch((error: Error) =>
    terminal.print(
      `The speed test cannot be kept, so the next command repeats it: ${error.message}`,
    ),
  );
  return found;
}

/** The default: as it was measured in the last week, or now. */
export async function chooseDefault(terminal: Terminal, table = backendTable): Promise<SpeedTest> {
  const kept = await readCached(CACHED, keyOf(table));
  return isSpeedTest(kept) && isRecent(kept)
    ? kept
    : probeBackends(terminal, { everyMode: false, table });
}

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
): Promise<NamedBackend> {
  if (name !== undefined) return openNamed(name, threads, table);
  const { chosen } = await chooseDefault(terminal, table);
  try {
    return await openNamed(chosen, threads, table);
  } catch (error) {
    // What was here when it was measured may be gone: a driver, a display, a device.
    terminal.print(`The default ${chosen} is no longer available: ${unavailableReason(error)}`);
    const { chosen: next } = await probeBackends(terminal, { everyMode: false, table });
    return openNamed(next, threads, table);
  }
}
