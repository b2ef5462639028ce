// One image that is damaged and restored: what it was, what is left of it, and what is known.
import { encodeImages, LARGEST_RATE, type Pixels, replaceUnits } from "@neural-langevin/datasets";

export type Tool = "pen" | "eraser" | "unknown";

const BLACK = Math.atanh(-LARGEST_RATE);
const WHITE = Math.atanh(LARGEST_RATE);
/** Pixels that a stroke is thick, from its middle. */
const BRUSH = 1.4;

export class Restoration {
  readonly width: number;
  readonly height: number;
  /** x of the whole image, where there is one. */
  original = $state.raw<Float32Array>();
  /** x from which the descent starts. */
  start = $state.raw<Float32Array>(new Float32Array());
  /** 1 where a unit's value is not known. */
  unknown = $state.raw<Uint8Array>(new Uint8Array());
  #seed = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.clear();
  }

  get units(): number {
    return this.width * this.height;
  }

  /** A whole image. */
  take(pixels: Pixels): void {
    this.original = encodeImages({ pixels });
    this.mend();
  }

  /** Back to the whole image, or to an empty one. */
  mend(): void {
    this.start = this.original?.slice() ?? new Float32Array(this.units).fill(BLACK);
    this.unknown = new Uint8Array(this.units);
  }

  /** An empty image, to be drawn on. */
  clear(): void {
    this.original = undefined;
    this.mend();
  }

  /** Replaces a share of the units by uniform noise, other ones each time. */
  corrupt(fraction: number): void {
    const whole = this.original ?? this.start;
    const { states, changed } = replaceUnits(whole, this.units, { fraction, seed: this.#seed++ });
    this.start = states;
    this.unknown = changed;
  }

  /** Forgets a half of the image: its units start from uniform noise. */
  hide(half: "top" | "bottom" | "left" | "right"): void {
    const whole = (this.original ?? this.start).slice();
    const noise = replaceUnits(whole, this.units, { fraction: 1, seed: this.#seed++ }).states;
    this.unknown = Uint8Array.from({ length: this.units }, (_, unit) => {
      const [x, y] = [unit % this.width, Math.floor(unit / this.width)];
      const hidden = {
        top: y < this.height / 2,
        bottom: y >= this.height / 2,
        left: x < this.width / 2,
        right: x >= this.width / 2,
      };
      return hidden[half] ? 1 : 0;
    });
    this.start = whole.map((value, unit) => (this.unknown[unit] ? noise[unit]! : value));
  }

  /** A touch of a tool at a place, in pixels from the left upper corner. */
  paint(tool: Tool, x: number, y: number): void {
    const start = this.start.slice();
    const unknown = this.unknown.slice();
    for (let unit = 0; unit < this.units; unit++) {
      const away = Math.hypot(
        (unit % this.width) + 0.5 - x,
        Math.floor(unit / this.width) + 0.5 - y,
      );
      if (away > BRUSH) continue;
      // The rim of a stroke is grey, as it is in written digits.
      const rim = away > 0.8 ? 0.55 : 1;
      unknown[unit] = tool === "unknown" ? 1 : 0;
      if (tool === "unknown") start[unit] = 0;
      else if (tool === "eraser") start[unit] = BLACK;
      else start[unit] = Math.max(start[unit]!, BLACK + rim * (WHITE - BLACK));
    }
    this.start = start;
    this.unknown = unknown;
  }

  /** Root of the mean squared difference of firing rates, tanh x, to the whole image. */
  distance(states: Float32Array): number {
    const { original } = this;
    if (original?.length !== states.length) return Number.NaN;
    const squares = states.map((x, unit) => (Math.tanh(x) - Math.tanh(original[unit]!)) ** 2);
    return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / states.length);
  }
}
