// Events byte for byte as TensorBoard 2.21 writes them with its own protocol buffers and record writer.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { type EventValue, encodeEvent, encodeEventsStart } from "../src/index.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const written = (step: number, time: number, ...values: EventValue[]) =>
  hex(encodeEvent({ time, step, values }));

const version = "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c";
const start = "100000000000000095fbfe1809000000000000f83f10ac023a020801713b788a";
const scalars =
  "31000000000000009d8383e909643b47c200c2da41108580808080202a1f0a130a0c68656c642d6f75742f415f54150000203f0a080a016115000040c02669c4bb";
const constant =
  "5b000000000000001b01028a0900000000000000402a500a4e0a09636f75706c696e67732a41090000000000000040110000000000000040190000000000000840210000000000001840290000000000002840320800000000000000403a0800000000000008407bdd23cd";
/** Samples −1, 0, 1, 1.5 and 3 in 64 buckets of width 1/16. */
const histogramSha256 = "a02474ea78946cc12e9b1101bede468347473ede8cf528bf3306bb77f94194be";

it("begins with the version of events and the step from which it counts", () => {
  expect(hex(encodeEventsStart(1.5, 300))).toBe(version + start);
});

it("has scalars, with steps beyond 32 bits", () => {
  const values = [
    { tag: "held-out/A_T", scalar: 0.625 },
    { tag: "a", scalar: -3 },
  ];
  expect(written(2 ** 40 + 5, 1795687177.113, ...values)).toBe(scalars);
});

it("has images", () => {
  const png = Uint8Array.from({ length: 200 }, (_, at) => at);
  const image = written(7, 2, { tag: "chains", png, width: 3, height: 200 });
  expect(image.startsWith("ee00000000000000c7a7fb8f09000000000000004010072ae001")).toBe(true);
  expect(image.endsWith(`${hex(png)}f0c7402d`)).toBe(true);
  expect(image).toHaveLength(2 * (238 + 16));
});

it("has histograms, whose buckets hold every sample once", () => {
  const samples = Float32Array.of(-1, 0, 1, 1.5, 3);
  const event = encodeEvent({ step: 0, time: 2, values: [{ tag: "couplings", samples }] });
  expect(createHash("sha256").update(event).digest("hex")).toBe(histogramSha256);
  const equal = { tag: "couplings", samples: Float32Array.of(2, 2, 2) };
  expect(written(0, 2, equal)).toBe(constant);
});
