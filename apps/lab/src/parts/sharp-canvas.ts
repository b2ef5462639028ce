// A canvas that is drawn in the screen's own pixels.

/** Clears a canvas, gives it as many pixels as the screen has there, and returns its context in CSS pixels. */
export function sharpContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d")!;
  // A new size takes new memory, which costs more than to clear what is there.
  if (canvas.width === across && canvas.height === down) context.reset();
  else [canvas.width, canvas.height] = [across, down];
  context.scale(ratio, ratio);
  return context;
}
