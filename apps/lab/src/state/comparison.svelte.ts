// The chains beside real images of the kind that their machine learned.
import type { ImageSet } from "@neural-langevin/datasets";
import { untrack } from "svelte";
import type { Frame } from "../engine/protocol.js";
import { type Digits, withLabels } from "../files/digits.js";
import type { ComparedImages, MeasuresRequest } from "../measures/protocol.js";
import type { ChainStore } from "./chains.svelte.js";
import { allDigits } from "./opened-machine.js";

/** Milliseconds between two comparisons. */
const COMPARE_EVERY = 1000;
/** Fewer images than these say nothing about nearest neighbours. */
const FEWEST = 2;

export class Comparison {
  readonly #chains: ChainStore;
  readonly #worker: Worker;
  #askedAt = 0;
  /** Counts the real images that chains were compared with. */
  #references = 0;
  /** The digits of MNIST that come with the lab, once they are loaded. */
  digits = $state.raw<Digits>();
  #last = $state.raw<ComparedImages>();
  /** Real images of the kind that the machine learned, kept back from its training where that is possible. */
  readonly learned: ImageSet | undefined = $derived.by(() => {
    const learned = this.#chains.machine?.learned;
    if (learned?.kind === "images") return learned.images;
    return learned && this.digits && withLabels(this.digits.heldOut, learned.digits);
  });
  /** Images to try a machine on: what it learned, or else digits where these fit. */
  readonly examples: ImageSet | undefined = $derived.by(() => {
    const { machine } = this.#chains;
    if (machine?.learned) return this.learned;
    const fits = machine?.width === 28 && machine.height === 28;
    return fits && this.digits ? withLabels(this.digits.heldOut, allDigits) : undefined;
  });

  /** What was measured on the present chains; undefined where nobody says what their machine learned. */
  get result(): ComparedImages | undefined {
    return this.#last?.setup === this.#chains.setup ? this.#last : undefined;
  }

  constructor(chains: ChainStore) {
    this.#chains = chains;
    this.#worker = new Worker(new URL("../measures/worker.ts", import.meta.url), {
      type: "module",
    });
    this.#worker.onmessage = ({ data }: MessageEvent<ComparedImages>) => {
      const late = data.references !== this.#references || data.setup !== chains.setup;
      if (!late) this.#last = data;
    };
    $effect.root(() => {
      $effect(() => {
        const real = this.learned;
        this.#last = undefined;
        this.#references++;
        if (!real || real.count < FEWEST) return;
        const { pixels, labels } = real;
        const units = real.width * real.height;
        const learned = untrack(() => this.#chains.machine?.learned);
        const digits = learned?.kind === "digits" ? learned.digits : undefined;
        const number = this.#references;
        this.#ask({ kind: "references", number, pixels, labels, digits, units });
      });
    });
  }

  /** Compares a frame's chains, when it is time again. */
  follow({ images, energies, setup }: Frame): void {
    const now = performance.now();
    const real = this.learned;
    const comparable = real && real.count >= FEWEST && energies.length >= FEWEST;
    if (!comparable || now - this.#askedAt < COMPARE_EVERY) return;
    this.#askedAt = now;
    this.#ask({ kind: "images", images, setup, asked: this.#chains.asked });
  }

  #ask(request: MeasuresRequest): void {
    this.#worker.postMessage(request);
  }
}
