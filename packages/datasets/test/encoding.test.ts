// What an encoding makes of data is what its formula says, and its record brings it back.
import { describe, expect, it } from "vitest";
import {
  decodeStates,
  type Encoding,
  type EncodingKind,
  encodeImages,
  encodeSamples,
  encodingNames,
  encodingOf,
  encodings,
  fitEncoding,
  startWork,
  type VectorSet,
} from "../src/index.js";
import { errorOf } from "./helpers.js";

const vectors = (values: number[], size: number): VectorSet => ({
  count: values.length / size,
  shape: [size],
  values: Float32Array.from(values),
  labels: undefined,
  source: "made up",
});

describe("every encoding", () => {
  const set = vectors([0, 0.25, 1, 0.5, 0.125, 0.75], 2);
  const exact: Record<string, (p: number) => number> = {
    atanh: (p) => Math.atanh(Math.min(Math.max(2 * p - 1, -0.97), 0.97)),
    scale: (p) => 2 * p - 1,
    identity: (p) => p,
  };

  for (const name of encodingNames) {
    it(`${name} is undone by decoding, also when its record was kept as JSON`, () => {
      const encoding = fitEncoding(encodings[name], set);
      const states = encodeImages(set, encoding);
      const { parameters } = encoding;
      const again = encodingOf(JSON.parse(JSON.stringify({ name, parameters })));
      expect(encodeImages(set, again)).toEqual(states);
      for (const one of [encoding, again]) {
        one.decode(states).forEach((value, at) => {
          const clipped = Math.min(Math.max(set.values[at]!, 0.015), 0.985);
          const expected = name === "atanh" ? clipped : set.values[at]!;
          expect(Math.abs(value - expected)).toBeLessThan(1e-6);
        });
      }
      if (!exact[name]) return;
      for (const [at, x] of states.entries()) {
        expect(x).toBeCloseTo(exact[name](set.values[at]!), 6);
      }
    });
  }

  it("atanh is Math.atanh in float32, bit for bit", () => {
    const { encode } = encodings.atanh.of({ clip: [1] });
    const random = Float32Array.from({ length: 300_000 }, (_, at) => {
      return (Math.imul(at + 1, 2654435761) >>> 0) / 2 ** 32;
    });
    // Values near 0.5 and near the ends as well, whose states are tiny and large.
    const tiny = random.map((value) => 0.5 + (value - 0.5) ** 9);
    const large = random.map((value) => 1 - value ** 9);
    for (const values of [random, tiny, large, Float64Array.of(0, 0.5, 1, 0.99, 0.01)]) {
      const expected = Float32Array.from(values, (value) => Math.atanh(2 * value - 1));
      expect(Buffer.from(encode(values).buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });

  it("z-score has mean 0 and deviation 1 in every place, and leaves a constant at 0", () => {
    const data = vectors([1, 1000, 7, 2, 3000, 7, 6, 8000, 7], 3);
    const states = encodeImages(data, fitEncoding(encodings["z-score"], data));
    for (const place of [0, 1]) {
      const column = [0, 1, 2].map((row) => states[3 * row + place]!);
      expect(column.reduce((sum, x) => sum + x)).toBeCloseTo(0, 5);
      expect(column.reduce((sum, x) => sum + x * x, 0) / 3).toBeCloseTo(1, 5);
    }
    expect([states[2], states[5], states[8]]).toEqual([0, 0, 0]);
  });

  it("makes levels and the same numbers as floats the same states", () => {
    const levels = Uint8Array.from({ length: 3 * 256 }, (_, at) => (at * at) % 256);
    const image = { width: 16, height: 16, count: 3, labels: undefined, source: "levels" };
    const grey = Float32Array.from(levels, (level) => level / 255);
    for (const name of encodingNames) {
      const encoding = fitEncoding(encodings[name], { ...image, pixels: levels });
      const ofLevels = encodeImages({ ...image, pixels: levels }, encoding);
      const ofFloats = encodeImages({ ...image, pixels: grey }, encoding);
      for (const [at, x] of ofLevels.entries()) {
        expect(Math.abs(x - ofFloats[at]!)).toBeLessThan(2e-6);
      }
      // Pictures of the states are the images again, but for what the published encoding clips.
      const shown = decodeStates(ofLevels, encoding);
      const [black, white] = encoding.range;
      levels.forEach((level, at) => {
        const expected = (255 * (level / 255 - black)) / (white - black);
        const clip = name === "atanh" ? Math.min(Math.max(expected, 4), 251) : expected;
        expect(Math.abs(shown[at]! - clip)).toBeLessThanOrEqual(0.51);
      });
    }
  });
});

describe("pictures", () => {
  it("show what lies beyond the data as black or white", () => {
    const encoding = fitEncoding(encodings.identity, vectors([-2, 6], 1));
    expect([...decodeStates(Float32Array.of(-9, -2, 2, 6, 100), encoding)]).toEqual([
      0, 0, 128, 255, 255,
    ]);
  });
});

describe("an encoding of a program's own", () => {
  const logarithm: EncodingKind = {
    name: "log",
    takes: "real",
    fit: () => logarithm.of({}),
    of: (): Encoding => ({
      name: "log",
      parameters: {},
      range: [0, 10],
      encode: (values) => Float32Array.from(values, Math.log1p),
      decode: (states) => Float64Array.from(states, Math.expm1),
    }),
  };

  it("encodes, decodes, and is found again by its name", () => {
    const counts = vectors([0, 1, 5, 100], 2);
    const encoding = encodingOf({ name: "log", parameters: {} }, [logarithm]);
    const states = encodeImages(counts, encoding);
    expect(states[3]).toBeCloseTo(Math.log(101), 6);
    expect(encoding.decode(states)[3]).toBeCloseTo(100, 4);
  });

  it("that makes something that is not a number is refused with the place", () => {
    const error = errorOf(() => encodeImages(vectors([0, -1], 2), logarithm.of({})));
    return expect(error).resolves.toMatchObject({ code: "not-finite" });
  });
});

describe("refused", () => {
  it("are numbers that an encoding does not take, unknown names and incomplete records", async () => {
    const outside = await errorOf(() => fitEncoding(encodings.atanh, vectors([0, 1, 0.5, 1.5], 2)));
    expect([outside.code, outside.message, outside.remedy]).toEqual([
      "invalid-value",
      "The encoding atanh takes numbers from 0 to 1, and made up has 1.5 in sample 1 at place 1.",
      "Scale them, or take the encoding z-score or identity.",
    ]);
    const unknown = await errorOf(() => encodingOf({ name: "wavelet", parameters: {} }));
    expect([unknown.code, unknown.remedy]).toEqual([
      "unsupported",
      "Known are atanh, scale, z-score, identity; a program can bring its own.",
    ]);
    for (const parameters of [{}, { mean: [0], deviation: [] }, { mean: [Number.NaN] }]) {
      const error = await errorOf(() => encodingOf({ name: "z-score", parameters }));
      expect(error.message).toMatch(/The encoding z-score needs/);
    }
    const encoding = encodingOf({
      name: "z-score",
      parameters: { mean: [0, 0], deviation: [1, 1], range: [0, 1] },
    });
    expect((await errorOf(() => encodeImages(vectors([1, 2, 3], 3), encoding))).code).toBe(
      "wrong-length",
    );
  });

  it("names encodings that exist", () => {
    const real = Object.values(encodings).filter(({ takes }) => takes === "real");
    expect(real.map(({ name }) => name)).toEqual(["z-score", "identity"]);
  });
});

describe("encoding in pieces", () => {
  const values = Array.from({ length: 300_000 * 3 }, (_, at) => ((at * 7919) % 100_003) / 100_003);
  const large = vectors(values, 3);

  it("gives the bits of one piece, for every encoding", async () => {
    for (const kind of Object.values(encodings)) {
      const encoding = fitEncoding(kind, large);
      const heard: number[] = [];
      const work = { advance: async (done = 0) => void heard.push(done) };
      const states = await encodeSamples(large, encoding, work);
      // Comparing such large arrays element by element takes minutes.
      const hasBits = (others: Float32Array) => Buffer.from(others.buffer).equals(bits);
      const bits = Buffer.from(states.buffer);
      expect(hasBits(encoding.encode(large.values))).toBe(true);
      expect(hasBits(encodeImages(large, encoding))).toBe(true);
      expect(heard.length).toBeGreaterThan(3);
      expect(Math.max(...heard)).toBeLessThan(300_000);
    }
  });

  it("refuses samples of another size than those that it was fitted to", async () => {
    const work = startWork({}, "encoding", 2, "samples");
    const fitted = fitEncoding(encodings["z-score"], large);
    const error = await errorOf(() => encodeSamples(vectors([1, 2, 3, 4, 5, 6], 2), fitted, work));
    expect([error.code, error.message]).toEqual([
      "invalid-value",
      "made up has samples of 2 numbers, but the encoding z-score was fitted to samples of 3.",
    ]);
  });

  it("stops when it is told to", async () => {
    const work = startWork({ signal: { aborted: true } }, "encoding", large.count, "samples");
    const { message } = await errorOf(() => encodeSamples(large, encodings.atanh.fit(), work));
    expect(message).toBe("Encoding was stopped after 0 of 300000 samples.");
  });
});
