// An experiment of one's own, from the few parts that it needs.
import { LangevinError } from "@neural-langevin/core";
import type { TrainingSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "./context.js";
import type { Experiment, Figure, Finding, Operations, Scale, Table } from "./experiment.js";
import { trainingsIn } from "./given-settings.js";
import { trainingOperations } from "./operations.js";

/** What makes an experiment; everything but the first four parts may be left out. */
export interface ExperimentDefinition<Settings extends object, Result> {
  /** Lower-case letters, digits and hyphens; folders are called by it. */
  readonly name: string;
  /** What it shows, in one line without a full stop. */
  readonly description: string;
  /**
   * Settings at up to three sizes; a larger one that is missing is the one before it. `training` and `trainings` are
   * settings of trainings, and `--data` and `--set` reach them by these names.
   */
  readonly scales: { readonly quick: Settings } & Readonly<Partial<Record<Scale, Settings>>>;
  /** Computes the result, by stages of the context; see `Experiment`. */
  measure(context: ExperimentContext, settings: Settings): Promise<Result>;
  /** The setting whose values are independent parts; see `Experiment`. */
  readonly parts?: Extract<keyof Settings, string>;
  /** Settings of trainings that nobody else gives; see `Experiment`. */
  readonly chooses?: readonly (keyof TrainingSettings)[];
  /** Whether it also takes data that are no images, which `context.numbers` gives; false unless given. */
  readonly takesNumbers?: boolean;
  /** Whether its data must have labels; false unless given. */
  readonly needsLabels?: boolean;
  /** An estimate of the work; that of its trainings unless given. */
  operations?(settings: Settings): Operations;
  /** Numbers of the report; none unless given. */
  tables?(result: Result): readonly Table[];
  /** Drawings of the report; none unless given. */
  figures?(result: Result): readonly Figure[];
  /** What was found; without `paper` and `verdict` it is something that the paper does not claim. */
  findings?(result: Result): readonly (Pick<Finding, "found"> & Partial<Finding>)[];
}

/**
 * Makes an experiment. A module whose default export is one runs as `nlm experiment ./my-experiment.js`.
 *
 * @throws invalid-value, naming what is missing or has another kind
 */
export function defineExperiment<Settings extends object, Result>(
  definition: ExperimentDefinition<Settings, Result>,
): Experiment<Settings, Result> {
  const { name, description, scales, parts, chooses, takesNumbers, needsLabels } =
    requireDefinition(definition);
  const { quick, half = quick, paper = half } = scales;
  if (parts !== undefined && ![quick, half, paper].every((one) => Array.isArray(one[parts]))) {
    throw wrong(`parts names ${parts}, which is not a list at every scale`);
  }
  return {
    name,
    description,
    scales: { quick, half, paper },
    parts,
    chooses,
    takesNumbers,
    needsLabels,
    measure: (context, settings) => definition.measure(context, settings),
    operations: (settings) =>
      definition.operations?.(settings) ?? {
        backend: trainingsIn(settings).reduce((sum, one) => sum + trainingOperations(one), 0),
        host: 0,
      },
    tables: (result) => definition.tables?.(result) ?? [],
    figures: (result) => definition.figures?.(result) ?? [],
    findings: (result) =>
      (definition.findings?.(result) ?? []).map((finding) => ({
        paper: "",
        verdict: "not-claimed",
        ...finding,
      })),
  };
}

/** Refuses what is not a definition, as a module without types may export. */
function requireDefinition<Settings extends object, Result>(
  definition: ExperimentDefinition<Settings, Result>,
): ExperimentDefinition<Settings, Result> {
  if (typeof definition !== "object" || definition === null) throw wrong("it is not an object");
  const { name, description, scales, measure } = definition;
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw wrong(`name takes lower-case letters, digits and hyphens, not ${JSON.stringify(name)}`);
  }
  if (typeof description !== "string" || description === "") throw wrong("description is missing");
  if (typeof scales?.quick !== "object" || scales.quick === null) {
    throw wrong("scales.quick is missing");
  }
  if (typeof measure !== "function") throw wrong("measure is not a function");
  for (const part of ["operations", "tables", "figures", "findings"] as const) {
    if (definition[part] !== undefined && typeof definition[part] !== "function") {
      throw wrong(`${part} is not a function`);
    }
  }
  return definition;
}

const wrong = (why: string) =>
  new LangevinError(
    "invalid-value",
    `This is not an experiment: ${why}.`,
    "An experiment has a name, a description, scales with quick, and measure.",
  );
