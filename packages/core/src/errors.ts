// Every failure that a caller may want to handle has a stable code, a sentence that names the value at
// fault, and, where there is one, the remedy.

/** The closed set of failure codes that the packages of this project throw. */
export type ErrorCode =
  | "invalid-value" // an argument outside its domain
  | "wrong-length" // an array whose length does not fit its shape
  | "not-finite" // NaN or infinity where a state or parameter is expected
  | "closed" // a session or backend used after close()
  | "diverged" // the dynamics or the training left the finite numbers
  | "aborted" // cancelled by its AbortSignal
  | "unavailable" // something this machine lacks: a device, a feature, an optional package
  | "unsupported" // beyond what this backend or file reader can do
  | "device-failed" // a worker or device stopped while it was computing
  | "device-lost" // a graphics device that the system took away; a session opened anew goes on
  | "not-found" // a file or folder that does not exist
  | "bad-file" // a file whose content is not what its format promises
  | "exists"; // something that would be overwritten

/**
 * The one error class of this project.
 *
 * `message` is a whole sentence about what was wrong; `remedy`, where there is one, is a whole
 * sentence about what to do. `code` never changes its meaning between releases.
 */
export class LangevinError extends Error {
  override readonly name = "LangevinError";
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, remedy?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

/** Throws `invalid-value` unless `value` is an integer of at least `least`. */
export function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new LangevinError(
      "invalid-value",
      `${name} must be a whole number of at least ${least}, not ${value}.`,
    );
  }
}

/** Throws `invalid-value` unless `value` is a finite number greater than zero. */
export function requirePositive(name: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) {
    throw new LangevinError("invalid-value", `${name} must be a positive number, not ${value}.`);
  }
}

/** Throws `invalid-value` unless `value` is a finite number of at least zero. */
export function requireNonNegative(name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) {
    throw new LangevinError("invalid-value", `${name} must be zero or positive, not ${value}.`);
  }
}

/** Throws `wrong-length` unless `values` has exactly `length` elements. */
export function requireLength(name: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) {
    throw new LangevinError(
      "wrong-length",
      `${name} must have ${length} values, not ${values.length}.`,
    );
  }
}

/** Throws `not-finite` when one of `values` is NaN or infinite, and names the first one. */
export function requireFinite(name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new LangevinError("not-finite", `${name}[${index}] is ${values[index]}.`);
    }
  }
}
