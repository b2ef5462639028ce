// The way of frames to the page: the next one is sent when the page has drawn the last, so a slow screen gets fewer
// frames with more steps each, and a hidden page gets none.
import type { Session } from "@neural-langevin/core";
import { decodeStates } from "@neural-langevin/datasets";
import type { Emit, Frame } from "./protocol.js";

/** What of a frame is known before its measures. */
export type FrameStart = Pick<Frame, "setup" | "step" | "dynamics" | "states" | "energies">;

/** A frame with everything that is measured on it. */
export async function completeFrame(session: Session, start: FrameStart): Promise<Frame> {
  const virials = await session.measure("virial", "chains");
  const images = decodeStates(start.states);
  return { ...start, virials, images, stepsPerSecond: Number.NaN };
}

/** Reads the chains as they stand. */
export async function readFrame(
  session: Session,
  start: Omit<FrameStart, "states" | "energies">,
): Promise<Frame> {
  const [states, energies] = await Promise.all([
    session.read("chains"),
    session.measure("energy", "chains"),
  ]);
  return completeFrame(session, { ...start, states, energies });
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
    const { states, images, energies, virials } = frame;
    const transfer = [states, images, energies, virials].map(({ buffer }) => buffer as ArrayBuffer);
    this.#emit({ kind: "frame", frame }, transfer);
  }
}
