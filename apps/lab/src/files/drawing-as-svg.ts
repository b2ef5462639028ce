// What is drawn on a canvas, as an SVG document.
import { Context } from "svgcanvas";
import { theme } from "../parts/theme.svelte.js";

/**
 * @param size width and height, in CSS pixels
 * @param draw what draws it, in CSS pixels
 */
export function svgOfDrawing(
  [width, height]: readonly [number, number],
  draw: (context: CanvasRenderingContext2D) => void,
): string {
  const context = new Context({ width, height });
  context.fillStyle = `rgb(${theme.colour("--surface").join(" ")})`;
  context.fillRect(0, 0, width, height);
  draw(context);
  return context.getSerializedSvg();
}

/** A canvas on which each pixel is a number, as it stands on the page, in an SVG document that keeps them rectangles. */
export function svgOfPixels(canvas: HTMLCanvasElement): string {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<image width="${width}" height="${height}" preserveAspectRatio="none" ` +
    `style="image-rendering: pixelated" href="${canvas.toDataURL()}"/></svg>`
  );
}
