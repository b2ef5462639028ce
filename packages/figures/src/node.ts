// SVG to PNG in Node, with a font that comes along, so that a figure looks the same everywhere.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { FONT } from "./svg.js";

const fonts = join(dirname(dirname(fileURLToPath(import.meta.url))), "fonts");
const renderer = () => createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");

let ready: Promise<Uint8Array[]> | undefined;

/** Compiles the renderer and reads the fonts, once. */
function prepare(): Promise<Uint8Array[]> {
  ready ??= Promise.all([
    readFile(join(fonts, "DejaVuSans.ttf")),
    readFile(join(fonts, "DejaVuSans-Bold.ttf")),
    readFile(renderer()).then(initWasm),
  ]).then(([regular, bold]) => [regular, bold]);
  return ready;
}

/**
 * Renders an SVG document.
 *
 * @param zoom PNG pixels per SVG unit; 1 unless given
 * @returns the bytes of a PNG file
 */
export async function renderPng(svg: string, zoom = 1): Promise<Uint8Array> {
  const fontBuffers = await prepare();
  const options = {
    fitTo: { mode: "zoom", value: zoom },
    font: { fontBuffers, defaultFontFamily: FONT, loadSystemFonts: false },
  } as const;
  const renderer = new Resvg(svg, options);
  try {
    return renderer.render().asPng();
  } finally {
    renderer.free();
  }
}
