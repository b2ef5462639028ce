#!/usr/bin/env node
// The executable `nlm`.
import { run } from "./program.js";

const interruption = new AbortController();
process.on("SIGINT", () => {
  // The first Ctrl-C stops in good order; the second one at once.
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort();
});
// A reader that closes its end early, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
});
