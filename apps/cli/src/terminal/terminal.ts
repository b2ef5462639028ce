// What a command may do with its surroundings: print for people on stderr, give its result on stdout, and notice
// Ctrl-C. Commands get it as an argument, so that tests can run them inside one process.

/** The streams and signal that a run of the program has. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  readonly interrupted: AbortSignal;
}

/** The surroundings of a command. */
export interface Terminal {
  /** Whether results are wanted as one JSON object. */
  readonly json: boolean;
  /** Whether stderr is a terminal, where lines can be redrawn. */
  readonly interactive: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Prints a line for people. */
  print(line?: string): void;
  /** Shows a line that the next line of either kind replaces; only where `interactive`. */
  showStatus(line: string): void;
  /** Gives the result, once: `human` for people, or `value` as JSON. */
  result(value: unknown, human: string): void;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
}

const CLEAR_LINE = "\r\u001b[K";

/** The terminal of a run of the program. */
export function openTerminal({ stdout, stderr, interrupted }: Streams, json: boolean): Terminal {
  let status = false;
  const clearStatus = () => {
    if (status) stderr.write(CLEAR_LINE);
    status = false;
  };
  return {
    json,
    interactive: stderr.isTTY === true,
    columns: stderr.columns ?? 80,
    print(line = "") {
      clearStatus();
      stderr.write(`${line}\n`);
    },
    showStatus(line) {
      status = true;
      stderr.write(`${CLEAR_LINE}${line}`);
    },
    result(value, human) {
      clearStatus();
      stdout.write(json ? `${JSON.stringify(value)}\n` : `${human}\n`);
    },
    interrupted,
  };
}
