// What is drawn on the page, as an SVG document.
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

/** What style sheets say about a drawing, which leaves them behind. */
const styles = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
] as const;

/** A colour that the browser mixed, as all programs that draw SVG know it. */
const plainColour = (value: string): string =>
  value.replace(/color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)\)/, (_, ...parts: string[]) => {
    const bytes = parts.slice(0, 3).map((part) => Math.round(255 * Number(part)));
    return `rgb(${bytes.join(", ")})`;
  });

/** An SVG element of the page as a document of its own, on the page's surface. */
export function svgOfElement(element: SVGSVGElement): string {
  const copy = element.cloneNode(true) as SVGSVGElement;
  const drawn = [...element.querySelectorAll("*")];
  for (const [at, part] of [...copy.querySelectorAll("*")].entries()) {
    const shown = getComputedStyle(drawn[at]!);
    part.removeAttribute("class");
    part.removeAttribute("style");
    for (const name of styles) part.setAttribute(name, plainColour(shown.getPropertyValue(name)));
  }
  copy.removeAttribute("class");
  copy.setAttribute("width", String(element.clientWidth));
  copy.setAttribute("height", String(element.clientHeight));
  const { x, y, width, height } = element.viewBox.baseVal;
  const paper = document.createElementNS(copy.namespaceURI, "rect");
  const place = { x, y, width, height, fill: `rgb(${theme.colour("--surface").join(", ")})` };
  for (const [name, value] of Object.entries(place)) paper.setAttribute(name, String(value));
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}
