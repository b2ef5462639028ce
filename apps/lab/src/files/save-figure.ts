// Figures as PNG, by the browser's own drawing of SVG.

/** Pixels of the picture per pixel of the figure. */
const ZOOM = 4;

/** An SVG document as PNG at four times its size. */
export async function pngOfSvg(svg: string): Promise<Uint8Array> {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(ZOOM * image.naturalWidth, ZOOM * image.naturalHeight);
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(address);
  }
}
