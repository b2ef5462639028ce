// How fast a backend is: Langevin steps per second of one machine.
import { type Backend, type Network, streams, writeNetwork } from "@neural-langevin/core";

/** What every platform has, though ECMAScript does not name it. */
declare const performance: { now(): number };

/** Seconds that one timing should last. */
const SECONDS = 0.12;

/**
 * Langevin steps per second of all chains together, the best of some timings of about 0.1 s. A backend whose single
 * step takes longer is timed once. Every timing ends with energies on the host, so that nothing is counted before it
 * is computed.
 *
 * @param options.timings how many there are; 3 unless given
 * @throws invalid-value, wrong-length, not-finite; what the backend throws
 */
export async function measureSpeed(
  backend: Backend,
  {
    network,
    chains,
    timings = 3,
  }: {
    readonly network: Network;
    readonly chains: number;
    readonly timings?: number | undefined;
  },
): Promise<number> {
  const { units, activation } = network;
  const session = await backend.open({ units, chains, seed: 1, activation });
  try {
    writeNetwork(session, network);
    session.drawChains({ stream: streams.initialState, step: 0 });
    let firstStep = 0;
    const time = async (steps: number) => {
      const began = performance.now();
      session.advance({
        firstStep,
        steps,
        dt: 0.01,
        temperature: 1,
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
    while (seconds < SECONDS) {
      steps *= Math.max(2, Math.min(8, Math.ceil(SECONDS / seconds)));
      seconds = await time(steps);
    }
    let best = steps / seconds;
    if (steps > 1) {
      for (let trial = 1; trial < timings; trial++) {
        best = Math.max(best, steps / (await time(steps)));
      }
    }
    return best;
  } finally {
    await session.close();
  }
}
