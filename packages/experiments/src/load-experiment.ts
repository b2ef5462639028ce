// An experiment of one's own from a file or a package.
import { existsSync } from "node:fs";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { findModule, importModule } from "@neural-langevin/runs/node";
import { defineExperiment, type ExperimentDefinition } from "./define-experiment.js";
import type { Experiment } from "./experiment.js";
import { experiments } from "./experiments.js";

/** An experiment, and where it comes from. */
export interface LoadedExperiment {
  /** What `runExperiment` takes. */
  readonly experiment: Experiment;
  /** The absolute path of its file, or the name of its package; undefined for one that comes with this package. */
  readonly module: string | undefined;
}

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
  const found = findModule(name, folder);
  if (!found) {
    throw new LangevinError(
      "invalid-value",
      `There is no experiment "${name}", and no package of that name.`,
      `Choose one of ${experiments.map((one) => one.name).join(", ")}, or name a file such as ./my-experiment.js.`,
    );
  }
  const { file } = found;
  if (!existsSync(file)) {
    throw new LangevinError(
      "not-found",
      `There is no file ${file}.`,
      "Name a module that exports an experiment.",
    );
  }
  const loaded = await importModule(file, name);
  try {
    const experiment = defineExperiment(loaded.default as ExperimentDefinition<object, unknown>);
    return { experiment, module: found.name };
  } catch (error) {
    if (!isLangevinError(error)) throw error;
    throw new LangevinError(
      "bad-file",
      `The default export of ${name} is not an experiment. ${error.message}`,
      "Make it with defineExperiment of @neural-langevin/experiments.",
    );
  }
}
