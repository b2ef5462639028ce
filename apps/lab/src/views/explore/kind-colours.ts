// The kinds of images in Explore: their colours, as unlike each other as ten can be, and none of them that of the chains.
import { theme } from "../../parts/theme.svelte.js";

/** Hue, saturation and lightness on a light page. */
const colours = [
  [28, 90, 44],
  [158, 75, 29],
  [325, 70, 52],
  [47, 95, 36],
  [262, 55, 50],
  [88, 60, 38],
  [0, 72, 42],
  [183, 75, 36],
  [292, 60, 28],
  [18, 45, 26],
] as const;

/** What a dark page adds to the lightness. */
const BRIGHTER = 26;

/** The colour of the kind at a place of the legend. */
export function kindColour(place: number): string {
  const [hue, saturation, lightness] = colours[place % colours.length]!;
  return `hsl(${hue} ${saturation}% ${lightness + (theme.dark ? BRIGHTER : 0)}%)`;
}

/**
 * Draws a real image as a dot in the colour of its kind, or where there are more kinds than colours, as the name of its kind.
 *
 * @param radius of the dot, in pixels
 * @param kind its place in the legend, and what it is called
 * @param kinds how many there are
 */
export function drawReal(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [x: number, y: number],
  radius: number,
  [place, name]: readonly [place: number, name: string],
  kinds: number,
): void {
  context.fillStyle = kindColour(place);
  if (kinds > colours.length) {
    context.font = `${Math.round(5 * radius)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(name, x, y);
    context.textAlign = "start";
    context.textBaseline = "alphabetic";
    return;
  }
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
