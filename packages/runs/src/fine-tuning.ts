// A training that begins with the couplings and bias of a machine: what of the machine it takes over, and what of its data
// has to fit.
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import {
  type DataSet,
  type Encoding,
  encodingOf,
  kindsOfLabel,
  recordOf,
  shapeOf,
} from "@neural-langevin/datasets";
import type { LoadedNetwork } from "./load-network.js";
import type { Checkpoint, StoredNetwork } from "./machine-file.js";
import type { BegunFrom } from "./provenance.js";
import type { GivenSettings, TrainingSettings } from "./settings.js";
import { requireImagesOf, sha256, type TrainingData } from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** What the manifest of a run says of the machine that it began with; a name such as zoo:ten-digits is no path. */
export async function begunFrom({ file, sha256: known }: LoadedNetwork): Promise<BegunFrom> {
  const isPath = (await stat(file).catch(() => undefined)) !== undefined;
  return {
    file: isPath ? resolve(file) : file,
    sha256: known ?? (await sha256(await readWhole(file))),
  };
}

/** What a training that begins with a machine takes from it unless told otherwise. */
export const settingsOfMachine = ({ network, settings }: LoadedNetwork): GivenSettings => ({
  encoding: settings.encoding,
  "label-units": network.labelUnits?.copies,
  "label-kinds": network.labelUnits?.kinds?.count,
});

/**
 * How numbers become states of a machine, which a training that begins with it keeps.
 *
 * @returns undefined where the machine does not say
 * @throws invalid-value, for settings that name another encoding; unsupported, for one that is not known
 */
export function encodingOfMachine(
  { file, network }: LoadedNetwork,
  { encoding }: Pick<TrainingSettings, "encoding">,
): Encoding | undefined {
  const own = network.encoding;
  if (!own) return undefined;
  if (own.name === encoding) return encodingOf(own);
  throw new LangevinError(
    "invalid-value",
    `The machine of ${file} learned numbers with the encoding ${own.name}, but the settings say ${encoding}.`,
    `Use encoding: ${own.name}.`,
  );
}

/**
 * The state that a training begins with: J and b of a machine (their averages, where it has some), and no update. A
 * training draws its chains when it begins.
 *
 * @throws invalid-value, for data and labels that are none of the machine's; unsupported, for another activation than tanh
 */
export function stateOfMachine(
  { file, network }: LoadedNetwork,
  data: TrainingData<DataSet>,
  { chains }: Pick<TrainingSettings, "chains">,
): Checkpoint {
  const { activation = "tanh", couplings, bias, labelUnits, units } = network;
  if (activation !== "tanh") {
    throw new LangevinError(
      "unsupported",
      `The machine of ${file} has the activation ${activation}, but a training needs tanh.`,
    );
  }
  requireImagesOf(network, data);
  if (
    JSON.stringify(shapeOfLayout(labelUnits)) !== JSON.stringify(shapeOfLayout(data.labelUnits))
  ) {
    const say = (layout: typeof labelUnits) =>
      layout
        ? `${layout.copies} units for each ${layout.kinds ? `of ${layout.kinds.count} kinds ` : ""}of the labels ` +
          layout.labels.join(", ")
        : "no units for labels";
    throw new LangevinError(
      "invalid-value",
      `The machine of ${file} has ${say(labelUnits)}, but the training would have ${say(data.labelUnits)}.`,
      `Use label-units: ${labelUnits?.copies ?? 0}${labelUnits?.kinds ? ` and label-kinds: ${labelUnits.kinds.count}` : ""}, and ` +
        "name data with these labels.",
    );
  }
  return {
    update: 0,
    couplings,
    bias,
    chains: new Float32Array(chains * units),
    moments: new Float32Array(momentsLength(units)),
    labelUnits,
    encoding: recordOf(data.encoding),
    shape: shapeOf(data.training),
  };
}

/** What of label units a training has to have, too: not what they are called, nor what the images of a kind look like. */
const shapeOfLayout = (layout: StoredNetwork["labelUnits"]) =>
  layout && { ...layout, names: undefined, kinds: kindsOfLabel(layout) };
