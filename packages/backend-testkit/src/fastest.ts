// Which of several backends is the fastest here. It is measured, not guessed, because a graphics device that is only
// software looks like any other until it is timed.
import { type Backend, isLangevinError, LangevinError, randomNetwork } from "@neural-langevin/core";
import { measureSpeed } from "./speed.js";

/** A backend that may be chosen, by name. */
export interface SpeedCandidate {
  /** Its full name, such as "cpu:avx512". */
  readonly name: string;
  /** Opens it; throws unavailable where it is not here. */
  open(): Promise<Backend>;
}

/** A backend that was a candidate. */
export interface TimedBackend {
  /** That of its candidate. */
  readonly name: string;
  /** Its device in words. */
  readonly label: string;
  /** Null where it was the only candidate, so that nothing had to be measured. */
  readonly stepsPerSecond: number | null;
}

/** The speeds of the backends here, and the default that they decide. */
export interface SpeedTest {
  /** The name of the fastest. */
  readonly chosen: string;
  /** ISO 8601. */
  readonly measured: string;
  /** N of the machine that was timed. */
  readonly units: number;
  /** B of the machine that was timed. */
  readonly chains: number;
  /** The fastest first. */
  readonly candidates: readonly TimedBackend[];
}

/** The machine that is timed: the size of MNIST with 96 chains. */
export const timedMachine = { units: 784, chains: 96 } as const;

const timedNetwork = () => randomNetwork({ units: timedMachine.units, gain: 2, seed: 1 });

/**
 * Langevin steps per second of the timed machine, by `measureSpeed`.
 *
 * @throws invalid-value, wrong-length, not-finite; what the backend throws
 */
export const timeBackend = (backend: Backend): Promise<number> =>
  measureSpeed(backend, { network: timedNetwork(), chains: timedMachine.chains });

/** Rounds in which all candidates are timed, one after the other. */
const ROUNDS = 3;
/** One that is so many times slower than another in the first round is out of it. */
const HOPELESS = 8;

/** Whether a backend may be chosen without being named: one that rounds its products to bf16 may not. */
export const mayBeDefault = ({ device }: Backend): boolean => device.precision !== "bf16";

/** Why a backend is unavailable; any other error is thrown. */
export const unavailableReason = (error: unknown): string => {
  if (!isLangevinError(error, "unavailable")) throw error;
  return [error.message, error.remedy].filter(Boolean).join(" ");
};

/**
 * Times backends. The candidates are the first of every group that is available in full precision, or, with `everyMode`, all
 * that are. A single candidate is chosen without being measured. All take turns in three rounds, and the best round of
 * each counts, so that other work of the machine, which slows a moment, decides nothing.
 *
 * @param groups the modes of each backend, in the order in which they are preferred
 * @param watch.onStart hears how many are measured, and `onTimed` of each what counts
 * @throws unavailable, when none is; invalid-value, wrong-length, not-finite; what the backends throw
 */
export async function testSpeeds(
  groups: readonly (readonly SpeedCandidate[])[],
  { everyMode = false }: { readonly everyMode?: boolean | undefined } = {},
  watch: {
    onStart?(count: number): void;
    onTimed?(name: string, stepsPerSecond: number): void;
  } = {},
): Promise<SpeedTest> {
  const found: (SpeedCandidate & { readonly label: string })[] = [];
  const reasons: string[] = [];
  for (const group of groups) {
    for (const candidate of group) {
      try {
        const backend = await candidate.open();
        await backend.close();
        if (!mayBeDefault(backend)) continue;
        found.push({
          name: candidate.name,
          open: () => candidate.open(),
          label: backend.device.label,
        });
        if (!everyMode) break;
      } catch (error) {
        reasons.push(`${candidate.name}: ${unavailableReason(error)}`);
      }
    }
  }
  if (found.length === 0) {
    throw new LangevinError("unavailable", `No fast backend is available. ${reasons.join(" ")}`);
  }
  const alone = found.length === 1 && !everyMode;
  const speeds = new Map<string, number>();
  if (!alone) {
    watch.onStart?.(found.length);
    const timed = { network: timedNetwork(), chains: timedMachine.chains, timings: 1 };
    for (let round = 0; round < ROUNDS; round++) {
      const least = Math.max(...speeds.values(), 0) / HOPELESS;
      for (const { name, open } of found) {
        const before = speeds.get(name) ?? 0;
        if (round > 0 && before < least) continue;
        await using backend = await open();
        speeds.set(name, Math.max(before, await measureSpeed(backend, timed)));
      }
    }
  }
  const candidates = found.map(({ name, label }): TimedBackend => {
    const stepsPerSecond = speeds.get(name) ?? null;
    if (stepsPerSecond !== null) watch.onTimed?.(name, stepsPerSecond);
    return { name, label, stepsPerSecond };
  });
  candidates.sort((a, b) => (b.stepsPerSecond ?? 0) - (a.stepsPerSecond ?? 0));
  const chosen = candidates[0]!.name;
  return { chosen, measured: new Date().toISOString(), ...timedMachine, candidates };
}

/** Milliseconds after which a speed test is no longer trusted: what slowed the machine then may be over. */
const TRUSTED = 7 * 24 * 3600 * 1000;

/** Whether a speed test is of the last week. */
export const isRecent = ({ measured }: SpeedTest, now = Date.now()): boolean =>
  Date.parse(measured) <= now && now - Date.parse(measured) < TRUSTED;

/** Whether something that was kept is a whole speed test. */
export function isSpeedTest(value: unknown): value is SpeedTest {
  const { chosen, measured, candidates } = (value ?? {}) as Partial<SpeedTest>;
  return (
    typeof measured === "string" &&
    !Number.isNaN(Date.parse(measured)) &&
    Array.isArray(candidates) &&
    candidates.some((one) => one?.name === chosen) &&
    candidates.every(
      (one) =>
        typeof one?.name === "string" &&
        typeof one.label === "string" &&
        (one.stepsPerSecond === null || Number.isFinite(one.stepsPerSecond)),
    )
  );
}
