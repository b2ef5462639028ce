// What bytes are is told from the bytes, and a foreign file is called what it is.
import { gzipSync } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import {
  describeFormat,
  encodeIdx,
  encodeNpy,
  encodeNpz,
  type FileFormat,
  openNpz,
  parseIdx,
  parseNpy,
  parsePng,
  recognizeFormat,
} from "../src/index.js";
import { errorOf, fixture } from "./helpers.js";

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
/** The beginning of an archive whose first entry has this name. */
const zipOf = (name: string) =>
  bytesOf(`PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(name.length)}\0\0\0${name}`);
const array = { shape: [1], values: new Float32Array(1) };
/** A safetensors file whose header has this length, so that its first bytes are those of another format. */
const safetensors = (length: number) => {
  const bytes = new Uint8Array(600).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes[8] = 0x7b;
  return bytes;
};

describe("recognizeFormat", () => {
  it.each<[FileFormat, Uint8Array]>([
    ["png", encode({ width: 1, height: 1, data: new Uint8Array(1), channels: 1, depth: 8 })],
    ["npy", encodeNpy(new Uint8Array(1), [1])],
    ["npz", encodeNpz({ array }, { deflate: true })],
    ["npz", fixture("npz/readme.npz")],
    ["npz", fixture("npz/dir.npz")],
    ["npz", fixture("stored.npz").subarray(0, 100)],
    ["zip", encodeNpz({}, { deflate: true })],
    ["zip", bytesOf("PK\x03\x04")],
    ["pytorch", fixture("foreign/model.pt")],
    ["pytorch", fixture("foreign/renamed-model.safetensors").subarray(0, 512)],
    ["idx", encodeIdx({ shape: [1, 1, 1], values: new Uint8Array(1) })],
    ["gzip", gzipSync("text")],
    ["safetensors", safetensors(100)],
    ["safetensors", safetensors(0x8b1f)],
    ["safetensors", safetensors(0x4d42)],
    ["git-lfs-pointer", fixture("foreign/git-lfs-pointer")],
    ["html", fixture("foreign/page.html")],
    ["html", bytesOf("\n<html lang=en>")],
    ["jpeg", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
    ["gif", bytesOf("GIF89a")],
    ["webp", bytesOf("RIFF\0\0\0\0WEBP")],
    ["tiff", bytesOf("II*\0")],
    ["hdf5", bytesOf("\x89HDF\r\n\x1a\n")],
    ["parquet", bytesOf("PAR1\x15\x04")],
    ["arrow", bytesOf("ARROW1\0\0")],
    ["office", zipOf("[Content_Types].xml")],
    ["office", zipOf("mimetype")],
    ["zip", zipOf("readme.txt")],
    ["utf-16", Uint8Array.of(0xff, 0xfe, 0x61, 0)],
    ["pickle", bytesOf("\x80\x04\x95\0\0")],
    ["apple-double", Uint8Array.of(0, 5, 0x16, 7, 0, 2, 0, 0)],
    ["unknown", bytesOf("hello")],
    ["unknown", new Uint8Array(0)],
  ])("tells %s", (format, bytes) => {
    expect(recognizeFormat(bytes)).toBe(format);
    // Bytes that tell what they are do not listen to the name.
    if (format !== "unknown") expect(recognizeFormat(bytes, "a.npy")).toBe(format);
  });

  it("believes a name where the bytes tell nothing", () => {
    expect(recognizeFormat(new Uint8Array(0), "a/B.NPY")).toBe("npy");
    expect(recognizeFormat(Uint8Array.of(1, 2), "train-images-idx3-ubyte.gz")).toBe("idx");
    expect(recognizeFormat(Uint8Array.of(1, 2), "a.safetensors")).toBe("safetensors");
    expect(recognizeFormat(Uint8Array.of(1, 2), "a.txt")).toBe("unknown");
    expect(describeFormat("git-lfs-pointer")).toBe("a Git LFS pointer");
  });
});

describe("a foreign file", () => {
  const readers = { parseNpy, openNpz, parsePng, parseIdx };
  const named = [
    ["git-lfs-pointer", /^x is a Git LFS pointer, not an? /, /git lfs pull/],
    ["page.html", /^x is an HTML page, not an? /, /download it again/],
    ["model.pt", /^x is a PyTorch file, not an? /, /save_file/],
  ] as const;

  it.each(Object.entries(readers))("is named by %s", async (_, read) => {
    for (const [file, says, remedy] of named) {
      const error = await errorOf(() => read(fixture(`foreign/${file}`), "x"));
      expect(error.code).toBe("bad-file");
      expect(error.message).toMatch(says);
      expect(error.remedy).toMatch(remedy);
    }
  });
});
