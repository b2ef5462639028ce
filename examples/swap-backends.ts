// One program on three backends: only the line that creates the backend differs. All of them make the same random bits,
// so short trajectories agree to rounding.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createTfjsBackend } from "@neural-langevin/backend-tfjs";
import { type Backend, createMachine, createReferenceBackend } from "@neural-langevin/core";

async function shortTrajectory(backend: Backend): Promise<Float32Array> {
  await using machine = await createMachine(backend, { units: 50, seed: 1 });
  return await machine.sample({ chains: 20, steps: 20, dt: 0.05 });
}

const backends = [
  createReferenceBackend(),
  await createCpuBackend(),
  await createTfjsBackend({ platform: "wasm" }),
];
let expected: Float32Array | undefined;
for (const backend of backends) {
  const states = await shortTrajectory(backend);
  expected ??= states;
  const largest = states.reduce((most, x, at) => Math.max(most, Math.abs(x - expected![at]!)), 0);
  const agreement =
    largest < 1e-4 ? "agrees with the float64 reference to 1e-4" : `differs by ${largest}`;
  console.log(`${backend.id}: ${agreement}`);
  await backend.close();
}
