// How fast a backend is: Langevin steps per second of one fixed machine.
import { type Backend, randomNetwork, streams } from "@neural-langevin/core";

/** The machine that is timed: the size of MNIST with the demo's chains. */
export const timed = { units: 784, chains: 96 } as const;

/** Seconds that one timing should last, and how many timings there are. */
const TIMING = { seconds: 0.12, times: 3 } as const;

/**
 * Steps per second of N = 784 units and B = 96 chains, the best of three timings of about 0.1 s. A backend whose
 * single step takes longer is timed once. Every timing ends with energies on the host, so that nothing is
 * counted before it is computed.
 *
 * @param couplings J, shape [784][784]
 */
export async function measureSpeed(backend: Backend, couplings: Float32Array): Promise<number> {
  const session = await backend.open({ ...timed, seed: 1 });
  try {
    session.write("couplings", couplings);
    session.drawChains({ stream: streams.initialState, step: 0 });
    let firstStep = 0;
    const time = async (steps: number) => {
      const began = performance.now();
      session.advance({
        ...{ firstStep, steps, dt: 0.01, temperature: 1 },
        integrator: "leimkuhler-matthews",
      });
      await session.measure("energy", "chains");
      firstStep += steps;
      return (performance.now() - began) / 1000;
    };
    // The first step compiles and allocates.
    await time(1);
    let steps = 1;
    let seconds = await time(steps);
    while (seconds < TIMING.seconds) {
      steps *= Math.max(2, Math.min(8, Math.ceil(TIMING.seconds / seconds)));
      seconds = await time(steps);
    }
    let best = steps / seconds;
    if (steps > 1) {
      for (let trial = 1; trial < TIMING.times; trial++) {
        best = Math.max(best, steps / (await time(steps)));
      }
    }
    return best;
  } finally {
    await session.close();
  }
}

/** The couplings that are timed. */
export const timedCouplings = (): Float32Array =>
  randomNetwork({ units: timed.units, gain: 2, seed: 1 }).couplings;
