// From where a picture in three dimensions is seen: dragging and the arrow keys turn it.

/** A place in space; its third number is up. */
export type SpacePlace = readonly [x: number, y: number, z: number];

/** Radians per pixel that is dragged, and per press of a key. */
const [PER_PIXEL, PER_KEY] = [0.008, 0.1];

const keys: Readonly<Record<string, readonly [turn: number, tilt: number]>> = {
  ArrowLeft: [-PER_KEY, 0],
  ArrowRight: [PER_KEY, 0],
  ArrowUp: [0, -PER_KEY],
  ArrowDown: [0, PER_KEY],
};

export class Turning {
  /** Angle around what is up, in radians. */
  turn = $state(0);
  /** Angle from which one looks down, in radians. */
  tilt = $state(0);
  readonly #sides = $derived([Math.sin(this.turn), Math.cos(this.turn)] as const);
  readonly #heights = $derived([Math.sin(this.tilt), Math.cos(this.tilt)] as const);
  readonly #lowest: number;
  #drag: { x: number; y: number; moved: boolean } | undefined;

  /** @param lowest least tilt, in radians */
  constructor(turn: number, tilt: number, lowest = -1.5) {
    this.turn = turn;
    this.tilt = tilt;
    this.#lowest = lowest;
  }

  /** Where a place is seen: to the right, up, and towards the one who looks. */
  seen([x, y, z]: SpacePlace): SpacePlace {
    const [sin, cos] = this.#sides;
    const [down, level] = this.#heights;
    const [right, away] = [x * cos - y * sin, x * sin + y * cos];
    return [right, z * level + away * down, z * down - away * level];
  }

  begin(event: PointerEvent & { readonly currentTarget: HTMLElement }): void {
    event.currentTarget.setPointerCapture(event.pointerId);
    this.#drag = { x: event.clientX, y: event.clientY, moved: false };
  }

  follow({ clientX: x, clientY: y }: PointerEvent): void {
    if (!this.#drag) return;
    const [right, down] = [x - this.#drag.x, y - this.#drag.y];
    if (!this.#drag.moved && Math.hypot(right, down) < 4) return;
    this.#by(right * PER_PIXEL, down * PER_PIXEL);
    this.#drag = { x, y, moved: true };
  }

  /** Whether the pointer was pressed and let go at one place. */
  end(): boolean {
    const clicked = this.#drag !== undefined && !this.#drag.moved;
    this.#drag = undefined;
    return clicked;
  }

  /** Whether a key was one that turns. */
  key(event: KeyboardEvent): boolean {
    const by = keys[event.key];
    if (!by) return false;
    event.preventDefault();
    this.#by(...by);
    return true;
  }

  #by(turn: number, tilt: number): void {
    this.turn += turn;
    this.tilt = Math.min(Math.max(this.tilt + tilt, this.#lowest), 1.5);
  }
}
