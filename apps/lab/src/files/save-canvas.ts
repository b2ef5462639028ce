// What is drawn on a canvas, as PNG at four times the size that it has on the screen.

/** Pixels of the picture per pixel of the page. */
const ZOOM = 4;

/**
 * @param size width and height on the page, in CSS pixels
 * @param background a colour of CSS
 * @param draw what draws it, in CSS pixels
 */
export async function pngOfCanvas(
  [width, height]: readonly [number, number],
  background: string,
  draw: (context: CanvasRenderingContext2D) => void,
): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(ZOOM * width);
  canvas.height = Math.round(ZOOM * height);
  const context = canvas.getContext("2d")!;
  context.scale(ZOOM, ZOOM);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  draw(context);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  return new Uint8Array(await blob!.arrayBuffer());
}
