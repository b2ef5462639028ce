// What the tests do on ranks: a training whose numbers are compared bit by bit.
import { createHash } from "node:crypto";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createReferenceBackend, randomNetwork, streams, train } from "@neural-langevin/core";

/** Inner backends by the names that the tests give to child processes. */
export const inner = {
  cpu: () => createCpuBackend({ threads: 1 }),
  reference: async () => createReferenceBackend(),
};

/** Trains with chains and batches that no number of shards divides. */
export async function trainedNumbers(backend) {
  const units = 23;
  const spec = { units, chains: 21, batch: 13, seed: 7, averages: true };
  const session = await backend.open(spec);
  const data = Float32Array.from({ length: 40 * units }, (_, at) => 1.5 * Math.sin(at * at + 0.5));
  const { couplings } = randomNetwork({ units, gain: 0.7, seed: 3 });
  session.write("couplings", couplings);
  const reports = [];
  const plan = {
    updates: 12,
    dt: 0.05,
    temperature: 0.8,
    averageFrom: 0.5,
    decay: 0.01,
    negativePhase: { kind: "persistent", steps: 5, restartEvery: 30, feedbackOffSteps: 2 },
  };
  for await (const report of train(session, data, plan, { reportEvery: 4 })) {
    const { dataEnergy, chainEnergy, couplingsGradient, biasGradient } = report;
    reports.push([dataEnergy, chainEnergy, couplingsGradient, biasGradient]);
  }
  session.drawChains({ stream: streams.initialState, step: 99, only: { first: 4, count: 9 } });
  session.advance({
    firstStep: 200,
    steps: 3,
    dt: 0.05,
    temperature: Float64Array.from({ length: 21 }, (_, chain) => chain / 20),
    integrator: "leimkuhler-matthews",
  });
  const hash = async (values) => {
    const { buffer } = (await values).slice();
    return createHash("sha256").update(new Uint8Array(buffer)).digest("hex").slice(0, 16);
  };
  const numbers = {
    reports,
    couplings: await hash(session.read("couplings")),
    bias: await hash(session.read("bias")),
    chains: await hash(session.read("chains")),
    moments: await hash(session.read("moments")),
    averages: await hash(session.read("averages")),
    energies: await hash(session.measure("energy", "batch")),
  };
  await session.close();
  return numbers;
}
