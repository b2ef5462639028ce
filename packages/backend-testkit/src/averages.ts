// Averages of parameters over updates, against the definitions.
import type { Session } from "@neural-langevin/core";
import { expect, expectClose, expectCode, expectSame } from "./expectations.js";
import { exampleNetwork, onBoth, openExample, type Scenario } from "./scenario.js";

const units = 13;
const spec = { units, chains: 5, batch: 4, seed: 4, averages: true };

const learnOnce = (session: Session, update: number) => {
  session.accumulate("batch", 1);
  session.accumulate("chains", -1);
  session.update({ optimizer: { kind: "adam" }, learningRate: 0.1, temperature: 1, update });
};

export const averages: readonly Scenario[] = [
  {
    key: "average/mean",
    statement: "weights 1, 1/2, 1/3 … make the mean of the parameters, diagonal and bias included",
    needsSharedNoise: false,
    async run(context) {
      const [found, expected] = await onBoth(context, spec, (session) => {
        for (let update = 1; update <= 4; update++) {
          learnOnce(session, update);
          session.average(1 / update);
        }
        return session.read("averages");
      });
      expectClose(found, expected, 5 * context.tolerance, "averages");
    },
  },
  {
    key: "average/first",
    statement: "an average of weight 1 is the parameters, and changes nothing else",
    needsSharedNoise: false,
    async run({ backend }) {
      const session = await openExample(backend, spec);
      const before = await session.read("chains");
      session.average(1);
      const { couplings, bias } = exampleNetwork(units);
      const found = await session.read("averages");
      expectClose(found.slice(0, units * units), couplings, 1e-6, "averages of J");
      expectClose(found.slice(units * units), bias, 1e-6, "averages of b");
      expectSame(await session.read("couplings"), couplings, "couplings");
      expectSame(await session.read("chains"), before, "chains");
      await session.close();
    },
  },
  {
    key: "average/from-zeros",
    statement: "the first average weighs like any other, beside the zeros of a new session",
    needsSharedNoise: false,
    async run({ backend }) {
      const session = await openExample(backend, spec);
      session.average(0.25);
      const { couplings, bias } = exampleNetwork(units);
      const due = [...couplings, ...bias].map((parameter) => parameter / 4);
      expectClose(await session.read("averages"), due, 1e-6, "averages");
      await session.close();
    },
  },
  {
    key: "average/slot",
    statement: "averages are written and read back bit for bit, and go on from there",
    needsSharedNoise: false,
    async run({ backend }) {
      const session = await openExample(backend, spec);
      expect(!session.hasAverages, "A new session claims to have averages.");
      const written = Float32Array.from({ length: units * (units + 1) }, (_, at) => Math.sin(at));
      session.write("averages", written);
      expect(session.hasAverages, "A session with written averages claims to have none.");
      expectSame(await session.read("averages"), written, "averages");
      session.average(0.5);
      const { couplings, bias } = exampleNetwork(units);
      const parameters = [...couplings, ...bias];
      const due = written.map((value, at) => (value + parameters[at]!) / 2);
      expectClose(await session.read("averages"), due, 1e-6, "averages");
      await session.close();
    },
  },
  {
    key: "average/refusals",
    statement: "averages need room, and a weight in (0, 1]",
    needsSharedNoise: false,
    async run({ backend }) {
      const without = await openExample(backend, { ...spec, averages: false });
      await expectCode("invalid-value", "an average without room", () => without.average(1));
      await expectCode("invalid-value", "reading no averages", () => without.read("averages"));
      await without.close();
      const session = await openExample(backend, spec);
      for (const weight of [0, -0.5, 1.5, Number.NaN]) {
        await expectCode("invalid-value", `the weight ${weight}`, () => session.average(weight));
      }
      await session.close();
    },
  },
];
