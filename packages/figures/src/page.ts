// Several figures as one document.
import { LangevinError } from "@neural-langevin/core";
import { svgDocument } from "./svg.js";

/**
 * Puts figures of this package into rows, one row below another.
 *
 * @throws invalid-value when there is none, or when something is not a figure of this package
 */
export function page(rows: readonly (readonly string[])[]): string {
  let [width, bottom] = [0, 0];
  const content: string[] = [];
  for (const row of rows) {
    let [left, height] = [0, 0];
    for (const figure of row) {
      const size = /^<svg [^>]*width="([\d.]+)" height="([\d.]+)"/.exec(figure);
      if (!size) throw new LangevinError("invalid-value", "A page is made of SVG figures.");
      content.push(figure.trimEnd().replace("<svg ", `<svg x="${left}" y="${bottom}" `));
      left += Number(size[1]);
      height = Math.max(height, Number(size[2]));
    }
    width = Math.max(width, left);
    bottom += height;
  }
  if (content.length === 0) throw new LangevinError("invalid-value", "There is no figure to draw.");
  return svgDocument(width, bottom, content);
}
