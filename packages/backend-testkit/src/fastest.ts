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

/**
 * Langevin steps per second of the timed machine, by `measureSpeed`.
 *
 * @throws what the backend throws
 */
export const timeBackend = (backend: Backend): Promise<number> => {
  const { units, chains } = timedMachine;
  return measureSpeed(backend, { network: randomNetwork({ units, gain: 2, seed: 1 }), chains });
};

/** Whether a backend may be chosen without being named: one that rounds its products to bf16 may not. */
export const mayBeDefault = ({ device }: Backend): boolean => device.precision !== "bf16";

/** Why a backend is unavailable; any other error is thrown. */
export const unavailableReason = (error: unknown): string => {
  if (!isLangevinError(error, "unavailable")) throw error;
  return [error.message, error.remedy].filter(Boolean).join(" ");
};

/**
 * Times backends. The candidates are the first of every group that is available in full precision, or, with `everyMode`, all
 * that are. A single candidate is chosen without being measured.
 *
 * @param groups the modes of each backend, in the order in which they are preferred
 * @param watch.onStart hears how many are measured, and `onTimed` of each
 * @throws unavailable, when none is; what the backends throw
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
  const candidates: TimedBackend[] = [];
  const alone = found.length === 1 && !everyMode;
  if (!alone) watch.onStart?.(found.length);
  for (const { name, label, open } of found) {
    let stepsPerSecond: number | null = null;
    if (!alone) {
      await using backend = await open();
      stepsPerSecond = await timeBackend(backend);
      watch.onTimed?.(name, stepsPerSecond);
    }
    candidates.push({ name, label, stepsPerSecond });
  }
  candidates.sort((a, b) => (b.stepsPerSecond ?? 0) - (a.stepsPerSecond ?? 0));
  const chosen = candidates[0]!.name;
  return { chosen, measured: new Date().toISOString(), ...timedMachine, candidates };
}

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
