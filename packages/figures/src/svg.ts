// The few SVG elements that all figures share, and how they look.
import { scaleLinear } from "d3-scale";

/** Colours that stay apart for colour-blind readers (Okabe & Ito). */
export const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"] as const;

export const ink = "#1f2328";
export const quiet = "#6e7781";
export const rule = "#d8dee4";
export const FONT = "DejaVu Sans";

/** A colour of the sequential scale, from 0 (dark) to 1 (bright); its lightness grows evenly. */
export const gradient = scaleLinear<string>()
  .domain([0, 0.25, 0.5, 0.75, 1])
  .range(["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"])
  .clamp(true);

/** Text that is safe inside SVG. */
export function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Some text at a place. */
export function label(
  x: number,
  y: number,
  text: string,
  style: { size?: number; fill?: string; anchor?: "start" | "middle" | "end"; bold?: boolean } = {},
): string {
  const { size = 12, fill = ink, anchor = "start", bold = false } = style;
  const weight = bold ? ' font-weight="bold"' : "";
  return (
    `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" ` +
    `text-anchor="${anchor}"${weight}>${escapeText(text)}</text>`
  );
}

/** A whole SVG document on white. */
export function svgDocument(width: number, height: number, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}" font-family="${FONT}, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...content,
    "</svg>",
    "",
  ].join("\n");
}

/** Two decimals are enough for a place on a page. */
export const round = (value: number): number => Math.round(value * 100) / 100;
