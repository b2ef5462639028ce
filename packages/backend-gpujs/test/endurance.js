// A thousand steps and a hundred updates in a GL context whose textures and reads are counted. Plain JavaScript,
// because it runs in a page and in Node alike.
import { createGpuJsBackend } from "@neural-langevin/backend-gpujs";

/** Counts of live textures and of reads so far, at the stages of a session's life. */
export async function endurance(mode) {
  const { default: library } = await import("gpu.js");
  let context;
  class Observed extends library.GPU {
    createKernel(source, settings) {
      const kernel = super.createKernel(source, settings);
      context ??= observe(this.context);
      return kernel;
    }
  }
  const backend = await createGpuJsBackend({ mode, GPU: Observed });
  const opened = { ...context };
  const session = await backend.open({ units: 20, chains: 6, batch: 4, seed: 1 });
  const values = (length) => Float32Array.from({ length }, (_, at) => Math.sin(at) / 4);
  session.write("couplings", values(400));
  session.write("batch", values(60));
  session.drawChains({ stream: 1, step: 0 });
  const run = { dt: 0.01, temperature: 1, integrator: "leimkuhler-matthews" };
  const learn = async (update) => {
    session.advance({ ...run, firstStep: 2 * update, steps: 2 });
    session.accumulate("batch", 1);
    session.accumulate("chains", -1);
    session.update({ optimizer: { kind: "adam" }, learningRate: 1e-3, temperature: 1, update });
    await session.synchronize();
  };
  // An update more than kernels need to have made what they reuse.
  for (const update of [1, 2, 3]) await learn(update);
  const warm = { ...context };
  session.advance({ ...run, firstStep: 100, steps: 1000 });
  await session.synchronize();
  const advanced = { ...context };
  for (let update = 4; update < 104; update++) await learn(update);
  const learned = { ...context };
  const chains = await session.read("chains");
  const read = { ...context };
  await session.close();
  const closed = { ...context };
  await backend.close();
  const alive = chains.every((value) => Number.isFinite(value) && value !== 0);
  return { opened, warm, advanced, learned, read, closed, alive };
}

/** Counts what a context does from now on. */
function observe(gl) {
  const counts = { textures: 0, reads: 0 };
  const live = new WeakSet();
  const { createTexture, deleteTexture, readPixels } = gl;
  gl.createTexture = () => {
    const texture = createTexture.call(gl);
    live.add(texture);
    counts.textures++;
    return texture;
  };
  gl.deleteTexture = (texture) => {
    if (live.delete(texture)) counts.textures--;
    deleteTexture.call(gl, texture);
  };
  gl.readPixels = (...values) => {
    counts.reads++;
    readPixels.apply(gl, values);
  };
  return counts;
}
