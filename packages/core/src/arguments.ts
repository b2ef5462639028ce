// Refusals of bad arguments, in one wording for all packages. Each names the argument and the value.
import { LangevinError, type StopSignal } from "./errors.js";

/** A value as an error message shows it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) {
    return value.constructor?.name === "Object" ? "an object" : `a ${value.constructor?.name}`;
  }
  return typeof value === "function" ? "a function" : String(value);
}

const invalid = (name: string, wanted: string, value: unknown): LangevinError =>
  new LangevinError("invalid-value", `${name} must be ${wanted}, not ${shown(value)}.`);

/** Throws `invalid-value` unless `value` is an object with named fields. */
export function requireObject(name: string, value: unknown): void {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (typeof value !== "object" || value === null || isList) {
    throw invalid(name, "an object", value);
  }
}

/** Throws `invalid-value` unless `value` is a function. */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw invalid(name, "a function", value);
}

/** Throws `invalid-value` unless `value` is one of `names`. */
export function requireOneOf(name: string, value: unknown, names: readonly string[]): void {
  if (names.includes(value as string)) return;
  throw invalid(name, `one of ${names.map((one) => `"${one}"`).join(", ")}`, value);
}

/** Throws `invalid-value` unless `value` is an integer of at least `least`. */
export function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalid(name, `a whole number of at least ${least}`, value);
  }
}

/** Throws `invalid-value` unless `value` is a finite number greater than zero. */
export function requirePositive(name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw invalid(name, "a positive number", value);
}

/** Throws `invalid-value` unless `value` is a finite number of at least zero. */
export function requireNonNegative(name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) throw invalid(name, "zero or positive", value);
}

/** Throws `invalid-value` unless `value` is a number in [0, 1). */
export function requireShare(name: string, value: number): void {
  if (typeof value !== "number" || !(value >= 0 && value < 1)) {
    throw new LangevinError("invalid-value", `${name} must lie in [0, 1), not ${shown(value)}.`);
  }
}

/** Throws `invalid-value` unless `values` is a list of whole numbers of at least `least`; `isOrdered`: that ascend. */
export function requireIntegers(
  name: string,
  values: readonly number[],
  least: number,
  isOrdered = false,
): void {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    throw invalid(name, "a list of whole numbers", values);
  }
  values.forEach((value, at) => {
    requireInteger(name, value, isOrdered && at > 0 ? values[at - 1]! + 1 : least);
  });
}

/** Throws `invalid-value` unless `signal` can say whether work is to stop. */
export function requireSignal(signal: StopSignal | undefined): void {
  if (signal === undefined) return;
  requireObject("signal", signal);
  // It is not read: a signal may answer differently the next time.
  if (!("aborted" in signal)) throw invalid("signal", "an AbortSignal", signal);
}

/** The typed arrays that arguments are made of. */
type ArrayName = "Float32Array" | "Float64Array" | "Uint8Array" | "Uint32Array";

/**
 * Throws `invalid-value` unless `values` is a typed array of one of these kinds.
 *
 * The kind is asked by name, so that arrays of another realm (a frame, a worker, a test's sandbox) count.
 */
export function requireArray(name: string, values: unknown, kinds: readonly ArrayName[]): void {
  const kind = Object.prototype.toString.call(values).slice(8, -1);
  if (!kinds.includes(kind as ArrayName)) throw invalid(name, `a ${kinds.join(" or ")}`, values);
}

/** Throws `wrong-length` unless `values` has exactly `length` elements. */
export function requireLength(name: string, values: ArrayLike<unknown>, length: number): void {
  if (values.length !== length) {
    throw new LangevinError(
      "wrong-length",
      `${name} must have ${length} values, not ${values.length}.`,
    );
  }
}

/**
 * Whether no value is NaN or infinite. Four sums of 0·x, which is NaN for an infinite x too: large arrays pass through
 * here at every update.
 */
export function areFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let at = 0; at < whole; at += 4) {
    a += 0 * values[at]!;
    b += 0 * values[at + 1]!;
    c += 0 * values[at + 2]!;
    d += 0 * values[at + 3]!;
  }
  for (let at = whole; at < values.length; at++) a += 0 * values[at]!;
  return a + b + c + d === 0;
}

/** Throws `not-finite` when one of `values` is NaN or infinite, and names the first one. */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  if (values instanceof Float32Array && areFinite(values)) return;
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new LangevinError("not-finite", `${name}[${index}] is ${values[index]}.`);
    }
  }
}
