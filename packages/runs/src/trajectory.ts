// Trajectories on disk: states of chains as one NPY array of shape (T, B, N), written frame by frame, so that no more
// than one frame is ever held in memory.
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { systemFailure } from "@neural-langevin/datasets/node";
import { makeFolder } from "./make-folder.js";
import { temporaryFile } from "./temporary-file.js";

/** Bytes of the header of an array of float32, whatever the number of frames. */
const HEADER = 128;

/** An NPY file of float32 that grows along its first axis. It has its name only once it is finished. */
export class NpyStream {
  readonly #file: string;
  readonly #temporary: string;
  readonly #shape: readonly number[];
  #handle: FileHandle | undefined;
  #count = 0;

  private constructor(
    file: string,
    shape: readonly number[],
    temporary: string,
    handle: FileHandle,
  ) {
    this.#file = file;
    this.#shape = shape;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /**
   * Begins a file; its folder is made when it is missing.
   *
   * @param shape of one entry along the first axis, as [B, N]
   * @throws invalid-value, not-found, exists, unavailable, for what the system refuses
   */
  static async create(file: string, shape: readonly number[]): Promise<NpyStream> {
    const temporary = temporaryFile(dirname(file));
    try {
      await makeFolder(dirname(file));
      const handle = await open(temporary, "wx");
      await handle.write(new Uint8Array(HEADER), 0, HEADER, 0);
      return new NpyStream(file, shape, temporary, handle);
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an entry.
   *
   * @throws wrong-length; closed; invalid-value, not-found, exists, unavailable, for what the system refuses
   */
  async append(values: Float32Array): Promise<void> {
    const length = this.#shape.reduce((product, size) => product * size, 1);
    if (values.length !== length) {
      throw new LangevinError(
        "wrong-length",
        `An entry of ${this.#file} has ${length} values, not ${values.length}.`,
      );
    }
    const handle = this.#open();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    try {
      for (let at = 0; at < bytes.length; ) {
        const place = HEADER + this.#count * bytes.length + at;
        at += (await handle.write(bytes, at, bytes.length - at, place)).bytesWritten;
      }
    } catch (error) {
      throw systemFailure(error, "write", this.#file);
    }
    this.#count++;
  }

  /**
   * Writes the header and gives the file its name. A file without an entry is not kept.
   *
   * @throws closed; invalid-value, not-found, exists, unavailable, for what the system refuses
   */
  async finish(): Promise<void> {
    const handle = this.#open();
    if (this.#count === 0) return this.discard();
    try {
      const header = encodeNpy(new Float32Array(0), [this.#count, ...this.#shape]);
      await handle.write(header, 0, HEADER, 0);
      await handle.sync();
      this.#handle = undefined;
      await handle.close();
      await rename(this.#temporary, this.#file);
    } catch (error) {
      throw systemFailure(error, "write", this.#file);
    }
  }

  /** Removes what was written, unless the file is finished. */
  async discard(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (!handle) return;
    await handle.close();
    await rm(this.#temporary, { force: true });
  }

  /** Discards, as `await using` does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }

  #open(): FileHandle {
    if (this.#handle) return this.#handle;
    throw new LangevinError("closed", `${this.#file} is finished.`);
  }
}

/** Chains at one moment, of `langevin`, `temper` or a machine. */
interface Frame {
  readonly states: Float32Array;
  readonly energies: Float32Array;
}

/** Where a trajectory goes. */
export interface TrajectoryFiles {
  /** x of every frame, shape (T, B, N). */
  readonly states: string;
  /** E(x) of every frame, shape (T, B); not kept unless given. */
  readonly energies?: string | undefined;
}

/**
 * Writes the states of every frame to an NPY file of shape (T, B, N), and their energies to one of shape (T, B), with one
 * frame in memory at a time. Where sampling is stopped or diverges, the frames before are kept, and the failure is thrown.
 *
 * @param frames what `langevin`, `temper` or a machine's `langevin` yields
 * @returns T, the number of frames
 * @throws invalid-value, exists; what the frames throw; not-found, unavailable, for what the system refuses
 */
export async function writeTrajectory(
  files: TrajectoryFiles,
  frames: AsyncIterable<Frame>,
): Promise<number> {
  let states: NpyStream | undefined;
  let energies: NpyStream | undefined;
  const finish = async () => {
    await states?.finish();
    await energies?.finish();
  };
  try {
    for await (const frame of frames) {
      const chains = frame.energies.length;
      states ??= await NpyStream.create(files.states, [chains, frame.states.length / chains]);
      if (files.energies !== undefined) {
        energies ??= await NpyStream.create(files.energies, [chains]);
        await energies.append(frame.energies);
      }
      await states.append(frame.states);
    }
    await finish();
    return states?.count ?? 0;
  } catch (error) {
    if (isLangevinError(error, "aborted") || isLangevinError(error, "diverged")) await finish();
    throw error;
  } finally {
    await states?.discard();
    await energies?.discard();
  }
}
