// What several experiments draw alike.
import { type FilmRow, filmStrip, type Series } from "@neural-langevin/figures";

/** A value to compare with, as a dashed line. */
export const levelLine = (name: string, x: readonly number[], value: number): Series => ({
  name,
  x,
  y: x.map(() => value),
  dashed: true,
});

/** Picture pixels per image pixel, so that an image is about `size` pixels wide. */
export const zoomTo = (size: number, width: number): number =>
  Math.max(1, Math.round(size / width));

/** Images in rows, without headings over the columns. */
export function imageRows(film: {
  readonly title: string;
  readonly rows: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
  /** About how wide an image is drawn. */
  readonly size: number;
}): string {
  const { title, rows, width, height, size } = film;
  return filmStrip({
    title,
    width,
    height,
    rows,
    columns: Array.from({ length: rows[0]!.pixels.length / (width * height) }, () => ""),
    scale: zoomTo(size, width),
  });
}
