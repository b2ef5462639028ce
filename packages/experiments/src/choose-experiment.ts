// An experiment as somebody asks for it by words, with every refusal before anything is computed or written.
import { LangevinError } from "@neural-langevin/core";
import { type DataSet, isImageSet, requireLabels, shapeOf } from "@neural-langevin/datasets";
import { readShard, type Shard } from "@neural-langevin/runs";
import type { Experiment, Scale } from "./experiment.js";
import { experiments } from "./experiments.js";
import { givenSettings, requireTrainings } from "./given-settings.js";
import { type LoadedExperiment, loadExperiment } from "./load-experiment.js";
import { type ImagePlaces, namedImages, wholeImageName, withFashion } from "./named-images.js";
import { requireParts } from "./run-experiment.js";

/** What is asked for. */
export interface ExperimentChoice {
  /** Its size. */
  readonly scale: Scale;
  /** Folder of Fashion-MNIST, for an experiment that takes it. */
  readonly fashion?: string | undefined;
  /** Images in place of MNIST. */
  readonly data?: string | undefined;
  /** Settings in place of those of the scale; see `givenSettings`. */
  readonly set?: Readonly<Record<string, string>> | undefined;
  /** A share of the parts, as `readShard` takes it; true for the one that a job array says. */
  readonly shard?: string | true | undefined;
}

/** What `runExperiment` and `runExperimentShard` take of it. */
export interface ChosenExperiment extends LoadedExperiment {
  /** Its size. */
  readonly scale: Scale;
  /** Those of the scale, with what was given in their place. */
  readonly settings: object;
  /** What was given in place of the scale's settings; undefined where nothing was. */
  readonly given: Readonly<Record<string, string>> | undefined;
  /** The share of its parts that is computed; undefined for all of them. */
  readonly shard: Shard | undefined;
}

/**
 * The experiment of a name, as `loadExperiment`, with what is asked for in place of its scale's settings.
 *
 * @param places where MNIST and Fashion-MNIST are, and who follows and stops the reading
 * @throws invalid-value, for no name; unsupported, for a shard of an experiment without parts; what `loadExperiment`,
 *   `givenSettings`, `readShard` and the readers of data throw (wrong-length, not-finite, not-found, bad-file,
 *   unavailable, aborted)
 */
export async function chooseExperiment(
  name: string | undefined,
  { scale, fashion, data, set, shard: share }: ExperimentChoice,
  places: ImagePlaces = {},
): Promise<ChosenExperiment> {
  if (name === undefined) {
    throw new LangevinError(
      "invalid-value",
      "Name an experiment.",
      `Choose one of ${experiments.map((one) => one.name).join(", ")}, or list them with --list.`,
    );
  }
  const loaded = await loadExperiment(name);
  const shard = share === undefined ? undefined : shardOf(share);
  if (shard) requireParts(loaded.experiment);
  const { scales } = loaded.experiment;
  const { signal, onProgress } = places;
  const work = { signal, onProgress };
  const base =
    fashion === undefined
      ? scales[scale]
      : await withFashion(loaded.experiment, scale, fashion, work);
  const source = data ?? set?.data;
  const given = { ...set, ...(source !== undefined && { data: wholeImageName(source) }) };
  const settings = givenSettings(
    { ...loaded.experiment, scales: { ...scales, [scale]: base } },
    scale,
    given,
  );
  const isGiven = Object.keys(given).length > 0;
  if (isGiven) {
    const requireFit = (set: DataSet) => requireKind(loaded.experiment, set);
    await requireTrainings(settings, namedImages(places), requireFit, work);
  }
  return { ...loaded, scale, settings, given: isGiven ? given : undefined, shard };
}

/** Refuses data that are not images, or have no labels, where the experiment needs them. */
function requireKind(
  { name, takesNumbers = false, needsLabels = false }: Experiment,
  set: DataSet,
): void {
  if (needsLabels) requireLabels(set, `for ${name}, which tells samples apart by them`);
  if (takesNumbers || isImageSet(set)) return;
  const others = experiments.filter((one) => one.takesNumbers).map((one) => one.name);
  throw new LangevinError(
    "unsupported",
    `${name} measures images, and ${set.source} holds samples of ${shapeOf(set).join(" × ")} numbers.`,
    `The experiments ${others.slice(0, -1).join(", ")} and ${others.at(-1)} learn any numbers, and so may one of your own.`,
  );
}

function shardOf(share: string | true): Shard {
  const shard = readShard(share === true ? undefined : share);
  if (shard) return shard;
  throw new LangevinError(
    "invalid-value",
    "A shard is wanted, but this process is not a task of a job array.",
    "Give --shard i/n.",
  );
}
