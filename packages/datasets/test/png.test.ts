// PNG files of every kind give the pixels that other readers give, and what is damaged is found.
import { deflateRawSync, deflateSync } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { adler32, crc32 } from "../src/checksum.js";
import { parsePng } from "../src/index.js";
import { errorOf, fixture, mean } from "./helpers.js";

/** A PNG file of some chunks, with sums that fit. */
function pngOf(...chunks: [type: string, content: Uint8Array][]): Uint8Array {
  const parts = chunks.map(([type, content]) => {
    const chunk = Buffer.alloc(12 + content.length);
    chunk.writeUInt32BE(content.length, 0);
    chunk.write(type, 4, "latin1");
    chunk.set(content, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), 8 + content.length);
    return chunk;
  });
  return Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...parts]);
}

function headerOf(width: number, height: number, ...kind: number[]): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(kind, 8);
  return header;
}

const GREY8 = [8, 0, 0, 0, 0];
const end: [string, Uint8Array] = ["IEND", new Uint8Array(0)];
/** 2 × 1 grey pixels, 7 and 200, without a filter. */
const rows = Uint8Array.of(0, 7, 200);
const plain: [string, Uint8Array][] = [
  ["IHDR", headerOf(2, 1, ...GREY8)],
  ["IDAT", deflateSync(rows)],
  end,
];

describe("a PNG file", () => {
  it("of any kind becomes grey levels", () => {
    const kinds: [number, 8 | 16, number[], number[]][] = [
      [1, 8, [0, 200], [0, 200]],
      [2, 8, [200, 255, 200, 51], [200, 40]],
      [3, 8, [255, 0, 0, 0, 255, 0], [76, 150]],
      [4, 8, [255, 255, 255, 255, 255, 255, 255, 51], [255, 51]],
      [1, 16, [0, 65535], [0, 255]],
      [2, 16, [65535, 65535, 65535, 13107], [255, 51]],
      [3, 16, [65535, 0, 0, 0, 65535, 0], [76, 150]],
      [4, 16, [65535, 65535, 65535, 65535, 65535, 65535, 65535, 13107], [255, 51]],
    ];
    for (const [channels, depth, values, expected] of kinds) {
      const data = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
      const png = encode({ width: 2, height: 1, data, channels, depth });
      expect([...parsePng(png, "p").pixels]).toEqual(expected);
    }
  });

  it("undoes every filter", () => {
    // Rows 10 20 30 / 40 50 60 / …, filtered by hand with None, Sub, Up, Average and Paeth.
    const filtered = [
      [0, 10, 20, 30],
      [1, 40, 10, 10],
      [2, 30, 30, 30],
      [3, 65, 25, 25],
      [4, 30, 10, 10],
    ];
    const png = pngOf(
      ["IHDR", headerOf(3, 5, ...GREY8)],
      ["IDAT", deflateSync(Uint8Array.from(filtered.flat()))],
      end,
    );
    expect([...parsePng(png, "p").pixels]).toEqual([
      10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 115, 127, 130, 140, 150,
    ]);
  });

  // The means that Pillow gives, which lays nothing on black itself.
  it.each([
    ["grey1_trns", 0],
    ["grey8_trns", 9.875],
    ["grey16_trns", 9.875],
    ["rgb8_trns", 9.875],
    ["i_g1_28x28", 127.5],
    ["i_g2_5x3", 153],
    ["i_g4_8x8", 139.453],
    ["i_p1_8x8", 164.484],
    ["i_p4_8x8", 114.141],
    ["silent_i1", 15.612],
    ["badicc", 169.25],
    ["badtext", 169.25],
    ["bitrot_ok", 169.25],
    ["trns_with_alpha", 127.5],
  ])("%s.png has the mean %f", (name, expected) => {
    expect(mean(parsePng(fixture(`png/${name}.png`), name).pixels)).toBeCloseTo(expected, 3);
  });

  it("lays a transparent colour of RGB with 16 bits on black, and no colour but that one", () => {
    const pixels = [0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xfffe];
    const bytes = Buffer.alloc(13);
    for (const [at, value] of pixels.entries()) bytes.writeUInt16BE(value, 1 + 2 * at);
    const png = pngOf(
      ["IHDR", headerOf(2, 1, 16, 2, 0, 0, 0)],
      ["tRNS", Uint8Array.of(255, 255, 255, 255, 255, 255)],
      ["IDAT", deflateSync(bytes)],
      end,
    );
    expect([...parsePng(png, "p").pixels]).toEqual([0, 255]);
  });

  it("shows an index beyond its palette as black", () => {
    for (const name of ["pal_oob", "pal4_oob"]) {
      const { pixels } = parsePng(fixture(`png/${name}.png`), name);
      expect(pixels).toContain(0);
      expect(mean(pixels)).toBe(63.75);
    }
  });

  it("is read whatever its other chunks hold, in one piece or in many", () => {
    const [header, data] = plain as [[string, Uint8Array], [string, Uint8Array]];
    const pieces = [...data[1]].map((byte): [string, Uint8Array] => ["IDAT", Uint8Array.of(byte)]);
    const broken: [string, Uint8Array] = ["tEXt", new Uint8Array(3)];
    const png = Uint8Array.from(pngOf(header, broken, ...pieces));
    // The checksum of a chunk that decides no pixel does not matter.
    png[8 + 25 + 9]! ^= 1;
    expect([...parsePng(png, "p").pixels]).toEqual([7, 200]);
  });

  it("that is damaged or claims too much is refused", async () => {
    const [header, data] = plain as [[string, Uint8Array], [string, Uint8Array]];
    const [packed] = [data[1]];
    const flipped = Buffer.from(deflateSync(rows, { level: 0 }));
    flipped[flipped.indexOf(7)]! ^= 1;
    const png = pngOf(...plain);
    const cases: [Uint8Array, string, RegExp][] = [
      [fixture("png/bitrot.png"), "bad-file", /IDAT does not fit its checksum/],
      [fixture("png/crc_ihdr.png"), "bad-file", /IHDR does not fit its checksum/],
      [fixture("png/zero.png"), "bad-file", /it claims 0 × 4 pixels/],
      [pngOf(header, ["IDAT", flipped], end), "bad-file", /pixels do not fit their checksum/],
      [pngOf(header, ["IDAT", packed.subarray(0, 5)], end), "bad-file", /not a zlib stream/],
      [pngOf(header, ["IDAT", packed.subarray(0, 8)], end), "bad-file", /cannot be unpacked|holds/],
      [
        pngOf(header, ["IDAT", deflateSync(new Uint8Array(4))]),
        "bad-file",
        /more than the 3 bytes/,
      ],
      [pngOf(header, ["IDAT", deflateSync(new Uint8Array(2))]), "bad-file", /2 bytes, not the 3/],
      [pngOf(header, ["IDAT", deflateSync(Uint8Array.of(9, 0, 0))]), "bad-file", /the filter 9/],
      [pngOf(header, end), "bad-file", /no pixels/],
      [pngOf(data, end), "bad-file", /no header/],
      [pngOf(header, ["CgBI", rows], data, end), "unsupported", /chunk CgBI/],
      [pngOf(header, ["I\u001b\u0080T", rows], data), "bad-file", /there is no chunk at byte 33\./],
      [pngOf(["IHDR", headerOf(2, 1, 8, 3, 0, 0, 0)], data), "bad-file", /palette is missing/],
      [pngOf(["IHDR", headerOf(2, 1, 3, 0, 0, 0, 0)], data), "bad-file", /type 0 with 3 bits/],
      [pngOf(["IHDR", headerOf(2, 1, 8, 0, 0, 0, 2)], data), "bad-file", /methods 0, 0 and 2/],
      [pngOf(["IHDR", headerOf(2 ** 31, 1, ...GREY8)], data), "unsupported", /2147483648 × 1/],
      [new Uint8Array(99), "bad-file", /is not a PNG file \(99 bytes\)/],
      [png.subarray(0, 50), "bad-file", /ends within its chunk IDAT/],
    ];
    for (const [bytes, code, problem] of cases) {
      const error = await errorOf(() => parsePng(bytes, "p"));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(problem)]);
    }
    for (let length = 0; length < png.length - 12; length++) {
      expect((await errorOf(() => parsePng(png.subarray(0, length), "p"))).code).toBe("bad-file");
    }
  });

  it("that would become gigabytes costs neither time nor memory", async () => {
    // 2²⁸ zeros in 260 kB, as the pixels of a tiny image, and beside them.
    const zeros = deflateRawSync(Buffer.alloc(2 ** 28));
    const bomb = Buffer.concat([Uint8Array.of(0x78, 0x9c), zeros, new Uint8Array(4)]);
    const [header, data] = plain as [[string, Uint8Array], [string, Uint8Array]];
    const profile = Buffer.concat([Buffer.from("p\0\0"), bomb]);
    const before = process.memoryUsage().arrayBuffers;
    // Of this process, however busy the machine is.
    const start = process.cpuUsage();
    const error = await errorOf(() => parsePng(pngOf(header, ["IDAT", bomb], end), "p"));
    expect(error.message).toMatch(/holds more than the 3 bytes/);
    expect(parsePng(pngOf(header, ["iCCP", profile], data, end), "p").width).toBe(2);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 ** 8);
    const large = pngOf(["IHDR", headerOf(4096, 4096, 16, 6, 0, 0, 0)], data, end);
    expect((await errorOf(() => parsePng(large, "p"))).message).toMatch(/cannot hold/);
  });
});

describe("checksums", () => {
  it("are those that everybody knows", () => {
    const text = new TextEncoder().encode("123456789");
    expect(crc32(text)).toBe(0xcbf43926);
    expect(adler32(text)).toBe(0x091e01de);
    expect(adler32(new Uint8Array(100_000).fill(255))).toBe(
      Buffer.from(deflateSync(new Uint8Array(100_000).fill(255)).subarray(-4)).readUInt32BE(),
    );
  });
});
