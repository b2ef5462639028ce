// The part of svgcanvas that the lab uses; it brings no types.
declare module "svgcanvas" {
  /** What draws on it, as on a canvas, draws an SVG document. */
  export const Context: new (size: {
    readonly width: number;
    readonly height: number;
  }) => CanvasRenderingContext2D & { getSerializedSvg(): string };
}
