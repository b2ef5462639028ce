// An experiment of one's own from a file or a package.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { defineExperiment, type ExperimentDefinition } from "./define-experiment.js";
import type { Experiment } from "./experiment.js";
import { experiments } from "./experiments.js";

/** An experiment, and where it comes from. */
export interface LoadedExperiment {
  readonly experiment: Experiment;
  /** The absolute path of its file, or the name of its package; undefined for one that comes with this package. */
  readonly module: string | undefined;
}

/** Whether a name is that of a file. */
const isFileName = (name: string): boolean =>
  /^\.{0,2}[/\\]|\.[cm]?[jt]s$/.test(name) || isAbsolute(name);

/**
 * The experiment of a name: one of `experiments`, or the default export of a module, which is a file such as
 * `./my-experiment.js` or a package that is installed beside `folder`.
 *
 * @param folder where relative paths and packages count from; the current one unless given
 * @throws invalid-value, for a name that is none of them; not-found, for a file that is not there; bad-file, for a module
 *   that does not load or exports no experiment
 */
export async function loadExperiment(name: string, folder = "."): Promise<LoadedExperiment> {
  const known = experiments.find((experiment) => experiment.name === name);
  if (known) return { experiment: known, module: undefined };
  const file = isFileName(name) ? resolve(folder, name) : packageFile(name, folder);
  if (file === undefined) {
    throw new LangevinError(
      "invalid-value",
      `There is no experiment "${name}", and no package of that name.`,
      `Choose one of ${experiments.map((one) => one.name).join(", ")}, or name a file such as ./my-experiment.js.`,
    );
  }
  if (!existsSync(file)) {
    throw new LangevinError(
      "not-found",
      `There is no file ${file}.`,
      "Name a module that exports an experiment.",
    );
  }
  const loaded: { default?: unknown } = await import(pathToFileURL(file).href).catch((cause) => {
    if (isLangevinError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LangevinError(
      "bad-file",
      `${name} does not load: ${reason}`,
      `Make \`node ${file}\` run without an error first.`,
      { cause },
    );
  });
  try {
    const experiment = defineExperiment(loaded.default as ExperimentDefinition<object, unknown>);
    return { experiment, module: isFileName(name) ? file : name };
  } catch (error) {
    if (!isLangevinError(error)) throw error;
    throw new LangevinError(
      "bad-file",
      `The default export of ${name} is no experiment. ${error.message}`,
      "Make it with defineExperiment of @neural-langevin/experiments.",
    );
  }
}

/** The file of a package; undefined where there is none. */
function packageFile(name: string, folder: string): string | undefined {
  try {
    const file = createRequire(join(resolve(folder), "any.js")).resolve(name);
    // The modules of Node itself have names and no files.
    return isAbsolute(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
