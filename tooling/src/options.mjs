// Options of the programs of this repository: what is wrong with them is one sentence, before anything is done.
import { parseArgs } from "node:util";

/** Says what is wrong with a command and ends the program. */
export function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

/**
 * Options and positionals as `parseArgs` gives them. `--help` prints the usage and ends the program; so does, on stderr, an
 * option that there is not.
 */
export function readOptions(usage, options, { allowPositionals = false } = {}) {
  const all = { ...options, help: { type: "boolean", default: false } };
  let read;
  try {
    read = parseArgs({ options: all, allowPositionals });
  } catch (error) {
    refuse(`${error.message.replace(/\.?$/, ".")}\n\n${usage.trimEnd()}`);
  }
  if (!read.values.help) return read;
  process.stdout.write(usage);
  process.exit(0);
}

/** The value of an option that must be a positive number. */
export function positive(options, name) {
  const value = Number(options[name]);
  return value > 0 ? value : refuse(`--${name} takes a positive number, not ${options[name]}.`);
}

/** The words of an option that takes some of several, with commas. */
export function someOf(options, name, known) {
  const words = options[name].split(",");
  const strange = words.find((word) => !known.includes(word));
  if (strange === undefined) return words;
  return refuse(`--${name} takes some of ${known.join(", ")}, with commas, not "${strange}".`);
}
