// Moving pictures to take along: frames of many small images, as GIF, and as WebM where the browser makes it.
import { LangevinError } from "@neural-langevin/core";
import { gridPixels } from "@neural-langevin/figures";
import { type VideoChunk, webmFile } from "./webm.js";

/** Frames that all have as many images of one size. */
export interface Film {
  /** Grey levels of the images of every frame, shape [count][height][width]. */
  readonly frames: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
  /** Milliseconds of a frame. */
  readonly delay: number;
}

/** Screen pixels between two images. */
const GAP = 3;
/** Screen pixels that a picture is about wide, and the least and most of them for an image pixel. */
const [WIDE, LEAST_ZOOM, MOST_ZOOM] = [560, 3, 16];
/** Bits per second of WebM, and the pictures after which one is seen without those before it. */
const [RATE, KEY_EVERY] = [8e6, 50];
/** Luma of black and white in the range of broadcasts (Rec. 601), in which players show VP8. */
const [BLACK, WHITE] = [16, 235];
/** Shades of grey of a GIF, of which few compress well. */
const SHADES = 64;

/** Columns of full rows that are about a square or wider, where there are such; else about a square. */
function columnsOf(count: number): number {
  const square = Math.ceil(Math.sqrt(count));
  for (let columns = square; columns <= 1.5 * square; columns++) {
    if (count % columns === 0) return columns;
  }
  return square;
}

/** A frame as a picture: its images in rows. */
function pictureOf(pixels: Uint8Array, { width, height }: Film) {
  const columns = columnsOf(pixels.length / (width * height));
  const fitting = Math.round(WIDE / (columns * (width + 1)));
  const scale = Math.min(Math.max(fitting, LEAST_ZOOM), MOST_ZOOM);
  return gridPixels({ pixels, width, height, columns, scale, gap: GAP, between: 0 });
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

const even = (size: number): number => size + (size % 2);

/** The film as WebM, where the browser encodes video. Throws unavailable. */
export async function webmOf({ frames, ...film }: Film): Promise<Uint8Array> {
  const pictures = frames.map((levels) => pictureOf(levels, { frames, ...film }));
  // Colour has half of the resolution, so browsers want even sizes: an odd one gets a black edge.
  const [width, height] = [even(pictures[0]!.width), even(pictures[0]!.height)];
  const { delay } = film;
  const config: VideoEncoderConfig = {
    codec: "vp8",
    width,
    height,
    bitrate: RATE,
    framerate: 1000 / delay,
    latencyMode: "quality",
  };
  const { supported } = await VideoEncoder.isConfigSupported(config);
  if (!supported) {
    throw new LangevinError("unavailable", "This browser encodes no VP8.", "Save the film as GIF.");
  }
  const chunks: VideoChunk[] = [];
  let failure: unknown;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      chunks.push({ bytes, key: chunk.type === "key" });
    },
    error: (error) => {
      failure = error;
    },
  });
  encoder.configure(config);
  const greys = width * height;
  for (const [at, picture] of pictures.entries()) {
    const planes = new Uint8Array(1.5 * greys).fill(BLACK).fill(128, greys);
    picture.data.forEach((level, pixel) => {
      const place = Math.floor(pixel / picture.width) * width + (pixel % picture.width);
      planes[place] = BLACK + Math.round(((WHITE - BLACK) * level) / 255);
    });
    const frame = new VideoFrame(planes, {
      format: "I420",
      codedWidth: width,
      codedHeight: height,
      timestamp: 1000 * at * delay,
      colorSpace: {
        primaries: "smpte170m",
        transfer: "smpte170m",
        matrix: "smpte170m",
        fullRange: false,
      },
    });
    encoder.encode(frame, { keyFrame: at % KEY_EVERY === 0 });
    frame.close();
  }
  // A failure of the encoder ends the flush too, with another message.
  await encoder.flush().catch((error: unknown) => {
    throw failure ?? error;
  });
  encoder.close();
  return webmFile({ codec: "V_VP8", width, height, delay, chunks });
}
