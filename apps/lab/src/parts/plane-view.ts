// What is drawn on a square plane with its origin in the middle.
import { contours } from "d3-contour";

/** A place of the plane: x to the right, y up. */
export type PlanePlace = readonly [x: number, y: number];

/** A plane to draw on, in CSS pixels. */
export interface PlaneView {
  readonly context: CanvasRenderingContext2D;
  /** Its side. */
  readonly size: number;
  across(x: number): number;
  down(y: number): number;
  /** The colour of a name of the page, such as --ink. */
  colour(name: string): string;
}

/**
 * Draws the contours of energies over the plane as layers, so that valleys are darkest.
 *
 * @param energies shape [points][points], the rows upwards
 * @param alpha of a layer, and of its edge
 */
export function drawContours(
  { context, size, colour }: PlaneView,
  energies: ArrayLike<number>,
  levels: readonly number[],
  alpha: readonly [layer: number, edge: number],
): void {
  const points = Math.sqrt(energies.length);
  // Contours enclose what is above a level; the valleys of the energy are the hills of its negative.
  const hills = contours()
    .size([points, points])
    .thresholds(levels.map((level) => -level))(Array.from(energies, (one) => -one));
  const cell = size / points;
  context.fillStyle = colour("--chains");
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 0.8;
  for (const { coordinates } of hills) {
    context.beginPath();
    for (const ring of coordinates.flat()) {
      ring.forEach(([x = 0, y = 0], at) => {
        if (at === 0) context.moveTo(x * cell, size - y * cell);
        else context.lineTo(x * cell, size - y * cell);
      });
      context.closePath();
    }
    context.globalAlpha = alpha[0];
    context.fill("evenodd");
    context.globalAlpha = alpha[1];
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Pieces in which a path fades: a stroke through many places takes hardly longer than one between two. */
const PIECES = 24;

/** The pieces of a path of some places that fades towards its beginning, each up to the first place of the next one. */
export function fadingPieces(places: number): { from: number; to: number; alpha: number }[] {
  const long = Math.max(Math.ceil((places - 1) / PIECES), 1);
  return Array.from({ length: Math.ceil(Math.max(places - 1, 0) / long) }, (_, piece) => {
    const to = Math.min((piece + 1) * long, places - 1);
    return { from: piece * long, to, alpha: (to / places) ** 2 };
  });
}

/** Draws a path that fades towards its beginning. */
export function drawPath(
  { context, across, down }: PlaneView,
  places: readonly PlanePlace[],
  width: number,
): void {
  context.lineWidth = width;
  for (const { from, to, alpha } of fadingPieces(places.length)) {
    context.globalAlpha = alpha;
    context.beginPath();
    for (const [x, y] of places.slice(from, to + 1)) context.lineTo(across(x), down(y));
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Draws a disc with an edge. */
export function drawDisc({ context, across, down }: PlaneView, place: PlanePlace, radius: number) {
  context.beginPath();
  context.arc(across(place[0]), down(place[1]), radius, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}
