// docs/reliability.md: what was put through what, and what came of it.

const whole = (value) => Math.round(value).toLocaleString("en-GB");
const seconds = (value) => (value < 0.1 ? "below 0.1 s" : `${value.toFixed(1)} s`);
const megabytes = (value) => `${(value / 1e6).toFixed(1)} MB`;
const failed = ({ failures }) => (failures.length === 0 ? "none" : whole(failures.length));

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const [head, ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
};

const sections = {
  kills: (result) => `## Kills

Work is killed by SIGKILL at random moments and gone on with until it ends. What it leaves is compared, bit for bit, with
what an uninterrupted run of it leaves: every checkpoint, every row of metrics, every array, and the names of all files.

${table([
  ["work", "kills"],
  ...Object.entries(result.kills).map(([name, count]) => [`\`${name}\``, whole(count)]),
])}

Failures: ${failed(result)}.
`,
  faults: (result) => `## A disk that fails

A library that is loaded before the C library (\`failing-calls.c\`) counts the calls by which a save changes its folder:
open, write, fsync, rename, link, mkdir, unlink, rmdir. Each of the ${whole(result.calls)} calls of six saves (a run that begins, updates with
their checkpoint, a return to an earlier checkpoint, a run in the place of another, a machine over another, a stage of an
experiment) fails by ENOSPC from there on after half a write, by EIO, by EINVAL, is done by half, and is the last thing
that its process does. The folder then holds the old or the new and never a mixture, the save says so in a sentence, and
it can be done again.

Cases, chosen by the seed: ${whole(result.cases)} of ${whole(result.all)}. Failures: ${failed(result)}.
`,
  fuzz: (result) => `## Damaged files

[fast-check](https://fast-check.dev) damages sound files: bytes, bits, sizes, numbers in text, pieces that are cut, repeated
or moved; half of the time checksums are made good again, or the damage is within a sound archive. A reader refuses a file
by a \`LangevinError\` or reads it, within 1 s, and takes no more than 100 MB or 8 times the file.

${table([
  ["reader", "files", "refused", "slowest", "most memory"],
  ...Object.entries(result.readers).map(([name, { cases, refused, slowest, memory }]) => [
    name,
    whole(cases),
    whole(refused),
    seconds(slowest),
    megabytes(memory),
  ]),
])}

Failures: ${failed(result)}.
`,
  writers: (result) => `## Many writers

Eight processes want to write one run at once, in every other round one with the lock of a process that was killed. One
writes, seven are refused by \`in-use\`, and all that is in the run comes from the one.

Rounds: ${whole(result.rounds)}. Failures: ${failed(result)}.
`,
  soak: (result) =>
    result.first
      ? `## Long use

Backends (${result.backends.join("; ")}) are opened, two sessions each train, sample and close, the backends close, and a
run is opened and written: ${whole(result.cycles)} times in ${whole(result.seconds)} s. After a fifth of the time and at its end there were:

${table([
  ["", "after a fifth", "at the end"],
  ...["heap", "buffers", "resident"].map((name) => [
    `memory, ${name}`,
    megabytes(result.first[name]),
    megabytes(result.last[name]),
  ]),
  ...["files", "threads", "handles"].map((name) => [
    name,
    whole(result.first[name]),
    whole(result.last[name]),
  ]),
])}

Memory is read when garbage was collected. In between, V8 lets its heap grow, and the process with it, by up to 60 MB.

Failures: ${failed(result)}.
`
      : `## Long use

Failures: ${failed(result)}.
`,
};

/** The whole page. */
export const reliability = (
  results,
  { processor, system, commit, date, seed, share },
) => `# Reliability

Made by \`npm run torture -- --share ${share}\` on ${date}, of ${commit}, with seed ${seed}, on ${processor}; ${system}. The whole
(\`--share 1\`) are 200 kills, every failure of a disk, 100,000 damaged files for every reader, 200 runs that eight processes
want, and an hour of long use. Continuous integration runs a tenth of it, and 20 s of long use.

${Object.entries(results)
  .map(([name, result]) => sections[name](result))
  .join("\n")}
## Sanitizers

AddressSanitizer and UndefinedBehaviorSanitizer run over the native kernels in the tests of
\`packages/backend-cpu\` (\`test/sanitize.test.ts\`): of every instruction set that the processor has, on every number of
units and chains from 1 to 130. In those of \`packages/analysis\` they run over the kernel of the nearest-neighbour search.
`;
