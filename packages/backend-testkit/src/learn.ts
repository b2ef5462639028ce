// Statistics, updates and measures against the definitions.
import type { Session, UpdateStep } from "@neural-langevin/core";
import { expect, expectClose, expectSame } from "./expectations.js";
import { exampleStates, onBoth, openExample, type Scenario } from "./scenario.js";

const spec = { units: 13, chains: 17, batch: 10, seed: 4 };
const diagonal = (values: Float32Array) => values.filter((_, at) => at < 169 && at % 14 === 0);

const step = (update: number): UpdateStep => ({
  optimizer: { kind: "adam" },
  learningRate: 0.01,
  decay: 0.1,
  temperature: 0.6,
  update,
});

const accumulate = (session: Session) => {
  session.accumulate("batch", 1);
  session.accumulate("chains", -0.5);
};

export const learn: readonly Scenario[] = [
  {
    key: "learn/statistics",
    statement: "statistics are the weighted sums of ⟨v φᵀ⟩ and ⟨v⟩, without the diagonal",
    async run(context) {
      for (const source of ["batch", "chains"] as const) {
        const [found, expected] = await onBoth(context, spec, (session) => {
          session.accumulate(source, -0.25);
          session.accumulate(source, 1.75);
          return session.read("statistics");
        });
        expectClose(found, expected, 2 * context.tolerance, `statistics of ${source}`);
        expect(
          diagonal(found).every((value) => value === 0),
          "The diagonal is not zero.",
        );
      }
    },
  },
  {
    key: "learn/norms",
    statement: "norms are those of the statistics: of ⟨v φᵀ⟩, and of ⟨v⟩",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      accumulate(session);
      const { couplings, bias } = await session.norms();
      const statistics = await session.read("statistics");
      const norm = (values: Float32Array) => Math.hypot(...values);
      const expected = [norm(statistics.subarray(0, 169)), norm(statistics.subarray(169))];
      // What is read is rounded to float32.
      expectClose([couplings, bias], expected, 1e-6, "norms");
      await session.close();
    },
  },
  {
    key: "learn/partial-batch",
    statement:
      "statistics of a batch are means over the states that were written, not over its room",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        session.write("batch", exampleStates(3, 13));
        session.accumulate("batch", 1);
        return session.read("statistics");
      });
      expectClose(found, expected, context.tolerance, "statistics");
    },
  },
  {
    key: "learn/many-states",
    statement: "statistics of many states lose none of them",
    async run(context) {
      const many = { units: 5, chains: 1, batch: 2051, seed: 1 };
      const [found, expected] = await onBoth(context, many, (session) => {
        session.accumulate("batch", 1);
        return session.read("statistics");
      });
      expectClose(found, expected, 5 * context.tolerance, "statistics");
    },
  },
  {
    key: "learn/adam",
    statement: "Adam's parameters and moments follow the definition over several updates",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, async (session) => {
        for (const update of [1, 2, 3]) {
          accumulate(session);
          session.update(step(update));
        }
        return [
          await session.read("couplings"),
          await session.read("bias"),
          await session.read("moments"),
        ];
      });
      ["couplings", "bias", "moments"].forEach((name, at) => {
        expectClose(found[at]!, expected[at]!, 5 * context.tolerance, name);
      });
    },
  },
  {
    key: "learn/adam-constants",
    statement: "Adam takes the constants that it is given",
    async run(context) {
      const optimizer = { kind: "adam", beta1: 0.5, beta2: 0.9, epsilon: 0.01 } as const;
      const [found, expected] = await onBoth(context, spec, async (session) => {
        for (const update of [1, 2]) {
          accumulate(session);
          session.update({ ...step(update), optimizer });
        }
        return [await session.read("couplings"), await session.read("moments")];
      });
      expectClose(found[0]!, expected[0]!, 5 * context.tolerance, "couplings");
      expectClose(found[1]!, expected[1]!, 5 * context.tolerance, "moments");
    },
  },
  {
    key: "learn/zero-temperature",
    statement: "at T = 0 the gradient is the statistics themselves",
    async run(context) {
      for (const kind of ["adam", "sgd"] as const) {
        const [found, expected] = await onBoth(context, spec, (session) => {
          session.accumulate("batch", 1);
          session.update({ ...step(1), optimizer: { kind }, temperature: 0 });
          return session.read("couplings");
        });
        expectClose(found, expected, 5 * context.tolerance, `couplings (${kind})`);
      }
    },
  },
  {
    key: "learn/moments-resume",
    statement: "an optimiser goes on from moments that are written",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        session.write("moments", exampleStates(2 * (169 + 13), 1).map(Math.abs));
        accumulate(session);
        session.update(step(40));
        return session.read("couplings");
      });
      expectClose(found, expected, 5 * context.tolerance, "couplings");
    },
  },
  {
    key: "learn/late-updates",
    statement: "Adam's correction follows the number of the update, however late",
    async run(context) {
      for (const update of [1001, 5000, 2_000_000]) {
        const [found, expected] = await onBoth(context, spec, (session) => {
          session.write("moments", exampleStates(2 * (169 + 13), 1).map(Math.abs));
          accumulate(session);
          session.update(step(update));
          return session.read("couplings");
        });
        expectClose(found, expected, 5 * context.tolerance, `couplings after update ${update}`);
      }
    },
  },
  {
    key: "learn/sgd",
    statement: "gradient descent takes learning rate · (statistics/T + decay · J)",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, async (session) => {
        accumulate(session);
        session.update({ ...step(1), optimizer: { kind: "sgd" } });
        return [await session.read("couplings"), await session.read("bias")];
      });
      expectClose(found[0]!, expected[0]!, context.tolerance, "couplings");
      expectClose(found[1]!, expected[1]!, context.tolerance, "bias");
    },
  },
  {
    key: "learn/clears",
    statement: "an update clears the statistics, also one of rate 0",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      for (const learningRate of [0.01, 0]) {
        accumulate(session);
        session.update({ ...step(1), learningRate });
        const statistics = await session.read("statistics");
        expect(
          statistics.every((value) => value === 0),
          `Statistics are left over from an update of rate ${learningRate}.`,
        );
      }
      await session.close();
    },
  },
  {
    key: "learn/statistics-not-finite",
    statement: "statistics that are no longer finite are accepted, and the session goes on",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      const couplings = await session.read("couplings");
      session.write("statistics", new Float32Array(182).fill(Number.POSITIVE_INFINITY));
      session.update(step(1));
      await session.synchronize();
      session.write("couplings", couplings);
      expectSame(await session.read("couplings"), couplings, "couplings");
      await session.close();
    },
  },
  {
    key: "learn/diagonal",
    statement: "self-couplings never change, whatever they are",
    async run({ backend }) {
      for (const kind of ["adam", "sgd"] as const) {
        const session = await openExample(backend, spec);
        const couplings = exampleStates(13, 13);
        session.write("couplings", couplings);
        accumulate(session);
        session.update({ ...step(1), optimizer: { kind } });
        expectSame(
          diagonal(await session.read("couplings")),
          diagonal(couplings),
          `diagonal (${kind})`,
        );
        await session.close();
      }
    },
  },
  {
    key: "learn/bias-does-not-decay",
    statement: "decay pulls on couplings and not on the bias",
    async run({ backend }) {
      for (const kind of ["adam", "sgd"] as const) {
        const session = await openExample(backend, spec);
        const [couplings, bias] = [await session.read("couplings"), await session.read("bias")];
        session.update({ ...step(1), optimizer: { kind }, decay: 1 });
        expectSame(await session.read("bias"), bias, `bias (${kind})`);
        const after = await session.read("couplings");
        expect(
          after.some((value, at) => value !== couplings[at]),
          "The couplings did not decay.",
        );
        await session.close();
      }
    },
  },
  {
    key: "learn/used-at-once",
    statement:
      "measures, statistics and steps after an update use the new couplings, in both products",
    async run(context) {
      const [found, expected] = await onBoth(context, spec, async (session) => {
        accumulate(session);
        await session.measure("virial", "chains");
        // Not Adam, whose first step turns a small error of a small gradient into a large one.
        session.update({ ...step(1), optimizer: { kind: "sgd" }, learningRate: 0.5 });
        const energies = session.measure("energy", "chains");
        const virials = session.measure("virial", "chains");
        session.accumulate("batch", 1);
        const statistics = session.read("statistics");
        session.advance({
          firstStep: 0,
          steps: 1,
          dt: 0.02,
          temperature: 0,
          integrator: "euler-maruyama",
        });
        return [await energies, await virials, await statistics, await session.read("chains")];
      });
      ["energies", "virials", "statistics", "chains"].forEach((name, at) => {
        expectClose(found[at]!, expected[at]!, 10 * context.tolerance, name);
      });
    },
  },
  {
    key: "learn/measures",
    statement: "energies and virials are those of each chain and each batch state",
    async run(context) {
      for (const what of ["energy", "virial"] as const) {
        for (const source of ["chains", "batch"] as const) {
          const [found, expected] = await onBoth(context, spec, (session) =>
            session.measure(what, source),
          );
          expectClose(found, expected, 5 * context.tolerance, `${what} of ${source}`);
        }
      }
    },
  },
  {
    key: "learn/asking",
    statement: "reading, measuring and adding up leave every other slot as it is",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      session.write("moments", exampleStates(2 * (169 + 13), 1).map(Math.abs));
      const slots = ["couplings", "bias", "chains", "batch", "moments"] as const;
      const before = await Promise.all(slots.map((slot) => session.read(slot)));
      for (const source of ["chains", "batch"] as const) {
        await session.measure("energy", source);
        await session.measure("virial", source);
        session.accumulate(source, 1.75);
        await session.norms();
      }
      const statistics = await session.read("statistics");
      await session.measure("virial", "chains");
      for (const [at, slot] of slots.entries())
        expectSame(await session.read(slot), before[at]!, slot);
      expectSame(await session.read("statistics"), statistics, "statistics");
      await session.close();
    },
  },
];
