// What sampling a machine leaves on disk: where chains ended as states and as what these mean, and what was kept on the
// way.
import { join } from "node:path";
import { encodeNpy, findEncoding, pixelStates } from "@neural-langevin/datasets";
import type { LoadedNetwork } from "./load-network.js";
import type { SampledFrame } from "./sample-machine.js";
import { sha256 } from "./training-data.js";
import { writeTrajectory } from "./trajectory.js";
import { writeWhole } from "./whole-file.js";

/** Where samples go. */
export interface SampleFiles {
  /** x where chains end, shape (B, N). */
  readonly states: string;
  /** What these states mean, in the units of the data, where they are no images: shape (B, …). */
  readonly values: string | undefined;
  /** x of the frames that are kept, shape (T, B, N). */
  readonly trajectory: string | undefined;
  /** E(x) of the frames that are kept, shape (T, B). */
  readonly energies: string | undefined;
}

/**
 * The files of a machine's samples in a folder.
 *
 * @param keepsFrames whether frames are kept on the way
 */
export function sampleFiles(
  { network, image }: Pick<LoadedNetwork, "network" | "image">,
  folder: string,
  keepsFrames: boolean,
): SampleFiles {
  const place = (name: string, isWritten: boolean) => (isWritten ? join(folder, name) : undefined);
  return {
    states: join(folder, "states.npy"),
    values: place("values.npy", !image && findEncoding(network.encoding) !== undefined),
    trajectory: place("trajectory.npy", keepsFrames),
    energies: place("energies.npy", keepsFrames),
  };
}

/** Samples that are written. */
export interface WrittenSamples {
  /** Where the chains ended. */
  readonly end: SampledFrame;
  /** T, the number of frames that were kept. */
  readonly frames: number;
  /** The SHA-256 of the file of states in hexadecimal. */
  readonly statesSha256: string;
}

/**
 * Writes what `sampleMachine` yields, with one frame in memory at a time. Where sampling is stopped or diverges, the frames
 * before are kept, and the failure is thrown.
 *
 * @throws invalid-value, exists; what the frames throw; not-found, unavailable, for what the system refuses
 */
export async function writeSamples(
  files: SampleFiles,
  { network }: Pick<LoadedNetwork, "network">,
  sampled: AsyncIterable<SampledFrame>,
): Promise<WrittenSamples> {
  let end: SampledFrame | undefined;
  const kept = async function* () {
    for await (const frame of sampled) {
      end = frame;
      if (frame.kept) yield frame;
    }
  };
  let frames = 0;
  if (files.trajectory) {
    frames = await writeTrajectory({ states: files.trajectory, energies: files.energies }, kept());
  } else for await (const _ of kept());
  const { states, energies } = end!;
  const array = encodeNpy(states, [energies.length, network.units]);
  await writeWhole(files.states, array);
  if (files.values) {
    const values = findEncoding(network.encoding)!.decode(pixelStates(states, network.labelUnits));
    const shape = network.shape ?? [values.length / energies.length];
    const bytes = encodeNpy(new Float32Array(values), [energies.length, ...shape]);
    await writeWhole(files.values, bytes);
  }
  return { end: end!, frames, statesSha256: await sha256(array) };
}
