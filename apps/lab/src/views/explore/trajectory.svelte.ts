// The path of one chain in three dimensions, and the images that it passed.
import type { Frame } from "../../engine/protocol.js";
import type { Projection } from "./components.worker.js";

/** Places that are remembered; older ones fade out of the path. */
const KEPT = 900;

/** One place of the path. */
export interface Place {
  readonly step: number;
  readonly energy: number;
  /** Along the three components. */
  readonly at: readonly [number, number, number];
  /** x, shape [N]. */
  readonly state: Float32Array;
  /** Grey levels, shape [N]. */
  readonly image: Uint8Array;
}

/** Coordinates of firing rates. */
export function project(
  { mean, components }: Projection,
  rate: (unit: number) => number,
): [number, number, number] {
  const at: [number, number, number] = [0, 0, 0];
  for (let unit = 0; unit < mean.length; unit++) {
    const away = rate(unit) - mean[unit]!;
    for (let axis = 0; axis < 3; axis++) at[axis]! += components[axis * mean.length + unit]! * away;
  }
  return at;
}

export class Trajectory {
  places = $state.raw<readonly Place[]>([]);
  /** Where all chains are now. */
  heads = $state.raw<readonly (readonly [number, number, number])[]>([]);

  #setup: number | undefined;

  forget(): void {
    this.places = [];
    this.heads = [];
  }

  /** Takes the chains' new places; the path is that of the first chain. */
  follow(frame: Frame, projection: Projection): void {
    if (frame.setup !== this.#setup) this.forget();
    this.#setup = frame.setup;
    if (this.places.at(-1)?.step === frame.step) return;
    const units = frame.states.length / frame.energies.length;
    const pixels = projection.mean.length;
    this.heads = Array.from(frame.energies, (_, chain) =>
      project(projection, (unit) => Math.tanh(frame.states[chain * units + unit]!)),
    );
    const place = {
      step: frame.step,
      energy: frame.energies[0]!,
      at: this.heads[0]!,
      state: frame.states.slice(0, units),
      image: frame.averaged.slice(0, pixels),
    };
    this.places = [...this.places.slice(1 - KEPT), place];
  }
}
