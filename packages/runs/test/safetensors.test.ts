// Files that others write can be read, and no file, however broken, does harm.

import { readFileSync } from "node:fs";
import type { LangevinError } from "@neural-langevin/core";
import { isLangevinError } from "@neural-langevin/core";
import { noiseWords } from "@neural-langevin/core/backend";
import { describe, expect, it } from "vitest";
import {
  decodeCheckpoint,
  decodeNetwork,
  decodeSafetensors,
  encodeCheckpoint,
  encodeNetwork,
  encodeSafetensors,
} from "../src/index.js";

const errorOf = (work: () => unknown): LangevinError => {
  try {
    work();
  } catch (error) {
    if (isLangevinError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

/** A file with this header and so many bytes of data. */
function file(header: unknown, dataLength: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe("safetensors", () => {
  it("written by the Python package are read", () => {
    const path = new URL("fixtures/from-python.safetensors", import.meta.url);
    const bytes = readFileSync(path);
    expect(decodeSafetensors(bytes, "file").metadata).toEqual({ "made by": "python" });
    expect(decodeNetwork(bytes, "file")).toEqual({
      units: 2,
      couplings: Float32Array.of(0, 1.5, -2.25, 0),
      bias: Float32Array.of(0.5, -1),
    });
  });

  it("come back as they were, in every number type", () => {
    const tensors = {
      a: { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
      b: { shape: [3], values: Uint8Array.of(7, 8, 9) },
      c: { shape: [], values: Float64Array.of(Math.PI) },
      d: { shape: [1], values: Int32Array.of(-5) },
      e: { shape: [0, 4], values: new Float32Array(0) },
    };
    const metadata = { é: "ü" };
    expect(decodeSafetensors(encodeSafetensors({ tensors, metadata }), "file")).toEqual({
      tensors,
      metadata,
    });
  });

  it("with a header that lies are refused", () => {
    const f32 = (shape: unknown, offsets: unknown) => ({
      t: { dtype: "F32", shape, data_offsets: offsets },
    });
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /0 bytes/],
      [new Uint8Array(8).fill(255), /claims 18446744073709551615 bytes, but only 0 follow/],
      [file("{", 0), /not JSON/],
      [file("[]", 0), /not an object/],
      [file(f32([2], [0, 8]), 4), /ends at byte 8 of its data, which has 4/],
      [file(f32([2 ** 31, 2 ** 31], [0, 8]), 8), /needs \d+ bytes, but has 8/],
      [file(f32([-1], [0, 8]), 8), /no shape/],
      [file(f32([2], [0, 8]), 12), /take 8 bytes, but its data has 12/],
      [file(f32([1], [4, 8]), 8), /gap at byte 0/],
      [
        file({ ...f32([1], [0, 4]), u: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, 4),
        /overlap/,
      ],
      [file({ t: 3 }, 0), /no entry/],
    ];
    for (const [bytes, problem] of cases) {
      const error = errorOf(() => decodeSafetensors(bytes, "weights.safetensors"));
      expect(error.code).toBe("bad-file");
      expect(error.message).toMatch(problem);
      expect(error.message).toMatch(/^weights\.safetensors/);
    }
    const half = { t: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } };
    expect(errorOf(() => decodeSafetensors(file(half, 2), "f")).code).toBe("unsupported");
  });

  it("of random bytes, or cut anywhere, are refused and nothing else", () => {
    const good = encodeNetwork({
      units: 2,
      couplings: new Float32Array(4),
      bias: new Float32Array(2),
    });
    for (let trial = 0; trial < 500; trial++) {
      const words = noiseWords({ seed: 1, stream: 0, step: trial }, 0, 0);
      const cut = good.slice(0, words[0]! % good.length);
      const random = Uint8Array.from(
        { length: words[1]! % 64 },
        (_, i) => words[i % 4]! >>> (i % 24),
      );
      for (const bytes of [cut, random]) {
        expect(errorOf(() => decodeNetwork(bytes, "file")).code).toBe("bad-file");
      }
    }
  });
});

describe("a checkpoint", () => {
  const state = {
    update: 201,
    couplings: Float32Array.of(0, 1, 2, 0),
    bias: Float32Array.of(3, 4),
    chains: Float32Array.of(1, 2, 3, 4, 5, 6),
    moments: new Float32Array(12).fill(0.5),
  };

  it("comes back as it was, and is a machine as well", () => {
    const bytes = encodeCheckpoint(state);
    expect(decodeCheckpoint(bytes, "file")).toEqual(state);
    expect(decodeNetwork(bytes, "file").couplings).toEqual(state.couplings);
  });

  it("with a wrong or damaged tensor is refused by name", () => {
    const machine = encodeNetwork({ units: 2, couplings: state.couplings, bias: state.bias });
    expect(errorOf(() => decodeCheckpoint(machine, "m")).message).toMatch(/no update number/);
    const ragged = encodeSafetensors({
      tensors: { couplings: { shape: [2, 3], values: new Float32Array(6) } },
      metadata: {},
    });
    expect(errorOf(() => decodeNetwork(ragged, "m")).message).toBe(
      'm: tensor "couplings" has the shape [2,3], where [2,2] is expected.',
    );
    const infinite = encodeCheckpoint({ ...state, chains: Float32Array.of(1, Infinity) });
    expect(errorOf(() => decodeCheckpoint(infinite, "m")).message).toMatch(
      /"chains" is not finite/,
    );
  });
});
