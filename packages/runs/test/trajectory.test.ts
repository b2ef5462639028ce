// A trajectory on disk is the frames that were seen, one after another, and costs the memory of one.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createReferenceBackend,
  isLangevinError,
  type LangevinFrame,
  langevin,
  randomNetwork,
  temper,
  writeNetwork,
} from "@neural-langevin/core";
import { parseNpy } from "@neural-langevin/datasets";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NpyStream, writeTrajectory } from "../src/node.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-trajectory-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = async () => {
  const session = await createReferenceBackend().open({ units: 5, chains: 6, seed: 3 });
  writeNetwork(session, randomNetwork({ units: 5, gain: 1.5, seed: 3 }));
  return session;
};
const plan = { stages: [{ steps: 40, temperature: 1 }], dt: 0.05, every: 8 };
const array = (name: string) => parseNpy(readFileSync(join(folder, name)), name);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "nothing was thrown",
    (error) => (isLangevinError(error) ? error.code : error),
  );

describe("a trajectory", () => {
  it("has every frame's states and energies, as arrays of shape (T, B, N) and (T, B)", async () => {
    const states = join(folder, "deep", "x.npy");
    const energies = join(folder, "E.npy");
    const count = await writeTrajectory({ states, energies }, langevin(await open(), plan));
    expect(count).toBe(5);
    const frames: LangevinFrame[] = [];
    for await (const frame of langevin(await open(), plan)) frames.push(frame);
    const x = array("deep/x.npy");
    expect(x.shape).toEqual([5, 6, 5]);
    expect([...x.values]).toEqual(frames.flatMap((frame) => [...frame.states]));
    const E = array("E.npy");
    expect(E.shape).toEqual([5, 6]);
    expect([...E.values]).toEqual(frames.flatMap((frame) => [...frame.energies]));
    expect(readdirSync(folder).sort()).toEqual(["E.npy", "deep"]);
  });

  it("may be one of tempered chains", async () => {
    const tempered = temper(await open(), {
      temperatures: [1, 2],
      sweeps: 6,
      steps: 2,
      dt: 0.05,
      every: 2,
    });
    expect(await writeTrajectory({ states: join(folder, "x.npy") }, tempered)).toBe(3);
    expect(array("x.npy").shape).toEqual([3, 6, 5]);
  });

  it("that is stopped keeps the frames before", async () => {
    const signal = { aborted: false };
    async function* frames() {
      for await (const frame of langevin(await open(), { ...plan, signal })) {
        yield frame;
        signal.aborted = frame.done >= 16;
      }
    }
    const states = join(folder, "x.npy");
    expect(await codeOf(writeTrajectory({ states }, frames()))).toBe("aborted");
    expect(array("x.npy").shape).toEqual([2, 6, 5]);
  });

  it("of which nothing came leaves no file, and a failure leaves what was there", async () => {
    const states = join(folder, "x.npy");
    writeFileSync(states, "before");
    const signal = { aborted: true };
    const stopped = writeTrajectory({ states }, langevin(await open(), { ...plan, signal }));
    expect(await codeOf(stopped)).toBe("aborted");
    async function* broken() {
      yield { states: new Float32Array(30), energies: new Float32Array(6) };
      throw new Error("the device is gone");
    }
    await expect(writeTrajectory({ states }, broken())).rejects.toThrow("the device is gone");
    expect(readFileSync(states, "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["x.npy"]);
  });

  it("takes the memory of one frame", async () => {
    const frame = { states: new Float32Array(2 ** 20), energies: new Float32Array(4) };
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    async function* frames() {
      for (let at = 0; at < 40; at++) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield frame;
      }
    }
    const states = join(folder, "x.npy");
    expect(await writeTrajectory({ states }, frames())).toBe(40);
    expect(most).toBeLessThan(2 ** 23);
    expect(readFileSync(states).length).toBe(128 + 40 * 2 ** 22);
  });

  it("whose place or frames cannot be is refused", async () => {
    writeFileSync(join(folder, "file"), "");
    const frames = async function* () {
      yield { states: new Float32Array(4), energies: new Float32Array(2) };
      yield { states: new Float32Array(6), energies: new Float32Array(2) };
    };
    const inFile = join(folder, "file", "x.npy");
    expect(await codeOf(writeTrajectory({ states: inFile }, frames()))).toBe("exists");
    const states = join(folder, "x.npy");
    expect(await codeOf(writeTrajectory({ states }, frames()))).toBe("wrong-length");
    const stream = await NpyStream.create(states, [2]);
    await stream.append(Float32Array.of(1, 2));
    await stream.finish();
    expect(await codeOf(stream.append(Float32Array.of(1, 2)))).toBe("closed");
  });
});
