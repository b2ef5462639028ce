// Moving pictures to take along: frames of many small images, as GIF, and as WebM where the browser makes it.
import { LangevinError } from "@neural-langevin/core";
import { gridPixels } from "@neural-langevin/figures";

/** Frames that all have as many images of one size. */
export interface Film {
  /** Grey levels of the images of every frame, shape [count][height][width]. */
  readonly frames: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
  /** Milliseconds of a frame. */
  readonly delay: number;
}

/** Screen pixels per image pixel, and between two images. */
const [ZOOM, GAP] = [3, 3];
/** Milliseconds in which the browser hands over what it recorded, and the most times that a last frame is shown again. */
const [SLICE, MOST_MORE] = [100, 40];
/** Shades of grey of a GIF, of which few compress well. */
const SHADES = 64;

/** A frame as a picture: its images in about a square. */
function pictureOf(pixels: Uint8Array, { width, height }: Film) {
  const columns = Math.ceil(Math.sqrt(pixels.length / (width * height)));
  return gridPixels({ pixels, width, height, columns, scale: ZOOM, gap: GAP, between: 0 });
}

/** The film as a GIF that begins again at its end. */
export async function gifOf(film: Film): Promise<Uint8Array> {
  const { GIFEncoder } = await import("gifenc");
  const encoder = GIFEncoder();
  const palette = Array.from({ length: SHADES }, (_, shade) => {
    const level = Math.round((255 * shade) / (SHADES - 1));
    return [level, level, level];
  });
  film.frames.forEach((levels, at) => {
    const { width, height, data } = pictureOf(levels, film);
    const shades = data.map((level) => Math.round((level * (SHADES - 1)) / 255));
    const first = at === 0 ? { palette, repeat: 0 } : {};
    encoder.writeFrame(shades, width, height, { ...first, delay: film.delay });
  });
  encoder.finish();
  return encoder.bytes();
}

/** The film as WebM, which takes as long as the film. Throws unavailable. */
export async function webmOf(film: Film): Promise<Uint8Array> {
  const pictures = film.frames.map((levels) => pictureOf(levels, film));
  const canvas = document.createElement("canvas");
  canvas.width = pictures[0]!.width;
  canvas.height = pictures[0]!.height;
  const context = canvas.getContext("2d")!;
  const recorder = new MediaRecorder(canvas.captureStream(), {
    mimeType: "video/webm",
    videoBitsPerSecond: 8e6,
  });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => {
    if (data.size > 0) parts.push(data);
  };
  const show = async ({ width, height, data }: (typeof pictures)[number]) => {
    const image = context.createImageData(width, height);
    data.forEach((level, at) => {
      image.data.fill(level, 4 * at, 4 * at + 3);
      image.data[4 * at + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    await new Promise((resolve) => setTimeout(resolve, film.delay));
  };
  recorder.start(SLICE);
  for (const picture of pictures) await show(picture);
  // A slow encoder has nothing yet of a short film, whose last frame then stays a little.
  for (let more = 0; parts.length === 0 && more < MOST_MORE; more++) await show(pictures.at(-1)!);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.stop();
  await stopped;
  if (parts.length === 0) {
    throw new LangevinError(
      "unavailable",
      "The browser recorded no WebM.",
      "Save the film as GIF.",
    );
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
