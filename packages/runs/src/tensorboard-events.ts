// Events as TensorBoard reads them: records with masked CRC-32C (TFRecord), each a protocol buffer `Event` of scalars,
// images and histograms. Written here, because no library for Node writes them.
import { concatenate } from "@neural-langevin/core/backend";

/** A value of an event; the tag names it, with a group before a slash, as in `held-out/A_T`. */
export type EventValue =
  | { readonly tag: string; readonly scalar: number }
  | {
      readonly tag: string;
      /** The bytes of a grey PNG file. */
      readonly png: Uint8Array;
      readonly width: number;
      readonly height: number;
    }
  | {
      readonly tag: string;
      /** At least one finite number, whose histogram is written. */
      readonly samples: Float32Array;
    };

/** What was measured at an update. */
export interface TrainingEvent {
  /** Unix time in seconds. */
  readonly time: number;
  /** The update. */
  readonly step: number;
  /** What was measured, by tags. */
  readonly values: readonly EventValue[];
}

/**
 * The beginning of a file whose events have steps of at least `step`. Readers of the folder forget what earlier files say
 * of these steps, as of a training that was stopped and went on.
 */
export function encodeEventsStart(time: number, step: number): Uint8Array {
  const version = concatenated([double(1, time), bytes(3, text("brain.Event:2"))]);
  // SessionLog { status: START }
  const session = concatenated([double(1, time), integer(2, step), bytes(7, integer(1, 1))]);
  return concatenated([record(version), record(session)]);
}

/** An event as a record, to be appended to a file. */
export function encodeEvent({ time, step, values }: TrainingEvent): Uint8Array {
  const summary = concatenated(values.map((value) => bytes(1, encodeValue(value))));
  return record(concatenated([double(1, time), integer(2, step), bytes(5, summary)]));
}

function encodeValue(value: EventValue): Uint8Array {
  const tag = bytes(1, text(value.tag));
  if ("scalar" in value) return concatenated([tag, float(2, value.scalar)]);
  if ("samples" in value) return concatenated([tag, bytes(5, encodeHistogram(value.samples))]);
  const { width, height, png } = value;
  // Colour space 1 is grey.
  const image = [integer(1, height), integer(2, width), integer(3, 1), bytes(4, png)];
  return concatenated([tag, bytes(4, concatenated(image))]);
}

const BUCKETS = 64;

/** Counts in 64 buckets of one width from the least to the largest sample; one bucket where all are equal. */
function encodeHistogram(samples: Float32Array): Uint8Array {
  let [least, most, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const sample of samples) {
    least = Math.min(least, sample);
    most = Math.max(most, sample);
    sum += sample;
    squares += sample * sample;
  }
  const buckets = most > least ? BUCKETS : 1;
  const scale = most > least ? buckets / (most - least) : 0;
  const counts = new Float64Array(buckets);
  for (const sample of samples) {
    counts[Math.min(buckets - 1, Math.floor((sample - least) * scale))]! += 1;
  }
  const limits = Float64Array.from(
    counts,
    (_, at) => least + ((at + 1) / buckets) * (most - least),
  );
  const numbers = [least, most, samples.length, sum, squares];
  return concatenated([
    ...numbers.map((value, at) => double(at + 1, value)),
    bytes(6, doubles(limits)),
    bytes(7, doubles(counts)),
  ]);
}

// Fields of protocol buffers: a key of the field's number and its wire type, then the value.

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH_AND_BYTES = 2;
const FOUR_BYTES = 5;

/** A whole number of at least 0, seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const result: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) result.push((rest % 128) | 128);
  return [...result, rest];
}

const key = (field: number, type: number): number[] => varint(field * 8 + type);

/** A field without a value is 0. */
const integer = (field: number, value: number): Uint8Array =>
  value === 0 ? new Uint8Array(0) : Uint8Array.from([...key(field, VARINT), ...varint(value)]);

function double(field: number, value: number): Uint8Array {
  return concatenated([Uint8Array.from(key(field, EIGHT_BYTES)), doubles([value])]);
}

function float(field: number, value: number): Uint8Array {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setFloat32(0, value, true);
  return concatenated([Uint8Array.from(key(field, FOUR_BYTES)), content]);
}

const bytes = (field: number, content: Uint8Array): Uint8Array =>
  concatenated([
    Uint8Array.from([...key(field, LENGTH_AND_BYTES), ...varint(content.length)]),
    content,
  ]);

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function doubles(values: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(8 * values.length);
  const view = new DataView(result.buffer);
  for (let at = 0; at < values.length; at++) view.setFloat64(8 * at, values[at]!, true);
  return result;
}

const concatenated = (parts: readonly Uint8Array[]): Uint8Array => concatenate(Uint8Array, parts);

/** TFRecord: the length as uint64, its checksum, the content, its checksum. */
function record(content: Uint8Array): Uint8Array {
  const result = new Uint8Array(16 + content.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, content.length, true);
  view.setUint32(8, maskedChecksum(result.subarray(0, 8)), true);
  result.set(content, 12);
  view.setUint32(12 + content.length, maskedChecksum(content), true);
  return result;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f6_3b78 : rest >>> 1;
  return rest;
});

/** CRC-32C (Castagnoli), turned by 15 bits and moved by a constant, as checksums that are themselves checked should be. */
function maskedChecksum(content: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of content) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  sum = ~sum >>> 0;
  return (((sum >>> 15) | (sum << 17)) + 0xa282_ead8) >>> 0;
}
