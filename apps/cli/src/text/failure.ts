// How a failure is said: for people, and as the one JSON object that programs read.
import type { Terminal } from "../terminal/terminal.js";
import { wrapText } from "./format.js";

/** What is written on each stream about a LangevinError, or about a failure of the command line's own. */
export function describeFailure(
  { json, columns }: Pick<Terminal, "json" | "columns">,
  { code, message, remedy }: { code: string; message: string; remedy?: string | undefined },
): { readonly stdout: string; readonly stderr: string } {
  const paragraph = ["nlm:", message, remedy].filter(Boolean).join(" ");
  return {
    stdout: json ? `${JSON.stringify({ error: { code, message, remedy } })}\n` : "",
    stderr: `${wrapText(paragraph, Math.min(columns, 100))}\n`,
  };
}
