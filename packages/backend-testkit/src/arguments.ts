// Bad arguments of every kind: each is refused at the call with its code, and changes nothing.
import type { AdvanceRun, Session, SessionSpec, UpdateStep } from "@neural-langevin/core";
import { expect, expectCode, expectSame } from "./expectations.js";
import { openExample, type Scenario } from "./scenario.js";

const spec = { units: 7, chains: 5, batch: 4, seed: 1 };
const run: AdvanceRun = {
  firstStep: 0,
  steps: 1,
  dt: 0.01,
  temperature: 1,
  integrator: "euler-maruyama",
};
const step: UpdateStep = {
  optimizer: { kind: "adam" },
  learningRate: 0.1,
  temperature: 1,
  update: 1,
};
const lengths = {
  couplings: 49,
  bias: 7,
  chains: 35,
  batch: 28,
  moments: 112,
  statistics: 56,
} as const;

/** A call that must be refused, and what is wrong with it. */
type Refusal = readonly [what: string, call: (session: Session) => unknown, code?: string];

/** A scenario of refused calls on a session, whose slots stay as they were. */
const refuses = (
  key: string,
  statement: string,
  refusals: readonly Refusal[],
  openings: readonly (readonly [what: string, spec: unknown])[] = [],
): Scenario => ({
  key,
  statement,
  async run({ backend }) {
    const session = await openExample(backend, spec);
    const read = async () => {
      const all: Float32Array[] = [];
      for (const slot of Object.keys(lengths) as (keyof typeof lengths)[])
        all.push(await session.read(slot));
      return all;
    };
    const before = await read();
    for (const [what, call, code = "invalid-value"] of refusals)
      await expectCode(code, what, () => call(session));
    for (const [what, one] of openings)
      await expectCode("invalid-value", what, () => backend.open(one as SessionSpec));
    for (const [at, values] of (await read()).entries())
      expectSame(values, before[at]!, Object.keys(lengths)[at]!);
    expect(session.nextStep === 0, "A refused run was counted.");
    await session.close();
  },
});

/** Values that are not a typed array of the kind that is due. */
const noFloat32Arrays = (length: number): [name: string, values: unknown][] => [
  ["a plain array", Array.from({ length }, () => 0.5)],
  ["a Float64Array", new Float64Array(length)],
  ["an Int32Array", new Int32Array(length)],
  ["a DataView", new DataView(new ArrayBuffer(4 * length))],
  ["an ArrayBuffer", new ArrayBuffer(4 * length)],
  ["an object with a length", { length }],
  ["a string", "0".repeat(length)],
  ["a number", length],
  ["null", null],
  ["undefined", undefined],
];
const noNames = ["", "rates", "toString", "__proto__", 0, null, undefined];
/** The object without one of its fields. */
const without = <T extends object>(whole: T, field: keyof T): T => {
  const { [field]: _, ...rest } = whole;
  return rest as T;
};
const fieldsOf = <T extends object>(whole: T) => Object.keys(whole) as (keyof T & string)[];

export const badArguments: readonly Scenario[] = [
  refuses(
    "arguments/arrays",
    "values that are not a Float32Array are refused by every slot",
    Object.entries(lengths).flatMap(([slot, length]) =>
      noFloat32Arrays(length).map(
        ([name, values]): Refusal => [
          `${name} as ${slot}`,
          (session) => session.write(slot as "bias", values as Float32Array),
        ],
      ),
    ),
  ),
  refuses(
    "arguments/names",
    "slots, sources, measures, integrators, activations and optimisers that do not exist are refused",
    noNames.flatMap((name): Refusal[] => {
      const no = name as never;
      return [
        [`the slot ${name}, written`, (session) => session.write(no, new Float32Array(7))],
        [`the slot ${name}, read`, (session) => session.read(no)],
        [`statistics of ${name}`, (session) => session.accumulate(no, 1)],
        [`the energy of ${name}`, (session) => session.measure("energy", no)],
        [`the measure ${name}`, (session) => session.measure(no, "chains")],
        [`the integrator ${name}`, (session) => session.advance({ ...run, integrator: no })],
        [
          `the optimiser ${name}`,
          (session) => session.update({ ...step, optimizer: { kind: no } }),
        ],
      ];
    }),
    noNames
      .filter((name) => name !== undefined && name !== null)
      .map((activation) => [`the activation ${activation}`, { ...spec, activation }]),
  ),
  refuses(
    "arguments/missing",
    "options that are missing are refused, whole and field by field",
    [
      ...[undefined, null, 1, "run", []].flatMap((none): Refusal[] => [
        ["no run", (session) => session.advance(none as never)],
        ["no update", (session) => session.update(none as never)],
        ["no draw", (session) => session.drawChains(none as never)],
        ["no optimiser", (session) => session.update({ ...step, optimizer: none as never })],
      ]),
      ...fieldsOf(run).map(
        (field): Refusal => [`a run without ${field}`, (one) => one.advance(without(run, field))],
      ),
      ...fieldsOf(step).map(
        (field): Refusal => [
          `an update without ${field}`,
          (session) => session.update(without(step, field)),
        ],
      ),
      ["a draw without a stream", (session) => session.drawChains({ step: 0 } as never)],
      ["a draw without a step", (session) => session.drawChains({ stream: 0 } as never)],
      [
        "statistics without a weight",
        (session) => session.accumulate("chains", undefined as never),
        "not-finite",
      ],
    ],
    [
      ...[undefined, null, 1, "spec", []].map((none) => ["no spec", none] as const),
      ...(["units", "chains", "seed"] as const).map(
        (field) => [`a spec without ${field}`, without(spec, field)] as const,
      ),
    ],
  ),
  refuses(
    "arguments/masks",
    "masks that are not a Uint8Array and temperatures that are not numbers are refused",
    [
      ...[[0, 0, 0, 0, 0, 0, 1], new Float32Array(7), new Int8Array(7), true, "1000000", null].map(
        (pinned): Refusal => [
          `${Object.prototype.toString.call(pinned)} as pinned`,
          (session) => session.advance({ ...run, pinned: pinned as never }),
        ],
      ),
      ...[
        [1, 1, 1, 1, 1],
        new Int32Array(5),
        "1",
        true,
        null,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Float32Array.of(1, 1, 1, 1, -1),
        Float64Array.of(1, 1, Number.NaN, 1, 1),
        Float64Array.of(1, 1, 1, Number.POSITIVE_INFINITY, 1),
      ].map(
        (temperature): Refusal => [
          `the temperature ${temperature}`,
          (session) => session.advance({ ...run, temperature: temperature as number }),
        ],
      ),
    ],
  ),
  {
    key: "arguments/undefined",
    statement: "an optional field that is undefined is as one that is left out",
    async run({ backend }) {
      const results: Float32Array[] = [];
      for (const none of [{}, { firstChain: undefined, activation: undefined }]) {
        const given = "firstChain" in none;
        const session = await openExample(backend, { ...spec, ...none });
        session.advance({ ...run, ...(given && { feedbackFrom: undefined, pinned: undefined }) });
        session.accumulate("chains", 1);
        const constants = { beta1: undefined, beta2: undefined, epsilon: undefined };
        session.update({
          ...step,
          ...(given && { decay: undefined, optimizer: { kind: "adam", ...constants } }),
        });
        results.push(await session.read("chains"), await session.read("couplings"));
        await session.close();
      }
      expectSame(results[2]!, results[0]!, "chains");
      expectSame(results[3]!, results[1]!, "couplings");
      const roomless = await backend.open({ ...spec, batch: undefined });
      expect(roomless.spec.batch === 0, "A batch that is undefined has room.");
      await roomless.close();
    },
  },
];
