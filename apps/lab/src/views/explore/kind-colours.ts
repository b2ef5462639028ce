// Colours of the kinds of images in Explore, as unlike each other as ten can be, and none of them that of the chains.
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
