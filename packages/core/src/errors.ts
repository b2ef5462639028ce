// Every failure that a caller may want to handle has a stable code, a sentence that names the value at
// fault, and, where there is one, the remedy.

/** The closed set of failure codes that the packages of this project throw. */
export type ErrorCode =
  | "invalid-value" // an argument outside its domain
  | "wrong-length" // an array whose length does not fit its shape
  | "not-finite" // NaN or infinity where a state or parameter is expected
  | "closed" // a session or backend used after close()
  | "diverged" // the dynamics or the training left the range that data and temperature allow
  | "aborted" // cancelled by its AbortSignal
  | "unavailable" // something this machine lacks: a device, a feature, an optional package
  | "unsupported" // beyond what this backend or file reader can do
  | "device-failed" // a worker or device stopped while it was computing
  | "device-lost" // a graphics device that the system took away; a session opened anew goes on
  | "not-found" // a file or folder that does not exist
  | "bad-file" // a file whose content is not what its format promises
  | "exists" // something that would be overwritten
  | "in-use"; // something that another process is writing

/** The same in every copy of this package, unlike the class, so that errors of another copy are recognised. */
const brand: unique symbol = Symbol.for("neural-langevin.error") as never;

/** Characters that a reader does not see, or that change what stands around them; line feeds are left. */
const unseen = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** A text in which every such character is its number, such as \x1b: it may come out of a file that was damaged. */
const readable = (text: string): string =>
  text.replace(unseen, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });

/**
 * The one error class of this project.
 *
 * `message` is a whole sentence about what was wrong; `remedy`, where there is one, is a whole
 * sentence about what to do. In both, control characters, as damaged files have them, are written as numbers
 * (`\x1b`), except line feeds. `code` never changes its meaning between releases. Recognise one with
 * `isLangevinError`, because two installed copies of this package have two classes.
 */
export class LangevinError extends Error {
  /** Always "LangevinError", whatever class the error has. */
  override readonly name = "LangevinError";
  /** What kind of failure it is, for programs. */
  readonly code: ErrorCode;
  /** What to do, as a whole sentence; undefined where nobody can say. */
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, remedy?: string, options?: { cause?: unknown }) {
    super(readable(message), options);
    this.code = code;
    this.remedy = remedy && readable(remedy);
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an error of this project, of any copy of this package, and of this code where one is named. */
export function isLangevinError(value: unknown, code?: ErrorCode): value is LangevinError {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { [brand]?: unknown })[brand] === true &&
    (code === undefined || (value as LangevinError).code === code)
  );
}

/** What stops long work, such as an AbortSignal. */
export interface StopSignal {
  /** Whether the work is to stop. */
  readonly aborted: boolean;
}
