// Files that others write can be read, and no file, however broken, does harm.

import { readFileSync } from "node:fs";
import type { LangevinError } from "@neural-langevin/core";
import { isLangevinError } from "@neural-langevin/core";
import { noiseWords } from "@neural-langevin/core/backend";
import { describe, expect, it } from "vitest";
import {
  decodeCheckpoint,
  decodeNetwork,
  encodeCheckpoint,
  encodeNetwork,
  encodeSafetensors,
  openSafetensors,
  type TensorFile,
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

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** All that a file holds. */
function readAll(bytes: Uint8Array): TensorFile {
  const { entries, metadata, read } = openSafetensors(bytes, "file");
  const tensors = [...entries.keys()].map((name) => [name, read(name)] as const);
  return { tensors: Object.fromEntries(tensors), metadata };
}

describe("safetensors", () => {
  it("written by the Python package are read", () => {
    const bytes = fixture("from-python.safetensors");
    expect(openSafetensors(bytes, "file").metadata).toEqual({ "made by": "python" });
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
      f: { shape: [2], values: Int8Array.of(-1, 1) },
      g: { shape: [2], values: Int16Array.of(-300, 300) },
      h: { shape: [1], values: Uint16Array.of(60_000) },
      i: { shape: [1], values: Uint32Array.of(4_000_000_000) },
    };
    const metadata = { é: "ü" };
    expect(readAll(encodeSafetensors({ tensors, metadata }))).toEqual({ tensors, metadata });
  });

  it("with a header that lies are refused", () => {
    const f32 = (shape: unknown, offsets: unknown) => ({
      t: { dtype: "F32", shape, data_offsets: offsets },
    });
    const entry = JSON.stringify(f32([1], [0, 4]).t);
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
      [file({ t: 3 }, 0), /not an entry/],
      [
        file(`{"t": ${entry}, "u": ${entry}, "\\u0074":${entry}}`, 4),
        /two entries with the name "t"/,
      ],
      [file({ __metadata__: 3 }, 0), /metadata is not an object/],
      [file({ __metadata__: { a: 3 } }, 0), /metadata "a" is not text/],
      [file(f32([1], [8, 4]), 8), /ends before it begins/],
    ];
    for (const [bytes, problem] of cases) {
      const error = errorOf(() => openSafetensors(bytes, "weights.safetensors"));
      expect(error.code).toBe("bad-file");
      expect(error.message).toMatch(problem);
      expect(error.message).toMatch(/^weights\.safetensors/);
    }
  });

  it("of other number types are read exactly, and only when they are asked for", () => {
    const tensor = (dtype: string, shape: number[], start: number, end: number) => {
      return { dtype, shape, data_offsets: [start, end] };
    };
    const bytes = file(
      {
        half: tensor("F16", [4], 0, 8),
        brain: tensor("BF16", [2], 8, 12),
        truth: tensor("BOOL", [2], 12, 14),
        steps: tensor("I64", [2], 14, 30),
        large: tensor("U64", [1], 30, 38),
        eighth: tensor("F8_E4M3", [2], 38, 40),
        sixth: tensor("F6_E2M3", [4], 40, 43),
      },
      43,
    );
    const data = new DataView(bytes.buffer, bytes.length - 43);
    // 1.5, −2⁻²⁴, 65504 and infinity as float16; 1.5 and −3.140625 as bfloat16.
    for (const [at, half] of [0x3e00, 0x8001, 0x7bff, 0x7c00].entries()) {
      data.setUint16(2 * at, half, true);
    }
    data.setUint16(8, 0x3fc0, true);
    data.setUint16(10, 0xc049, true);
    data.setUint8(13, 1);
    data.setBigInt64(14, -(2n ** 53n) + 1n, true);
    data.setBigInt64(22, 201n, true);
    data.setBigUint64(30, 2n ** 63n, true);
    const { entries, read } = openSafetensors(bytes, "mixed");
    expect(entries.get("brain")).toMatchObject({ type: "BF16", shape: [2] });
    expect(read("half").values).toEqual(Float32Array.of(1.5, -(2 ** -24), 65504, Infinity));
    expect(read("brain").values).toEqual(Float32Array.of(1.5, -3.140625));
    expect(read("truth").values).toEqual(Uint8Array.of(0, 1));
    expect(read("steps").values).toEqual(Float64Array.of(-9007199254740991, 201));
    for (const [name, code, problem] of [
      ["large", "unsupported", /"large" holds the integer 9223372036854775808, which float64/],
      ["eighth", "unsupported", /"eighth" has the number type F8_E4M3, and only F32, F64/],
      ["sixth", "unsupported", /F6_E2M3/],
      ["other", "not-found", /^mixed has no tensor "other"/],
    ] as const) {
      const error = errorOf(() => read(name));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(problem)]);
    }
  });

  it.each(["bf16_extra", "bool_mask", "i64_step", "meta_null", "torch_step"])(
    "with a machine and one more tensor, as others write %s, are machines",
    (name) => {
      const bytes = fixture(`safetensors/${name}.safetensors`);
      const { units, couplings, bias } = decodeNetwork(bytes, name);
      expect([units, couplings.length, bias.length]).toEqual([9, 81, 9]);
      expect(openSafetensors(bytes, name).metadata).toEqual({});
    },
  );

  it("that are something else say how they begin", () => {
    const error = errorOf(() => decodeNetwork(fixture("git-lfs-pointer"), "a.safetensors"));
    expect(error.message).toBe(
      "a.safetensors is not a valid safetensors file: it begins with the text " +
        '"version https://git-lfs.github.com/spec/v1".',
    );
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

describe("a machine", () => {
  it("of other floats is converted, and the largest rounding is known", () => {
    const couplings = Float64Array.of(0, 0.1, 1 / 3, 0);
    const tensors = {
      couplings: { shape: [2, 2], values: couplings },
      bias: { shape: [2], values: Float32Array.of(1, 2) },
    };
    const machine = decodeNetwork(encodeSafetensors({ tensors, metadata: {} }), "m");
    expect(machine.couplings).toEqual(Float32Array.from(couplings));
    expect(machine.rounding).toBe(Math.abs(Math.fround(1 / 3) - 1 / 3));
    for (const [dtype, bits] of [
      ["F16", 0x3555],
      ["BF16", 0x3eab],
    ] as const) {
      const header = {
        couplings: { dtype, shape: [1, 1], data_offsets: [0, 2] },
        bias: { dtype, shape: [1], data_offsets: [2, 4] },
      };
      const bytes = file(header, 4);
      new DataView(bytes.buffer, bytes.length - 4).setUint16(0, bits, true);
      const read = decodeNetwork(bytes, "m");
      // The float16 and the bfloat16 nearest to 1/3, as NumPy gives them.
      expect(read.couplings[0]).toBe(dtype === "F16" ? 0.333251953125 : 0.333984375);
      expect(read.rounding).toBeUndefined();
    }
  });

  it("that is too large for float32 or of whole numbers is refused", () => {
    const bias = { shape: [1], values: Float32Array.of(0) };
    for (const [values, problem] of [
      [Float64Array.of(1e300), /"couplings" has 1e\+300 at place 0, too large for float32/],
      [Int32Array.of(1), /"couplings" is I32, not float32/],
    ] as const) {
      const tensors = { couplings: { shape: [1, 1], values }, bias };
      const bytes = encodeSafetensors({ tensors, metadata: {} });
      expect(errorOf(() => decodeNetwork(bytes, "m")).message).toMatch(problem);
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
    const tensors = Object.fromEntries(
      Object.entries(readAll(encodeCheckpoint(state)).tensors).map(([name, { shape, values }]) => [
        name,
        { shape, values: Float64Array.from(values, (value) => value + 1e-12) },
      ]),
    );
    const doubles = encodeSafetensors({ tensors, metadata: { update: "1" } });
    expect(errorOf(() => decodeCheckpoint(doubles, "m")).message).toMatch(/must continue exactly/);
    const infinite = encodeCheckpoint({ ...state, chains: Float32Array.of(1, Infinity) });
    expect(errorOf(() => decodeCheckpoint(infinite, "m")).message).toMatch(
      /"chains" is not finite/,
    );
  });
});
