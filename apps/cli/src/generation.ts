// Images from noise: chains that training never saw, run through stages of temperature.
import {
  type Backend,
  FRESH_CHAINS,
  type Integrator,
  LangevinError,
  type Session,
  type Stage,
  sample,
} from "@neural-langevin/core";
import { Progress } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** The stages that cool chains to T = 0, which takes the thermal noise out of an image. */
export const COOLING: readonly Stage[] = [0.6, 0.3, 0.1, 0].map((temperature) => ({
  steps: 200,
  temperature,
}));

/** Chains of a trained machine. */
export class Generator {
  readonly #terminal: Terminal;
  readonly #session: Session;
  readonly #dt: number;
  readonly #integrator: Integrator;
  #step = 0;

  private constructor(terminal: Terminal, session: Session, dt: number, integrator: Integrator) {
    this.#terminal = terminal;
    this.#session = session;
    this.#dt = dt;
    this.#integrator = integrator;
  }

  /** Opens fresh chains for a machine. */
  static async open(
    terminal: Terminal,
    backend: Backend,
    machine: { couplings: Float32Array; bias: Float32Array },
    options: { chains: number; seed: number; dt: number; integrator: Integrator },
  ): Promise<Generator> {
    const { chains, seed, dt, integrator } = options;
    const units = machine.bias.length;
    const session = await backend.open({ units, chains, seed, firstChain: FRESH_CHAINS });
    session.write("couplings", machine.couplings);
    session.write("bias", machine.bias);
    return new Generator(terminal, session, dt, integrator);
  }

  /**
   * Runs all stages and returns the states, shape [chains][N].
   *
   * @throws aborted, diverged
   */
  async run(label: string, stages: readonly Stage[]): Promise<Float32Array> {
    const total = stages.reduce((sum, { steps }) => sum + steps, 0);
    const progress = new Progress(this.#terminal, label, "steps", 0, total);
    const piece = Math.max(1, Math.ceil(total / 100));
    let done = 0;
    let states: Float32Array = new Float32Array();
    for (const { steps, temperature } of stages) {
      for (let left = steps; left > 0; left -= piece) {
        if (this.#terminal.interrupted.aborted) {
          progress.leave();
          throw new LangevinError("aborted", `${label} was stopped after ${done} steps.`);
        }
        const count = Math.min(piece, left);
        states = await this.#advance(count, temperature);
        done += count;
        progress.show(done, `T = ${temperature}`);
      }
    }
    return states;
  }

  /**
   * Goes on at one temperature and yields the states, shape [chains][N], after every `every` steps.
   *
   * @throws aborted, diverged
   */
  async *frames(
    label: string,
    course: { frames: number; every: number; temperature: number },
  ): AsyncGenerator<Float32Array, void, void> {
    const { frames, every, temperature } = course;
    const progress = new Progress(this.#terminal, label, "steps", 0, frames * every);
    for (let frame = 1; frame <= frames; frame++) {
      if (this.#terminal.interrupted.aborted) {
        progress.leave();
        throw new LangevinError("aborted", `${label} was stopped after ${frame - 1} frames.`);
      }
      yield await this.#advance(every, temperature);
      progress.show(frame * every, `T = ${temperature}`);
    }
  }

  async #advance(steps: number, temperature: Stage["temperature"]): Promise<Float32Array> {
    const states = await sample(this.#session, {
      dt: this.#dt,
      integrator: this.#integrator,
      stages: [{ steps, temperature }],
      firstStep: this.#step,
    });
    this.#step += steps;
    if (states.some((value) => !Number.isFinite(value))) {
      throw new LangevinError(
        "diverged",
        "The chains left the finite numbers.",
        `Try a smaller step size than ${this.#dt}.`,
      );
    }
    return states;
  }

  /** Steps done so far. */
  get steps(): number {
    return this.#step;
  }

  /** The states where the chains stand, shape [chains][N]. */
  states(): Promise<Float32Array> {
    return this.#session.read("chains");
  }

  /** A measure of every chain where it stands. */
  measure(what: "energy" | "virial"): Promise<Float32Array> {
    return this.#session.measure(what, "chains");
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
