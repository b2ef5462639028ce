// Figures on dark paper.
import { LangevinError } from "@neural-langevin/core";
import { colours, ink, quiet, rule } from "./svg.js";

/** What has a name in these colours has another one on dark paper, as far from it. */
const onDark: Readonly<Record<string, string>> = {
  [ink]: "#e6ebf0",
  [quiet]: "#98a4b1",
  [rule]: "#2a323b",
  [colours[0]]: "#4a9be0",
};

/**
 * The same figure for a dark page: light ink, and no paper, so that the page is seen through it.
 *
 * @throws invalid-value when it is no figure of this package
 */
export function darkFigure(svg: string): string {
  const paper = /<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>\n?/g;
  if (!svg.startsWith("<svg ") || !paper.test(svg)) {
    throw new LangevinError("invalid-value", "Only figures of this package can be made dark.");
  }
  return svg
    .replace(paper, "")
    .replace(/(fill|stroke)="(#[0-9a-f]{6})"/g, (whole, name: string, colour: string) =>
      colour in onDark ? `${name}="${onDark[colour]}"` : whole,
    );
}
