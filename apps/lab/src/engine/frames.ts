// The way of frames to the page: the next one is sent when the page has drawn the last, so a slow screen gets fewer
// frames with more steps each, and a hidden page gets none.
import type { Session } from "@neural-langevin/core";
import { labelRates, pixelStates, ratesOfStates } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";
import type { Emit, Frame } from "./protocol.js";

/** What of a frame is known before its measures. */
export type FrameStart = Pick<Frame, "setup" | "step" | "dynamics" | "states" | "energies">;

/** Units of time over which firing rates are averaged, as `nlm demo` does. */
const AVERAGED_TIME = 1.6;

/** Firing rates averaged over the last while: what a slow eye sees of chains, without their thermal noise. */
export class RunningRates {
  #rates = new Float32Array();
  #elapsed = 0;

  /** Goes on with an average of before. */
  restore(rates: Float32Array): void {
    this.#rates = rates.slice();
    this.#elapsed = AVERAGED_TIME;
  }

  /** Forgets what was seen. */
  clear(): void {
    this.#rates = new Float32Array();
    this.#elapsed = 0;
  }

  /**
   * Takes the firing rates of now into the average.
   *
   * @param time units of time since the last ones
   * @returns the average, which later calls change in place
   */
  take(rates: Float32Array, time: number): Float32Array {
    if (this.#rates.length !== rates.length) {
      this.#rates = rates.slice();
      return this.#rates;
    }
    if (time === 0) return this.#rates;
    this.#elapsed += time;
    // The mean of all there is, until it is old enough to be forgotten.
    const weight = Math.max(1 - Math.exp(-time / AVERAGED_TIME), time / this.#elapsed);
    const averaged = this.#rates;
    for (let at = 0; at < averaged.length; at++) {
      averaged[at]! += weight * (rates[at]! - averaged[at]!);
    }
    return averaged;
  }
}

/**
 * A frame with everything that is measured on it.
 *
 * @param running the average that its rates enter
 * @param time units of time since the frame before
 */
export async function completeFrame(
  session: Session,
  { labelUnits }: Pick<StoredNetwork, "labelUnits">,
  start: FrameStart,
  running: RunningRates,
  time: number,
): Promise<Frame> {
  const virials = await session.measure("virial", "chains");
  const rates = ratesOfStates(start.states);
  const averaged = running.take(rates, time);
  return {
    ...start,
    virials,
    images: greyOfRates(pixelStates(rates, labelUnits)),
    rates: averaged.slice(),
    averaged: greyOfRates(pixelStates(averaged, labelUnits)),
    labels: labelUnits ? labelRates(averaged, labelUnits) : new Float32Array(),
    stepsPerSecond: Number.NaN,
  };
}

/** Reads the chains as they stand. */
export async function readFrame(
  session: Session,
  machine: Pick<StoredNetwork, "labelUnits">,
  start: Omit<FrameStart, "states" | "energies">,
  running: RunningRates,
  time: number,
): Promise<Frame> {
  const [states, energies] = await Promise.all([
    session.read("chains"),
    session.measure("energy", "chains"),
  ]);
  return completeFrame(session, machine, { ...start, states, energies }, running, time);
}

/** Grey levels of the pixels of states, as bytes, shape [count][pixels]. */
export const greyOfStates = (
  states: Float32Array,
  { labelUnits }: Pick<StoredNetwork, "labelUnits">,
): Uint8Array => greyOfRates(pixelStates(ratesOfStates(states), labelUnits));

/** Grey levels of firing rates, from 0 (black) to 255 (white). */
export function greyOfRates(rates: Float32Array): Uint8Array {
  const levels = new Uint8Array(rates.length);
  for (let at = 0; at < levels.length; at++) levels[at] = Math.round((255 * (rates[at]! + 1)) / 2);
  return levels;
}

export class FrameSender {
  readonly #emit: Emit;
  #drawn = true;
  #notify: (() => void) | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Whether the page has drawn the last frame. */
  get ready(): boolean {
    return this.#drawn;
  }

  /** The page has drawn the last frame. */
  drawn(): void {
    this.#drawn = true;
    this.#notify?.();
  }

  /** Waits until the page has drawn the last frame, or the signal fires. */
  async whenReady(signal: AbortSignal): Promise<void> {
    if (this.#drawn || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#notify = () => {
        signal.removeEventListener("abort", this.#notify!);
        this.#notify = undefined;
        resolve();
      };
      signal.addEventListener("abort", this.#notify);
    });
  }

  /** Sends a frame; its arrays are the page's from then on. */
  send(frame: Frame): void {
    this.#drawn = false;
    const { states, images, rates, averaged, labels, energies, virials, averages } = frame;
    const arrays = [states, images, rates, averaged, labels, energies, virials];
    if (averages) arrays.push(averages);
    const transfer = arrays.map(({ buffer }) => buffer as ArrayBuffer);
    this.#emit({ kind: "frame", frame }, transfer);
  }
}
