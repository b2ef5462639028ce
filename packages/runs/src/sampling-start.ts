// Where chains of a machine begin, and which units keep their values, as files say it.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  appendLabels,
  encodeImages,
  encodingNames,
  encodingOf,
  encodings,
  greyLevels,
  parseNpy,
  parsePng,
  recognizeFormat,
  sizeOf,
} from "@neural-langevin/datasets";
import { type DataPlaces, loadRunData, readSamples } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";
import { decodeCheckpoint, pixelsOf } from "./machine-file.js";
import { requireImagesOf } from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** What stands before the path of data that are not states yet. */
const OWN_DATA = "data:";

/**
 * States x that chains begin from, shape [count][N]: the chains of the training, the data that it learned, other data like
 * them, or the states of a file.
 *
 * @param what `chains`, `data`, `data:` and the path of data as a training takes them, or the path of an NPY file of
 *   shape (B, N)
 * @throws not-found, bad-file; invalid-value, for a machine without chains or data, and data of another size; wrong-length,
 *   not-finite, unsupported, unavailable, aborted
 */
export async function readStart(
  machine: LoadedNetwork,
  what: string,
  places: DataPlaces = {},
): Promise<Float32Array> {
  const { network, file, run, settings } = machine;
  if (what === "chains") return decodeCheckpoint(await readWhole(file), file).chains;
  if (what === "data") {
    if (run) return (await loadRunData(run, settings, places)).states;
    throw new LangevinError(
      "invalid-value",
      `${file} is not in a run, so it is not known what it learned.`,
      "Name the folder of a run, or a file of states.",
    );
  }
  if (what.startsWith(OWN_DATA)) return statesOfData(machine, what.slice(OWN_DATA.length), places);
  const bytes = await readWhole(what).catch((error) => {
    throw isLangevinError(error, "not-found")
      ? new LangevinError("not-found", error.message, `Name ${ways}.`)
      : error;
  });
  const { shape, values } = parseNpy(bytes, what);
  const { units } = network;
  const wanted = shape[0]! * units;
  if (shape.length < 2 || values.length !== wanted) {
    throw new LangevinError(
      "bad-file",
      `${what} has the shape (${shape.join(", ")}), where states of this machine are (chains, ${units}).`,
      `States are x, as in states.npy of nlm sample; numbers like those that it learned are ${OWN_DATA}${what}.`,
    );
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return new Float32Array(values);
  throw new LangevinError(
    "bad-file",
    `${what} has ${values[at]} at [${Math.floor(at / units)}, ${at % units}], which is not a state.`,
    "Leave that state out.",
  );
}

const ways =
  "noise, chains, data, data:FILE with numbers like those that it learned, or an NPY file of states x";

/**
 * The states of data in the units of what a machine learned. Label units show their labels, and are 0 where they have none.
 */
async function statesOfData(
  { network }: LoadedNetwork,
  source: string,
  places: DataPlaces,
): Promise<Float32Array> {
  const encoding = encodingOf(network.encoding);
  const name = encodingNames.find((name) => name === encoding.name);
  const set = await readSamples(source, { ...places, numbers: name && encodings[name].takes });
  requireImagesOf(network, { pixels: sizeOf(set), training: set });
  const states = encodeImages(set, encoding);
  const { labelUnits: layout, units } = network;
  if (!layout) return states;
  if (set.labels) return appendLabels(states, set.labels, layout);
  const whole = new Float32Array(set.count * units);
  const { pixels } = layout;
  for (let row = 0; row < set.count; row++) {
    whole.set(states.subarray(row * pixels, (row + 1) * pixels), row * units);
  }
  return whole;
}

/**
 * Units that keep their values: what is not 0 in an NPY file, or white in a PNG file. A mask of the pixels alone leaves
 * label units free.
 *
 * @returns shape [N]
 * @throws not-found, bad-file; invalid-value, for another size, and a mask that pins nothing or everything;
 *   unsupported, unavailable
 */
export async function readPins({ network }: LoadedNetwork, file: string): Promise<Uint8Array> {
  const bytes = await readWhole(file);
  const isPng = recognizeFormat(bytes, file) === "png";
  const marks = isPng
    ? greyLevels(parsePng(bytes, file).pixels).map((level) => Number(level >= 128))
    : parseNpy(bytes, file).values;
  const { units } = network;
  const pixels = pixelsOf(network);
  if (marks.length !== units && marks.length !== pixels) {
    throw new LangevinError(
      "invalid-value",
      `${file} marks ${marks.length} units, but the machine has ${units}${pixels === units ? "" : `, ${pixels} of them pixels`}.`,
      "Give every unit of a sample one mark.",
    );
  }
  const pinned = new Uint8Array(units);
  marks.forEach((mark, unit) => {
    pinned[unit] = Number(mark !== 0);
  });
  const count = pinned.reduce((sum, one) => sum + one, 0);
  if (count > 0 && count < units) return pinned;
  throw new LangevinError(
    "invalid-value",
    `${file} pins ${count === 0 ? "no unit" : "every unit"}.`,
    "What is not 0, or white in a PNG file, keeps its value.",
  );
}
