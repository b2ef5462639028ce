// Chains of a machine's averaged parameters while it learns: what Dream and files will have, seen before it is finished.
import { type Backend, FRESH_CHAINS, type Session, sample } from "@neural-langevin/core";
import { pixelStates, ratesOfStates } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";
import { greyOfRates, RunningRates } from "./frames.js";
import type { Dynamics } from "./protocol.js";

/** Chains that are looked at. */
const CHAINS = 48;
/** Units of time that they move between two looks, and before the first, as they come from other couplings. */
const [TIME, FIRST_TIME] = [0.4, 1.6];

export class AveragedChains {
  #backend: Backend | undefined;
  #session: Session | undefined;
  readonly #running = new RunningRates();

  /**
   * Moves the chains under the parameters of now.
   *
   * @param machine the averages
   * @param from where the chains begin: those of the training, shape [B][N]
   * @returns grey levels of their averaged rates, shape [at most 48][pixels]
   * @throws diverged, and what the backend throws
   */
  async move(
    backend: Backend,
    { units, couplings, bias, labelUnits }: StoredNetwork,
    from: Float32Array,
    { dt, temperature, integrator }: Pick<Dynamics, "dt" | "temperature" | "integrator">,
    seed: number,
  ): Promise<Uint8Array> {
    const known = this.#backend === backend ? this.#session : undefined;
    const session = known ?? (await this.#open(backend, units, from, seed));
    session.write("couplings", couplings);
    session.write("bias", bias);
    const steps = Math.max(Math.round((known ? TIME : FIRST_TIME) / dt), 1);
    const states = await sample(session, { stages: [{ steps, temperature }], dt, integrator });
    const rates = this.#running.take(ratesOfStates(states), steps * dt);
    return greyOfRates(pixelStates(rates, labelUnits));
  }

  async #open(backend: Backend, units: number, from: Float32Array, seed: number): Promise<Session> {
    const chains = Math.min(CHAINS, from.length / units);
    const session = await backend.open({ units, chains, firstChain: FRESH_CHAINS, seed });
    session.write("chains", from.slice(0, chains * units));
    this.#running.clear();
    // One on a backend that is closed has gone with it.
    this.#session = session;
    this.#backend = backend;
    return session;
  }

  async close(): Promise<void> {
    await this.#session?.close().catch(() => {});
    this.#session = undefined;
  }
}
