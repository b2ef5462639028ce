// A file of video in the container WebM (EBML, RFC 8794; Matroska, RFC 9559): its head, one track, clusters of frames.

/** An encoded picture; the first of a video is a key. */
export interface VideoChunk {
  readonly bytes: Uint8Array;
  /** Whether it is seen without those before it. */
  readonly key: boolean;
}
export interface Video {
  /** The codec by its name in the container, such as V_VP8. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Milliseconds of every picture. A cluster, a key and what follows it, lasts 32 s at most. */
  readonly delay: number;
  readonly chunks: readonly VideoChunk[];
}

type Content = Uint8Array | string | number | readonly Uint8Array[];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The bytes of a whole number, the highest first. */
const bytesOf = (value: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) % 256);

function contentOf(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return new TextEncoder().encode(content);
  return typeof content === "number" ? bytesOf(content, 4) : joined(content);
}

/** An element: its name, whose hexadecimal digits say how long it is; the length of its content, in four bytes; that. */
function element(name: number, content: Content): Uint8Array {
  const body = contentOf(content);
  const digits = Math.ceil(name.toString(16).length / 2);
  return joined([bytesOf(name, digits), bytesOf(0x1000_0000 + body.length, 4), body]);
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** The clusters of a video, each a key with what follows it. */
function clusters({ chunks, delay }: Video): Uint8Array[] {
  const starts = chunks.flatMap(({ key }, at) => (key ? [at] : []));
  return starts.map((start, cluster) => {
    const blocks = chunks.slice(start, starts[cluster + 1]).map(({ bytes, key }, at) => {
      const head = joined([Uint8Array.of(0x81), bytesOf(Math.round(at * delay), 2)]);
      return element(0xa3, [head, Uint8Array.of(key ? 0x80 : 0), bytes]);
    });
    return element(0x1f43_b675, [element(0xe7, Math.round(start * delay)), ...blocks]);
  });
}

/** The file of a video. */
export function webmFile(video: Video): Uint8Array {
  const { codec, width, height, delay, chunks } = video;
  const head = element(0x1a45_dfa3, [
    element(0x4286, 1),
    element(0x42f7, 1),
    element(0x42f2, 4),
    element(0x42f3, 8),
    element(0x4282, "webm"),
    element(0x4287, 4),
    element(0x4285, 2),
  ]);
  const program = "neural-langevin-lab";
  const about = element(0x1549_a966, [
    // Times are in milliseconds.
    element(0x2a_d7b1, 1_000_000),
    element(0x4489, float64(chunks.length * delay)),
    element(0x4d80, program),
    element(0x5741, program),
  ]);
  const track = element(0xae, [
    element(0xd7, 1),
    element(0x73c5, 1),
    element(0x83, 1),
    element(0x9c, 0),
    element(0x86, codec),
    element(0xe0, [element(0xb0, width), element(0xba, height)]),
  ]);
  const segment = [about, element(0x1654_ae6b, [track]), ...clusters(video)];
  return joined([head, element(0x1853_8067, segment)]);
}
