#!/usr/bin/env node
// The executable `nlm`.
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
// Where few files may be open, Node does not find those of the program, and says that they are missing.
const modules = await Promise.all([import("./program.js"), import("./versions.js")]).catch(
  (cause) => {
    const message = `The program's own files cannot be read: ${cause.message.split("\n")[0].replace(/\.$/, "")}.`;
    const remedy = "Let more files be open (ulimit -n 256), or install it anew.";
    const error = { code: "unavailable", message, remedy };
    if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error })}\n`);
    process.stderr.write(`nlm: ${message} ${remedy}\n`);
  },
);
if (!modules) process.exit(2);
const [{ run }, { ownName }] = modules;
// npm runs scripts in the folder of their package; paths count from where the user stands.
if (ownName() !== "nlm" && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);

const status = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
});
process.exitCode = status === 130 && stopped !== undefined ? stopped : status || process.exitCode;
