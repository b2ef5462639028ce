// Opening, closing, order, and the codes of refusals.
import { CONTRACT_VERSION, type Session, type Slot } from "@neural-langevin/core";
import { expect, expectClose, expectCode, expectSame } from "./expectations.js";
import { exampleStates, openExample, type Scenario } from "./scenario.js";

const spec = { units: 7, chains: 5, batch: 4, seed: 1 };
const run = {
  firstStep: 0,
  steps: 1,
  dt: 0.01,
  temperature: 1,
  integrator: "euler-maruyama",
} as const;

export const life: readonly Scenario[] = [
  {
    key: "life/report",
    statement: "the device report names what computes",
    async run({ backend }) {
      const { label, threads, limits } = backend.device;
      expect(backend.id !== "" && label !== "", "The id or the label is empty.");
      expect(Number.isInteger(threads) && threads >= 1, `threads is ${threads}.`);
      expect(limits.units >= 1 && limits.chains >= 1, "The limits leave no room.");
    },
  },
  {
    key: "life/contract-version",
    statement: "the backend states the version of the contract that is tested here",
    async run({ backend }) {
      const { contractVersion } = backend;
      expect(
        contractVersion === CONTRACT_VERSION,
        `contractVersion is ${contractVersion}, not ${CONTRACT_VERSION}.`,
      );
    },
  },
  {
    key: "life/starts-at-zero",
    statement: "a new session holds zeros in every slot",
    async run({ backend }) {
      const session = await backend.open(spec);
      for (const slot of ["couplings", "bias", "chains", "moments", "statistics"] as const) {
        const values = await session.read(slot);
        expect(
          values.every((value) => value === 0),
          `${slot} is not zero.`,
        );
      }
      await session.close();
    },
  },
  {
    key: "life/slots-come-back",
    statement: "what is written is read, bit for bit, and is copied at the call",
    async run({ backend }) {
      const session = await backend.open(spec);
      const lengths: [Slot, number][] = [
        ...([
          ["couplings", 49],
          ["bias", 7],
          ["chains", 35],
          ["batch", 28],
        ] as [Slot, number][]),
        ...([
          ["moments", 112],
          ["statistics", 56],
        ] as [Slot, number][]),
      ];
      for (const [slot, length] of lengths) {
        const values = exampleStates(length, 1);
        const kept = values.slice();
        session.write(slot, values);
        values.fill(9);
        expectSame(await session.read(slot), kept, slot);
      }
      await session.close();
    },
  },
  {
    key: "life/every-number",
    statement: "the smallest and the largest numbers come back, and the sign of zero",
    async run({ backend }) {
      const session = await backend.open(spec);
      const numbers = [
        2 ** -149,
        -(2 ** -130),
        2 ** -126,
        -0,
        (2 - 2 ** -23) * 2 ** 127,
        1 / 3,
        -1,
      ];
      for (const slot of ["couplings", "bias", "chains", "batch"] as const) {
        const length = { couplings: 49, bias: 7, chains: 35, batch: 28 }[slot];
        const values = Float32Array.from({ length }, (_, at) => numbers[at % numbers.length]!);
        session.write(slot, values);
        expectSame(await session.read(slot), values, slot);
      }
      await session.close();
    },
  },
  {
    key: "life/reads-are-copies",
    statement: "what was read belongs to the caller",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      session.accumulate("chains", 1);
      for (const slot of ["couplings", "bias", "chains", "batch", "statistics"] as const) {
        const values = await session.read(slot);
        const kept = values.slice();
        values.fill(9);
        expectSame(await session.read(slot), kept, slot);
      }
      await session.close();
    },
  },
  {
    key: "life/views",
    statement: "a view into a larger array is written as it is seen",
    async run({ backend }) {
      const session = await backend.open(spec);
      const whole = exampleStates(60, 1);
      for (const [slot, length] of [
        ["bias", 7],
        ["chains", 35],
        ["batch", 21],
      ] as const) {
        const view = whole.subarray(3, 3 + length);
        session.write(slot, view);
        expectSame(await session.read(slot), view.slice(), slot);
      }
      await session.close();
    },
  },
  {
    key: "life/steps-counted",
    statement: "a session knows the step that comes next, and whether its chains were ever set",
    async run({ backend }) {
      const expectState = (
        session: Session,
        nextStep: number,
        hasChains: boolean,
        when: string,
      ) => {
        expect(session.nextStep === nextStep, `nextStep is ${session.nextStep} ${when}.`);
        expect(session.hasChains === hasChains, `hasChains is ${session.hasChains} ${when}.`);
      };
      const session = await backend.open(spec);
      expectState(session, 0, false, "in a new session");
      session.write("bias", exampleStates(1, 7));
      expectState(session, 0, false, "after a bias was written");
      session.drawChains({ stream: 1, step: 3 });
      expectState(session, 0, true, "after chains were drawn");
      session.advance({ ...run, firstStep: 5, steps: 3 });
      expectState(session, 8, true, "after steps 5 to 7");
      session.advance({ ...run, firstStep: 2, steps: 2 });
      expectState(session, 4, true, "after steps 2 and 3");
      await session.synchronize();
      expectState(session, 4, true, "once they were done");
      await session.close();
      const written = await backend.open(spec);
      written.write("chains", exampleStates(5, 7));
      expectState(written, 0, true, "after chains were written");
      await written.close();
      const moved = await backend.open(spec);
      moved.advance(run);
      expectState(moved, 1, true, "after chains were moved");
      await moved.close();
    },
  },
  {
    key: "life/partial-batch",
    statement: "a batch may have fewer states than there is room for",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      const two = exampleStates(2, 7);
      session.write("batch", two);
      expectSame(await session.read("batch"), two, "batch");
      const energies = await session.measure("energy", "batch");
      expect(energies.length === 2, `${energies.length} energies for 2 states.`);
      await session.close();
    },
  },
  {
    key: "life/order",
    statement: "operations happen in the order in which they are called",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      const [first, second] = [exampleStates(5, 7), exampleStates(5, 7).map((value) => value / 2)];
      session.write("chains", first);
      const before = session.read("chains");
      const energiesBefore = session.measure("energy", "chains");
      session.write("chains", second);
      const after = session.read("chains");
      const energiesAfter = session.measure("energy", "chains");
      expectSame(await before, first, "chains before");
      expectSame(await after, second, "chains after");
      const [a, b] = [await energiesBefore, await energiesAfter];
      expect(
        a.some((value, at) => value !== b[at]),
        "The energies did not change with the chains.",
      );
      await session.close();
    },
  },
  {
    key: "life/refusals",
    statement: "a bad argument is refused with its code and changes nothing",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      const before = await session.read("chains");
      const cases: [string, string, () => unknown][] = [
        ["wrong-length", "a short write", () => session.write("chains", new Float32Array(34))],
        ["wrong-length", "a ragged batch", () => session.write("batch", new Float32Array(8))],
        ["wrong-length", "a batch too large", () => session.write("batch", new Float32Array(35))],
        ["wrong-length", "an empty batch", () => session.write("batch", new Float32Array(0))],
        [
          "not-finite",
          "NaN in chains",
          () =>
            session.write(
              "chains",
              before.map(() => Number.NaN),
            ),
        ],
        [
          "not-finite",
          "infinity in the bias",
          () => session.write("bias", new Float32Array(7).fill(1 / 0)),
        ],
        ["invalid-value", "an unknown slot", () => session.write("rates" as Slot, before)],
        ["invalid-value", "an unknown slot", () => session.read("rates" as Slot)],
        ["invalid-value", "dt = 0", () => session.advance({ ...run, dt: 0 })],
        ["invalid-value", "dt = NaN", () => session.advance({ ...run, dt: Number.NaN })],
        ["invalid-value", "no steps", () => session.advance({ ...run, steps: 0 })],
        ["invalid-value", "half a step", () => session.advance({ ...run, steps: 1.5 })],
        ["invalid-value", "T < 0", () => session.advance({ ...run, temperature: -1 })],
        [
          "wrong-length",
          "too few temperatures",
          () => session.advance({ ...run, temperature: new Float32Array(4) }),
        ],
        [
          "wrong-length",
          "a short mask",
          () => session.advance({ ...run, pinned: new Uint8Array(6) }),
        ],
        [
          "invalid-value",
          "an unknown integrator",
          () => session.advance({ ...run, integrator: "leapfrog" as "euler-maruyama" }),
        ],
        ["not-finite", "a weight of NaN", () => session.accumulate("chains", Number.NaN)],
        ["invalid-value", "an unknown source", () => session.accumulate("data" as "batch", 1)],
        [
          "invalid-value",
          "update 0",
          () =>
            session.update({
              optimizer: { kind: "sgd" },
              learningRate: 1,
              temperature: 1,
              update: 0,
            }),
        ],
        ["invalid-value", "step −1", () => session.drawChains({ stream: 0, step: -1 })],
      ];
      for (const [code, what, work] of cases) await expectCode(code, what, work);
      expectSame(await session.read("chains"), before, "chains");
      await session.close();
    },
  },
  {
    key: "life/empty-batch",
    statement: "statistics of a batch that was never written are refused",
    async run({ backend }) {
      const session = await backend.open({ ...spec, batch: 0 });
      await expectCode("invalid-value", "an empty batch", () => session.accumulate("batch", 1));
      await expectCode("invalid-value", "an empty batch", () => session.measure("energy", "batch"));
      await session.close();
    },
  },
  {
    key: "life/closed-session",
    statement: "a closed session refuses everything with its code, and may be closed again",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      await session.close();
      await session.close();
      const update = {
        optimizer: { kind: "sgd" },
        learningRate: 1,
        temperature: 1,
        update: 1,
      } as const;
      const cases: (() => unknown)[] = [
        () => session.write("chains", exampleStates(5, 7)),
        () => session.read("chains"),
        () => session.advance(run),
        () => session.drawChains({ stream: 0, step: 0 }),
        () => session.accumulate("chains", 1),
        () => session.update(update),
        () => session.measure("energy", "chains"),
        () => session.norms(),
        () => session.synchronize(),
      ];
      for (const work of cases) await expectCode("closed", "a call", work);
    },
  },
  {
    key: "life/close-while-working",
    statement: "closing a session rejects what is pending, or lets it finish first",
    async run({ backend }) {
      const session = await openExample(backend, spec);
      session.advance({ ...run, steps: 50 });
      const pending = session.read("chains").then(
        () => "closed",
        (error: { code?: string }) => error.code,
      );
      await session.close();
      expect((await pending) === "closed", `The pending call ended with ${await pending}.`);
    },
  },
  {
    key: "life/closed-backend",
    statement:
      "a closed backend opens nothing, its sessions are closed, and it may be closed again",
    async run({ create }) {
      const backend = await create();
      const session = await openExample(backend, spec);
      await session.synchronize();
      await backend.close();
      await backend.close();
      await expectCode("closed", "opening", () => backend.open(spec));
      await expectCode("closed", "reading", () => session.read("chains"));
    },
  },
  {
    key: "life/disposal",
    statement:
      "disposing of a session closes it, and disposing of a backend closes all that it opened",
    async run({ create }) {
      const backend = await create();
      const [one, other] = [await backend.open(spec), await backend.open(spec)];
      await one[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
      await expectCode("closed", "reading", () => one.read("chains"));
      await other.read("chains");
      await backend[Symbol.asyncDispose]();
      await expectCode("closed", "reading", () => other.read("chains"));
      await expectCode("closed", "opening", () => backend.open(spec));
      await backend.close();
    },
  },
  {
    key: "life/independent-sessions",
    statement: "sessions of one backend do not touch each other",
    async run({ backend }) {
      const [a, b] = [await openExample(backend, spec), await openExample(backend, spec)];
      const before = await b.read("chains");
      a.advance({ ...run, steps: 3 });
      a.drawChains({ stream: 1, step: 0 });
      await a.synchronize();
      expectSame(await b.read("chains"), before, "chains of the other session");
      await a.close();
      expectClose(await b.read("chains"), before, 0, "chains after the other was closed");
      await b.close();
    },
  },
  {
    key: "life/different-sessions",
    statement: "sessions of different sizes, seeds and activations compute side by side",
    needsSharedNoise: true,
    async run({ backend, oracle, tolerance }) {
      const specs = [
        { units: 9, chains: 4, seed: 3 },
        { units: 5, chains: 6, seed: 2 ** 33, firstChain: 9, activation: "identity" },
        { units: 9, chains: 4, seed: 4 },
      ] as const;
      const results: Float32Array[][] = [];
      for (const one of [backend, oracle]) {
        const sessions: Session[] = [];
        for (const each of specs) sessions.push(await openExample(one, each));
        for (const firstStep of [0, 1]) {
          for (const session of sessions) session.advance({ ...run, firstStep, dt: 0.02 });
        }
        results.push(await Promise.all(sessions.map((session) => session.read("chains"))));
        for (const session of sessions) await session.close();
      }
      const [found, expected] = results as [Float32Array[], Float32Array[]];
      for (const at of specs.keys())
        expectClose(found[at]!, expected[at]!, 2 * tolerance, `chains of session ${at}`);
    },
  },
];
