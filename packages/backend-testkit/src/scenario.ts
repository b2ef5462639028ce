// What a scenario is, and what it may use.
import type { Backend, DeviceReport, Session, SessionSpec } from "@neural-langevin/core";
import { randomNetwork } from "@neural-langevin/core";

/** What a scenario runs against. */
export interface Context {
  /** The backend under test, shared by all scenarios. */
  readonly backend: Backend;
  /** The float64 definitions. */
  readonly oracle: Backend;
  /** Opens another instance of the backend under test, to be closed by the scenario. */
  create(): Promise<Backend>;
  /** Relative tolerance of one step or one sum, from the declared precision. */
  readonly tolerance: number;
}

/** One statement of the contract. */
export interface Scenario {
  /** Stable: group/name. */
  readonly key: string;
  /** What is true of a backend that holds the contract, for people. */
  readonly statement: string;
  /** Whether it needs the shared noise; a backend with native noise is not held to it. */
  readonly needsSharedNoise?: boolean;
  /** Whether it takes more than a moment on a backend that is slow, and is left out of a quick look. */
  readonly isLarge?: boolean;
  /** Resolves where the statement is true, and rejects with a sentence where it is not. */
  run(context: Context): Promise<void>;
}

/** Relative tolerance of one step or one sum; slots are float32 even where the arithmetic is not. */
export const tolerances: Readonly<Record<DeviceReport["precision"], number>> = {
  float64: 2e-6,
  float32: 2e-6,
  bf16: 2e-2,
};

/** An asymmetric network with a bias, so that J and Jᵀ cannot be confused. */
export function exampleNetwork(
  units: number,
  gain = 1.2,
): { couplings: Float32Array; bias: Float32Array } {
  const { couplings } = randomNetwork({ units, gain, seed: 77 });
  return {
    couplings,
    bias: Float32Array.from({ length: units }, (_, unit) => Math.sin(3 * unit + 1) / 2),
  };
}

/** States that are neither small nor regular. */
export const exampleStates = (count: number, units: number): Float32Array =>
  Float32Array.from({ length: count * units }, (_, at) => 1.5 * Math.sin(at * at + 0.5));

/** Opens a session with the example network and states. */
export async function openExample(backend: Backend, spec: SessionSpec): Promise<Session> {
  const session = await backend.open(spec);
  const { couplings, bias } = exampleNetwork(spec.units);
  session.write("couplings", couplings);
  session.write("bias", bias);
  session.write("chains", exampleStates(spec.chains, spec.units));
  if (spec.batch) {
    session.write(
      "batch",
      exampleStates(spec.batch, spec.units).map((value) => -0.7 * value),
    );
  }
  return session;
}

/** Does the same work on the backend under test and on the oracle; returns both results. */
export async function onBoth<T>(
  { backend, oracle }: Context,
  spec: SessionSpec,
  work: (session: Session) => Promise<T>,
): Promise<[found: T, expected: T]> {
  const results: T[] = [];
  for (const one of [backend, oracle]) {
    const session = await openExample(one, spec);
    results.push(await work(session));
    await session.close();
  }
  return results as [T, T];
}
