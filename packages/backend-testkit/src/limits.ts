// The edges: ragged and large sizes, many chains, and sizes that are refused.
import type { AdvanceRun, Session, SessionSpec } from "@neural-langevin/core";
import { expect, expectClose } from "./expectations.js";
import { type Context, onBoth, type Scenario } from "./scenario.js";

const midpoint: AdvanceRun = {
  firstStep: 2 ** 32 - 2,
  steps: 2,
  dt: 0.02,
  temperature: 0.8,
  integrator: "leimkuhler-matthews",
};

/** Steps, statistics, an update and measures at a size are those of the definitions. */
async function agreesAt(context: Context, spec: SessionSpec): Promise<void> {
  const { units, chains, batch } = spec;
  const [found, expected] = await onBoth(context, spec, async (session: Session) => {
    session.advance(midpoint);
    session.accumulate("batch", 1);
    session.accumulate("chains", -1);
    const results = [
      await session.read("chains"),
      await session.read("statistics"),
      await session.measure("energy", "chains"),
      await session.measure("virial", "batch"),
    ];
    session.update({ optimizer: { kind: "sgd" }, learningRate: 0.1, temperature: 1, update: 1 });
    return [...results, await session.read("couplings"), await session.read("bias")];
  });
  ["chains", "statistics", "energies", "virials", "couplings", "bias"].forEach((name, at) => {
    const what = `${name} of ${units} units, ${chains} chains, ${batch} states`;
    expectClose(found[at]!, expected[at]!, 5 * context.tolerance, what);
  });
}

export const limits: readonly Scenario[] = [
  {
    key: "limits/ragged-sizes",
    statement: "every number of units and chains gives the defined steps, statistics and measures",
    needsSharedNoise: true,
    async run(context) {
      const sizes = [1, 2, 3, 4, 5, 8, 11, 12, 13, 15, 16, 17, 31, 32, 33, 47, 49, 64, 65];
      for (const [at, units] of sizes.entries()) {
        const chains = sizes[(at * 7 + 3) % sizes.length]!;
        const batch = sizes[(at * 5 + 1) % sizes.length]!;
        await agreesAt(context, { units, chains, batch, seed: 3 });
      }
    },
  },
  {
    key: "limits/many-chains",
    statement: "many chains and data states are all moved, measured and counted",
    needsSharedNoise: true,
    run: (context) => agreesAt(context, { units: 9, chains: 1027, batch: 1031, seed: 3 }),
  },
  {
    key: "limits/large-networks",
    statement:
      "networks of 130 units, of the 784 of an image and of 1027 give the defined numbers, as far as the device holds them",
    needsSharedNoise: true,
    isLarge: true,
    async run(context) {
      for (const [units, chains, batch] of [
        [130, 67, 70],
        [784, 5, 3],
        [1027, 3, 2],
      ] as const) {
        if (units > context.backend.device.limits.units) continue;
        await agreesAt(context, { units, chains, batch, seed: 3 });
      }
    },
  },
  {
    key: "limits/too-large",
    statement: "sizes beyond the device are refused before anything is allocated",
    async run({ backend }) {
      const { limits } = backend.device;
      const specs = [
        { units: limits.units + 1, chains: 1, seed: 1 },
        { units: 2, chains: limits.chains + 1, seed: 1 },
        { units: 2, chains: 1, batch: limits.chains + 1, seed: 1 },
      ];
      for (const one of specs) {
        try {
          await (await backend.open(one)).close();
        } catch (error) {
          expect((error as { code?: string }).code === "unsupported", `Refused with ${error}.`);
          continue;
        }
        throw new Error(`A session of ${JSON.stringify(one)} was opened.`);
      }
    },
  },
  {
    key: "limits/no-size",
    statement: "sizes, seeds and chain numbers that are impossible are refused",
    async run({ backend }) {
      for (const [name, value] of [
        ["units", 0],
        ["units", 2.5],
        ["chains", 0],
        ["batch", -1],
        ["seed", -1],
        ["seed", Number.NaN],
        ["firstChain", 2 ** 32],
      ] as const) {
        try {
          await backend.open({ units: 2, chains: 2, seed: 1, [name]: value });
        } catch (error) {
          expect((error as { code?: string }).code === "invalid-value", `Refused with ${error}.`);
          continue;
        }
        throw new Error(`A session with ${name} = ${value} was opened.`);
      }
    },
  },
];
