// Where chains of a machine begin, and which units keep their values, as files say it.
import { LangevinError } from "@neural-langevin/core";
import { greyLevels, parseNpy, parsePng, recognizeFormat } from "@neural-langevin/datasets";
import { type DataPlaces, loadRunData } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";
import { decodeCheckpoint, pixelsOf } from "./machine-file.js";
import { readWhole } from "./whole-file.js";

/**
 * States x that chains begin from, shape [count][N]: the chains of the training, the data that it learned, or those of a
 * file.
 *
 * @param what `chains`, `data`, or the path of an NPY file of shape (B, N)
 * @throws not-found, bad-file; invalid-value, for a machine without chains or data; wrong-length, not-finite,
 *   unsupported, unavailable, aborted
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
  const { shape, values } = parseNpy(await readWhole(what), what);
  const { units } = network;
  const wanted = shape[0]! * units;
  if (shape.length < 2 || values.length !== wanted) {
    throw new LangevinError(
      "bad-file",
      `${what} has the shape (${shape.join(", ")}), where states of this machine are (chains, ${units}).`,
      "States are x, not pixels: they are what nlm sample writes to states.npy.",
    );
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return new Float32Array(values);
  throw new LangevinError(
    "bad-file",
    `${what} has ${values[at]} at [${Math.floor(at / units)}, ${at % units}], which is not a state.`,
  );
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
