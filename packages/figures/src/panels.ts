// Pictures side by side, each with a title and a caption.
import { LangevinError } from "@neural-langevin/core";
import type { Picture } from "./image-grid.js";
import { label, quiet, svgDocument } from "./svg.js";

/** One picture with words above it. */
export interface Panel {
  /** Above the picture, in bold. */
  readonly title: string;
  /** A line below the title. */
  readonly caption: string;
  /** As a PNG file. */
  readonly picture: Picture;
}

const MARGIN = 24;
const GAP = 24;
const HEAD = 46;

/**
 * Puts panels side by side, as one SVG document.
 *
 * @throws invalid-value when there is none
 */
export function panels(row: readonly Panel[]): string {
  if (row.length === 0) throw new LangevinError("invalid-value", "There is no panel to draw.");
  const content: string[] = [];
  let left = MARGIN;
  for (const { title, caption, picture } of row) {
    content.push(
      label(left, MARGIN + 14, title, { size: 15, bold: true }),
      label(left, MARGIN + 34, caption, { fill: quiet }),
      embed(picture, left, MARGIN + HEAD),
    );
    left += picture.width + GAP;
  }
  const tallest = Math.max(...row.map(({ picture }) => picture.height));
  return svgDocument(left - GAP + MARGIN, 2 * MARGIN + HEAD + tallest, content);
}

/** A picture at a place of an SVG document. */
export function embed({ width, height, png }: Picture, x: number, y: number): string {
  const size = `width="${width}" height="${height}"`;
  return `<image x="${x}" y="${y}" ${size} href="data:image/png;base64,${toBase64(png)}"/>`;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
