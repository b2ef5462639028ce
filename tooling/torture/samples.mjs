// Sound files of every format, small, for the fuzzer to damage; and how the checksums of damaged ones are made good, so
// that the damage gets behind them.
import { readFileSync } from "node:fs";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { encodeIdx, encodeNpy, encodeNpz } from "@neural-langevin/datasets";
import { completeSettings, encodeCheckpoint, encodeNetwork } from "@neural-langevin/runs";
import { zipSync } from "fflate";

const bytesOf = (text) => new TextEncoder().encode(text);
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const count = (length, step = 7) => Uint8Array.from({ length }, (_, at) => (at * step) % 251);

const UNITS = 4;
const network = {
  units: UNITS,
  couplings: Float32Array.from({ length: UNITS * UNITS }, (_, at) => at / 8 - 1),
  bias: Float32Array.from({ length: UNITS }, (_, at) => at),
  sampling: { dt: 0.05, temperature: 1, chainStart: { mean: new Float32Array(UNITS), spread: 1 } },
};
const checkpoint = {
  ...network,
  update: 7,
  chains: new Float32Array(2 * UNITS),
  moments: new Float32Array(2 * (UNITS * UNITS + UNITS)),
  averages: new Float32Array(UNITS * UNITS + UNITS),
  seed: 1,
  batch: 2,
};

export const safetensors = () => [
  encodeNetwork({ ...network, labelUnits: { pixels: 2, labels: [0, 1], copies: 1, current: 3 } }),
  encodeCheckpoint(checkpoint),
];

/** An NPY file with a header of one's own. */
const npyOf = (header, values) => {
  const text = bytesOf(`${header}\n`);
  return join([0x93], bytesOf("NUMPY"), [1, 0, text.length & 255, text.length >> 8], text, values);
};

export const npy = () => [
  encodeNpy(count(3 * 4 * 4), [3, 4, 4]),
  encodeNpy(
    Float32Array.from(count(24), (value) => value / 251),
    [2, 3, 4],
  ),
  encodeNpy(Float64Array.from(count(8)), [8]),
  npyOf("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }", count(24)),
  npyOf(
    "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }",
    new Uint8Array(BigInt64Array.of(1n, -2n, 3n, 1n << 40n).buffer),
  ),
  npyOf("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 2, 2), }", count(8, 1)),
];

const arrays = () => ({
  J: { shape: [UNITS, UNITS], values: network.couplings },
  b: { shape: [UNITS], values: network.bias },
});

export const npz = () => [
  encodeNpz(arrays(), { deflate: false }),
  encodeNpz(arrays(), { deflate: true }),
];

/** An archive around files, stored or deflated, as others make them. */
export const zip = (files, level) => zipSync(files, { level });

const chunk = (type, data) => {
  const body = join(bytesOf(type), data);
  const [length, sum] = [new Uint8Array(4), new Uint8Array(4)];
  new DataView(length.buffer).setUint32(0, data.length);
  new DataView(sum.buffer).setUint32(0, crc32(body));
  return join(length, body, sum);
};

const bytesPerPixel = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A PNG; `lines` changes its scanlines before they are packed. */
export function png({ colour, bits = 8, interlace = 0, extra = [], size = 5 }, lines) {
  const row = Math.ceil((size * bytesPerPixel[colour] * bits) / 8);
  // The seven passes of 5 × 5 pixels of one bit take 22 bytes with their filters.
  const raw = interlace
    ? new Uint8Array(22)
    : join(...Array.from({ length: size }, (_, y) => join([y % 5], count(row, 3))));
  const header = [0, 0, 0, size, 0, 0, 0, size, bits, colour, 0, 0, interlace];
  return join(
    [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    chunk("IHDR", header),
    ...extra.map(([type, data]) => chunk(type, data)),
    chunk("IDAT", deflateSync(lines ? lines(raw) : raw)),
    chunk("IEND", []),
  );
}

/** Kinds of PNG. */
export const pngKinds = [
  { colour: 0 },
  { colour: 0, bits: 16 },
  { colour: 0, bits: 1, interlace: 1 },
  { colour: 2, extra: [["tRNS", [0, 1, 0, 2, 0, 3]]] },
  {
    colour: 3,
    bits: 4,
    extra: [
      ["PLTE", count(30)],
      ["tRNS", count(10)],
    ],
  },
  { colour: 4 },
  {
    colour: 6,
    extra: [
      ["gAMA", [0, 0, 177, 143]],
      ["tEXt", bytesOf("a\0b")],
    ],
  },
];

/** Makes the checksums of a PNG's chunks good, as far as its lengths can be followed. */
export function mendPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) break;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
  return bytes;
}

export const idx = () => [
  encodeIdx({ shape: [3, 4, 4], values: count(48) }),
  encodeIdx({ shape: [7], values: count(7) }),
];
export const gzip = (bytes) => new Uint8Array(gzipSync(bytes));

export const tables = () =>
  [
    "label,a,b,c,d\n0,0,255,17,3\n1,9,8,7,6\n0,1,2,3,4\n",
    "0.5;-1e-3;NaN;\n1.5;2;3;4\n,,1;2\n\n".replaceAll(",,", ";;"),
    'a\tclass\t"b ""c"""\n1\tcat\t2\n3\tdog\t4\n',
    "one|two\r\n1|2\r\n3|na\r\n",
    "x,z,class\n0.1,2,a\n3.14159265358979312,-1e-7,b\n .5 ,+7.,a\n123456789012345678,9007199254740993e-3,b\n",
  ].map(bytesOf);

/** JPEG images of a few pixels: grey, colour, progressive, with an orientation, in the colours of printing. */
export const jpeg = () =>
  ["grey", "rgb", "prog", "turned", "cmyk"].map((name) =>
    readFileSync(
      new URL(`../../packages/datasets/test/fixtures/jpeg/${name}.jpg`, import.meta.url),
    ),
  );

export const yaml = () =>
  [
    "data: mnist\nlabels: [1, 3, 6]\nrate: 1e-3\nupdates: 2000\nnegative-phase: pcd-10\n",
    "data: 'a.npy'\nimages: ~\nheld-out: 0\nwarm-up: 3\n# words\nseed: 0x10\nschedule: cosine\n",
    Object.entries(completeSettings({ data: "a.npy" }))
      .map(([name, value]) => `${name}: ${value ?? ""}`)
      .join("\n"),
    'labels: &a [1, 2]\nrate: .5e-2\n"seed": !!int 3\nwarm-up:\n  0\n',
  ].map(bytesOf);

/** The files of a run, by name. */
export const run = () => ({
  "manifest.json": bytesOf(
    JSON.stringify({
      format: "neural-langevin run",
      state: "running",
      versions: { node: "20" },
      backend: "cpu",
      threads: 1,
      data: { source: "images.npy", sha256: "", width: 2, height: 2 },
    }),
  ),
  "config.yaml": bytesOf("data: images.npy\nheld-out: 1\nchains: 2\nbatch: 2\nupdates: 20\n"),
  "metrics.jsonl": bytesOf('{"update":5,"dataEnergy":1.5}\n{"update":7,"dataEnergy":null}\n'),
  "images.npy": encodeNpy(count(6 * UNITS), [6, 2, 2]),
  "labels.npy": encodeNpy(Uint8Array.of(0, 1, 2, 0, 1, 2), [6]),
  "checkpoints/000000007.safetensors": encodeCheckpoint(checkpoint),
});
