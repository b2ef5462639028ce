#!/usr/bin/env node
// The executable `nlm`.
import { run } from "./program.js";
import { ownName } from "./versions.js";

const interruption = new AbortController();
// The exit statuses of signals, as shells number them.
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
let stopped: number | undefined;
for (const [signal, status] of Object.entries(signals)) {
  process.on(signal, () => {
    // The first one stops in good order; the second one at once.
    if (interruption.signal.aborted) process.exit(status);
    stopped = status;
    interruption.abort();
  });
}
// Nobody need read what is printed: a reader that leaves early, such as `head`, and a terminal that is gone end no work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO" || stream === process.stderr) return;
    process.exitCode = 1;
    process.stderr.write(`nlm: The result cannot be written: ${error.message}.\n`);
  });
}
// npm runs scripts in the folder of their package; paths count from where the user stands.
if (ownName() !== "nlm" && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

const status = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
});
process.exitCode = status === 130 && stopped !== undefined ? stopped : status || process.exitCode;
