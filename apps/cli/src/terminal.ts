// What a command may do with its surroundings: say things to people on stderr, give results on stdout,
// and notice Ctrl-C. Commands get it as an argument, so that tests can run them inside one process.

/** The surroundings of a command. */
export interface Terminal {
  /** Whether results are wanted as one JSON object. */
  readonly json: boolean;
  /** Whether stderr is a terminal that can be redrawn. */
  readonly interactive: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** A line for people. */
  say(line?: string): void;
  /** A piece of text for the terminal, as it is. */
  draw(text: string): void;
  /** The result, once: `human` for people, or `value` as JSON. */
  result(value: unknown, human: string): void;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** Breaks a paragraph into lines of at most `width` characters. */
export function wrap(paragraph: string, width: number): string {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1)!;
    if (line && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join("\n");
}

/** A duration as m:ss or h:mm:ss. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${pad(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

/** A number for people: three significant digits, thousands in groups. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) < 0.01 || Math.abs(value) >= 1e6)) {
    return value.toExponential(2);
  }
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-GB")
    : String(Number(value.toPrecision(3)));
}

/** How this program is called here: by its own name, or through the clone's npm script. */
export const ownName = (): string =>
  process.env.npm_lifecycle_script?.includes("apps/cli/dist/main.js") ? "npm run nlm --" : "nlm";
