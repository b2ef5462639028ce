// The backend that computes when none is named: the fastest here, by a short measurement that is kept in the
// user's cache folder. It is measured, not guessed, because a graphics device that is only software looks like
// any other until it is timed.
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus, homedir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LangevinError } from "@neural-langevin/core";
import { writeWhole } from "@neural-langevin/runs/node";
import {
  type Choice,
  choicesNamed,
  choicesOf,
  choosesItself,
  nameOf,
  type Offer,
  type Opened,
  offers,
  openChoice,
  openNamed,
  reasonOf,
} from "./backends.js";
import { measureSpeed, timed, timedCouplings } from "./speed.js";
import { readable, type Terminal } from "./terminal.js";
import { versions } from "./versions.js";

/** What a choice depends on. */
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

/** A choice of the default, as it is kept. */
export interface Probe {
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

function keyOf(table: readonly Offer[]): Key {
  const packages = [...new Set(table.map((offer) => offer.package))];
  return {
    processor: cpus()[0]?.model.trim() || process.arch,
    threads: availableParallelism(),
    versions: {
      ...versions(),
      ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    },
    backends: table.flatMap(choicesOf).map(nameOf),
  };
}

/** Where the choice for this machine is kept; machines that share a home have files of their own. */
export function probeFile(table = offers): string {
  const hash = createHash("sha256").update(JSON.stringify(keyOf(table)));
  return join(cacheFolder(), `backend-${hash.digest("hex").slice(0, 12)}.json`);
}

/** The choice that is kept, unless there is none, or it is damaged or of another machine. */
async function readProbe(table: readonly Offer[]): Promise<Probe | undefined> {
  try {
    const probe = JSON.parse(await readFile(probeFile(table), "utf8")) as Probe;
    choicesNamed(probe.chosen, table);
    const whole =
      isDeepStrictEqual(probe.key, keyOf(table)) &&
      !Number.isNaN(Date.parse(probe.measured)) &&
      probe.candidates.some(({ name }) => name === probe.chosen) &&
      probe.candidates.every(
        ({ name, label, stepsPerSecond }) =>
          typeof name === "string" &&
          typeof label === "string" &&
          (stepsPerSecond === null || Number.isFinite(stepsPerSecond)),
      );
    return whole ? probe : undefined;
  } catch {
    return undefined;
  }
}

async function keepProbe(terminal: Terminal, table: readonly Offer[], probe: Probe): Promise<void> {
  const file = probeFile(table);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, `${JSON.stringify(probe, null, 2)}\n`);
  } catch (error) {
    terminal.say(`The choice of the backend cannot be kept: ${(error as Error).message}`);
  }
}

/**
 * Measures candidates and keeps the choice. The candidates are the first available mode of every fast backend, or,
 * with `everyMode`, all of their available modes; what computes in bf16 is none. A single candidate is chosen without being measured.
 *
 * @throws unavailable, when nothing fast is
 */
export async function probe(
  terminal: Terminal,
  options: { readonly everyMode: boolean; readonly table?: readonly Offer[] },
): Promise<Probe> {
  const table = options.table ?? offers;
  const opened: { choice: Choice; label: string }[] = [];
  const reasons: string[] = [];
  for (const offer of table.filter(({ fast }) => fast)) {
    for (const choice of choicesOf(offer)) {
      try {
        const backend = await openChoice(choice);
        await backend.close();
        if (!choosesItself(backend)) continue;
        opened.push({ choice, label: backend.device.label });
        if (!options.everyMode) break;
      } catch (error) {
        reasons.push(`${nameOf(choice)}: ${reasonOf(error)}`);
      }
    }
  }
  if (opened.length === 0) {
    throw new LangevinError("unavailable", `No fast backend is available. ${reasons.join(" ")}`);
  }
  const candidates: Candidate[] = [];
  const alone = opened.length === 1 && !options.everyMode;
  if (!alone) terminal.say(`Measuring which of ${opened.length} backends is the fastest here …`);
  const couplings = alone ? undefined : timedCouplings();
  for (const { choice, label } of opened) {
    const name = nameOf(choice);
    let stepsPerSecond: number | null = null;
    if (couplings) {
      const backend = await openChoice(choice);
      stepsPerSecond = await measureSpeed(backend, couplings).finally(() => backend.close());
      terminal.say(`  ${name.padEnd(20)} ${readable(stepsPerSecond)} steps/s`);
    }
    candidates.push({ name, label, stepsPerSecond });
  }
  candidates.sort((a, b) => (b.stepsPerSecond ?? 0) - (a.stepsPerSecond ?? 0));
  const found: Probe = {
    key: keyOf(table),
    chosen: candidates[0]!.name,
    measured: new Date().toISOString(),
    ...timed,
    candidates,
  };
  await keepProbe(terminal, table, found);
  return found;
}

/** The default: as it was kept, or measured now. */
export const chooseDefault = async (terminal: Terminal, table = offers): Promise<Probe> =>
  (await readProbe(table)) ?? probe(terminal, { everyMode: false, table });

/**
 * Opens the backend that is named, or the default.
 *
 * @throws invalid-value, unavailable
 */
export async function openBackend(
  terminal: Terminal,
  name: string | undefined,
  threads: number | undefined,
  table = offers,
): Promise<Opened> {
  if (name !== undefined) return openNamed(name, threads, table);
  const { chosen } = await chooseDefault(terminal, table);
  try {
    return await openNamed(chosen, threads, table);
  } catch (error) {
    // What was here when it was measured may be gone: a driver, a display, a device.
    terminal.say(`The default ${chosen} has gone: ${reasonOf(error)}`);
    const { chosen: next } = await probe(terminal, { everyMode: false, table });
    return openNamed(next, threads, table);
  }
}
