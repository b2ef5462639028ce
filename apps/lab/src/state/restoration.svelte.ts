// One image that is damaged and restored, in layers: the image as it was, what is drawn on it, and what is not known of
// it. Damage never reaches the layers below, and every change can be undone.
import { restorationDistances } from "@neural-langevin/analysis";
import { streams, uniforms } from "@neural-langevin/core";
import {
  encodeImages,
  type ImageSet,
  LARGEST_RATE,
  namedMask,
  ratesOfStates,
  replaceUnits,
} from "@neural-langevin/datasets";

export type Tool = "pen" | "eraser" | "unknown";

const BLACK = Math.atanh(-LARGEST_RATE);
const WHITE = Math.atanh(LARGEST_RATE);
/** Grey levels of strokes in a link. */
const LEVELS = 14;
/** Changes that can be undone. */
const REMEMBERED = 200;
/** Draws which image is taken. Damage has the steps of `replaceUnits`, which lie below. */
const CHOICE = 2 ** 32;

/** All layers; none of their arrays is ever changed in place. */
interface Layers {
  /** x of the whole image, where there is one. */
  readonly original: Float32Array | undefined;
  /** Its label, where it has one. */
  readonly label: number | undefined;
  /** x of what is drawn on it, NaN where nothing is. */
  readonly drawn: Float32Array;
  /** 1 where a unit's value is not known. */
  readonly unknown: Uint8Array;
  /** x from which unknown units start. */
  readonly noise: Float32Array;
  /** Share of the units that noise replaces. */
  readonly fraction: number;
}

const emptyLayers = (units: number): Layers => ({
  original: undefined,
  label: undefined,
  drawn: new Float32Array(units).fill(Number.NaN),
  unknown: new Uint8Array(units),
  noise: new Float32Array(units),
  fraction: 0.25,
});

export class Restoration {
  readonly width: number;
  readonly height: number;
  readonly #seed: number;
  #layers: Layers = $state.raw(emptyLayers(0));
  /** Layers before the changes, oldest first. */
  #before = $state.raw<readonly Layers[]>([]);
  /** What the last change was; several of the same kind that are one movement are undone at once. */
  #movement: string | undefined;
  /** Counts damages and choices, each of which has noise of its own. */
  #draws = 0;

  /** @param fraction share of the units that noise replaces at first */
  constructor(width: number, height: number, seed: number, fraction = 0.25) {
    this.width = width;
    this.height = height;
    this.#seed = seed;
    this.#layers = { ...emptyLayers(this.units), fraction };
  }

  get units(): number {
    return this.width * this.height;
  }

  /** x of the whole image, where there is one. */
  get original(): Float32Array | undefined {
    return this.#layers.original;
  }

  get label(): number | undefined {
    return this.#layers.label;
  }

  /** 1 where a unit's value is not known. */
  get unknown(): Uint8Array {
    return this.#layers.unknown;
  }

  /** Share of the units that noise replaces. */
  get fraction(): number {
    return this.#layers.fraction;
  }

  /** x from which the descent starts. */
  get start(): Float32Array {
    const { original, drawn, unknown, noise } = this.#layers;
    return drawn.map((stroke, unit) => {
      if (unknown[unit]) return noise[unit]!;
      return Number.isNaN(stroke) ? (original?.[unit] ?? BLACK) : stroke;
    });
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  /** Whether anything was ever chosen or drawn. */
  get touched(): boolean {
    return this.#draws > 0 || this.canUndo;
  }

  /** Takes the last change back. */
  undo(): void {
    const last = this.#before.at(-1);
    if (!last) return;
    this.#before = this.#before.slice(0, -1);
    this.#layers = last;
    this.#movement = undefined;
  }

  /**
   * Another image of a set, of a kind where one is named, with noise.
   *
   * @param draw the number of the draw that takes it, which later ones follow; the next one unless given
   * @returns that number, with which the same image and noise can be had again
   */
  take(set: ImageSet, kind: number | undefined, draw = this.#draws): number {
    this.#draws = draw;
    const all = Array.from({ length: set.count }, (_, place) => place);
    const places = kind === undefined ? all : all.filter((place) => set.labels?.[place] === kind);
    const source = { seed: this.#seed, stream: streams.corruption, step: CHOICE + this.#draws++ };
    const place = places[Math.floor(uniforms(source, 0, 1)[0]! * places.length)]!;
    const pixels = set.pixels.subarray(place * this.units, (place + 1) * this.units);
    const drawn = new Float32Array(this.units).fill(Number.NaN);
    const original = encodeImages({ pixels });
    this.#change("image", { original, label: kind, drawn });
    this.#damage(this.fraction);
    return draw;
  }

  /** An empty image, to be drawn on. */
  clear(): void {
    const drawn = new Float32Array(this.units).fill(Number.NaN);
    const unknown = new Uint8Array(this.units);
    this.#change("image", { original: undefined, label: undefined, drawn, unknown });
  }

  /** Everything is known again. */
  mend(): void {
    this.#change("mend", { unknown: new Uint8Array(this.units) });
  }

  /** Replaces a share of the units by uniform noise, other ones each time. */
  corrupt(fraction: number): void {
    this.#change("noise", { fraction });
    this.#damage(fraction);
  }

  /** Forgets a half of the image: its units start from uniform noise. */
  hide(half: "top" | "bottom" | "left" | "right"): void {
    this.#change("hide", { unknown: namedMask(half, this)!, noise: this.#noise(1).states });
  }

  /** A stroke begins; everything until the next one is undone at once. */
  beginStroke(): void {
    this.#movement = undefined;
  }

  /**
   * A touch of a tool at a place, in pixels from the left upper corner.
   *
   * @param brush how far a stroke reaches from its middle, in pixels
   */
  paint(tool: Tool, x: number, y: number, brush: number): void {
    const start = this.start;
    const drawn = this.#layers.drawn.slice();
    const unknown = this.#layers.unknown.slice();
    const noise = this.#layers.noise.slice();
    for (let unit = 0; unit < this.units; unit++) {
      const across = (unit % this.width) + 0.5 - x;
      const away = Math.hypot(across, Math.floor(unit / this.width) + 0.5 - y);
      if (away > brush) continue;
      if (tool === "unknown") {
        unknown[unit] = 1;
        noise[unit] = 0;
        continue;
      }
      unknown[unit] = 0;
      // The rim of a stroke is grey, as it is in written digits.
      const rim = away > brush - 0.6 ? 0.55 : 1;
      const stroke = BLACK + rim * (WHITE - BLACK);
      drawn[unit] = tool === "eraser" ? BLACK : Math.max(start[unit]!, stroke);
    }
    this.#change("stroke", { drawn, unknown, noise });
  }

  /**
   * What is drawn and what is not known, for a link: four bits for a unit, base64url; "" where that is nothing. 0 is nothing, 1
   * unknown, and the others are grey levels of a stroke.
   */
  get code(): string {
    const { drawn, unknown } = this.#layers;
    const bytes = new Uint8Array(Math.ceil(this.units / 2));
    drawn.forEach((stroke, unit) => {
      const level = Math.round(((Math.tanh(stroke) / LARGEST_RATE + 1) / 2) * (LEVELS - 1));
      const value = unknown[unit] ? 1 : Number.isNaN(stroke) ? 0 : 2 + level;
      bytes[unit >> 1]! |= value << (4 * (unit % 2));
    });
    if (bytes.every((byte) => byte === 0)) return "";
    const text = btoa(String.fromCharCode(...bytes));
    return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  /** Draws what the code of an image of this size says; another one changes nothing. */
  draw(code: string): void {
    const text = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    if (text.length !== Math.ceil(this.units / 2)) return;
    const values = Uint8Array.from(
      { length: this.units },
      (_, unit) => (text.charCodeAt(unit >> 1) >> (4 * (unit % 2))) & 15,
    );
    const drawn = Float32Array.from(values, (value) =>
      value < 2 ? Number.NaN : Math.atanh(LARGEST_RATE * ((2 * (value - 2)) / (LEVELS - 1) - 1)),
    );
    this.#change("link", { drawn, unknown: values.map((value) => (value === 1 ? 1 : 0)) });
  }

  /** Root of the mean squared difference of firing rates, tanh x, of one state to the whole image; NaN without one. */
  distance(states: Float32Array): number {
    const { original } = this;
    if (!original) return Number.NaN;
    // The units of labels, which come after the pixels, are no part of the image.
    const pixels = ratesOfStates(states.subarray(0, this.units));
    return restorationDistances(pixels, ratesOfStates(original), this.units)[0]!;
  }

  #noise(fraction: number) {
    const seed = this.#seed + this.#draws++;
    return replaceUnits(new Float32Array(this.units), this.units, { fraction, seed });
  }

  #damage(fraction: number): void {
    const { states, changed } = this.#noise(fraction);
    this.#layers = { ...this.#layers, noise: states, unknown: changed };
  }

  #change(movement: string, change: Partial<Layers>): void {
    const goesOn = movement === this.#movement && (movement === "noise" || movement === "stroke");
    if (!goesOn) this.#before = [...this.#before.slice(1 - REMEMBERED), this.#layers];
    this.#movement = movement;
    this.#layers = { ...this.#layers, ...change };
  }
}
