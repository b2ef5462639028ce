// docs/reliability.md: what was put through what, and what came of it. Each section says of which commit it is, so that
// one can be renewed without the others.

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

${result.made}

Work is killed by SIGKILL at random moments and gone on with until it ends. What it leaves is compared, bit for bit, with
what an uninterrupted run of it leaves: every checkpoint, every row of metrics, every array, and the names of all files.

${table([
  ["work", "kills"],
  ...Object.entries(result.kills).map(([name, count]) => [`\`${name}\``, whole(count)]),
])}

Failures: ${failed(result)}.
`,
  faults: (result) => `## A disk that fails

${result.made}

A library that is loaded before the C library (\`failing-calls.c\`) counts the calls by which a save changes its folder:
open, write, fsync, rename, link, mkdir, unlink, rmdir. Each of the ${whole(result.calls)} calls of six saves (a run that begins, updates with
their checkpoint, a return to an earlier checkpoint, a run in the place of another, a machine over another, a stage of an
experiment) fails by ENOSPC from there on after half a write, by EIO, by EINVAL, is done by half, and is the last thing
that its process does. The folder then holds the old or the new and never a mixture, the save says so in a sentence, and
it can be done again.

Cases, chosen by the seed: ${whole(result.cases)} of ${whole(result.all)}. Failures: ${failed(result)}.
`,
  fuzz: (result) => `## Damaged files

${result.made}

[fast-check](https://fast-check.dev) damages sound files: bytes, bits, sizes, numbers in text, pieces that are cut, repeated
or moved; half of the time checksums are made good again, or the damage is within a sound archive. A reader refuses a file
by a \`LangevinError\` or reads it, within 1 s, and takes no more than 100 MB or 8 times the file. Tables
are read from their bytes as they are from text.

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

${result.made}

Eight processes want to write one run at once, in every other round one with the lock of a process that was killed. One
writes, seven are refused by \`in-use\`, and all that is in the run comes from the one.

Rounds: ${whole(result.rounds)}. Failures: ${failed(result)}.
`,
  soak: (result) =>
    result.first
      ? `## Long use

${result.made}

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

Memory is read when garbage was collected. In between, V8 lets its heap grow, and the process with it, by up to 60 MB. The C
library has one heap for all threads (\`MALLOC_ARENA_MAX=1\`). Where the machine has no graphics card, WebGPU and WebGL run in
software.

Failures: ${failed(result)}.
`
      : `## Long use

${result.made}

Failures: ${failed(result)}.
`,
};

/** The sections of results by the name of their trial; `made` says how and of what they were made. */
export const sectionsOf = (results) =>
  Object.entries(results).map(([name, result]) => sections[name](result));

/** A page with some sections in the place of those with their headings. */
export function renew(page, texts) {
  const [head, ...old] = page.split(/^(?=## )/m);
  const headingOf = (text) => text.split("\n", 1)[0];
  const renewed = new Map(texts.map((text) => [headingOf(text), text]));
  const missing = [...renewed.keys()].find(
    (heading) => !old.some((text) => headingOf(text) === heading),
  );
  if (missing) throw new Error(`docs/reliability.md has no section "${missing}".`);
  const kept = old.map((text) => (renewed.get(headingOf(text)) ?? text).trimEnd());
  return `${[head.trimEnd(), ...kept].join("\n\n")}\n`;
}
