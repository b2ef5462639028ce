/// <reference lib="esnext.disposable" preserve="true" />
// A machine in a few lines: a network with its training and sampling on one backend, defaults filled in. Everything
// it does is open to those who want the sessions themselves.
import type { Activation } from "./activation.js";
import {
  requireArray,
  requireInteger,
  requireIntegers,
  requireLength,
  requireNonNegative,
  requireObject,
  requirePositive,
} from "./arguments.js";
import { requireContract, requireDraw } from "./backend/checks.js";
import type { Backend, ChainGaussian, ResolvedSpec, Session } from "./backend/contract.js";
import { type CompanionNeeds, type Companions, openCompanions } from "./companions.js";
import { LangevinError } from "./errors.js";
import {
  type LangevinFrame,
  type LangevinPlan,
  langevin,
  requireLangevinPlan,
} from "./langevin.js";
import { countStates, type Network, randomNetwork, requireNetwork } from "./network.js";
import { FRESH_CHAINS, streams } from "./noise.js";
import { readNetwork, writeNetwork } from "./session-network.js";
import {
  resolvePlan,
  type TrainingOptions,
  type TrainingPlan,
  type TrainingReport,
  train,
  trainingDefaults,
} from "./trainer.js";
import {
  readTrainingState,
  type TrainingState,
  writeCompanions,
  writeTrainingState,
} from "./training-state.js";

/** What a machine is made of: `units`, or a `network`, or the `state` of a training. */
export interface MachineOptions {
  /** Number of units N of a machine that begins with random couplings. */
  readonly units?: number | undefined;
  /** g of its random couplings; 2 unless given, as in arXiv 2506.23546. */
  readonly gain?: number | undefined;
  /** Parameters to begin with. */
  readonly network?: Network | undefined;
  /** A training to go on with; it decides the parameters and the number of training's chains. */
  readonly state?: TrainingState | undefined;
  /** Chains of the model during training; 100 unless given. */
  readonly chains?: number | undefined;
  /** Room for data states per update; 100 unless given. */
  readonly batch?: number | undefined;
  /** Seed of all noise; 1 unless given. */
  readonly seed?: number | undefined;
  /** tanh unless given. */
  readonly activation?: Activation | undefined;
  /** How it is sampled unless a call says otherwise; trainings replace it. */
  readonly sampling?: GivenSampling | undefined;
  /** Which units are labels; none unless given. */
  readonly labelUnits?: LabelUnits | undefined;
}

/**
 * Which units of a machine are pixels and which are labels: the pixels first, then copy by copy one unit for each kind of
 * each label, the kinds of a label side by side. The unit of the image's label and kind has x = current, the others
 * x = −current.
 */
export interface LabelUnits {
  /** Number of pixels, and so the place of the first label unit. */
  readonly pixels: number;
  /** The label of each unit of a copy, without repetition. */
  readonly labels: readonly number[];
  /** Copies of every label's unit: one unit among hundreds of pixels would hardly count. */
  readonly copies: number;
  /** x of the unit of the image's label and kind; of the others −x. */
  readonly current: number;
  /** What the labels are called, in their order; by their numbers unless given. */
  readonly names?: readonly string[] | undefined;
  /** Kinds of images that every label has; one unless given. */
  readonly kinds?: LabelKinds | undefined;
}

/** Kinds of images within each label, such as two ways of writing a 4: an image is of the kind whose mean is nearest. */
export interface LabelKinds {
  /** Kinds of each label. */
  readonly count: number;
  /** Share of each kind in the training images of its label, shape [labels][count]. */
  readonly shares: readonly number[];
  /** Mean firing rates of the images of each kind, shape [labels][count][pixels]. */
  readonly means: Float32Array;
}

/** What belongs to a machine besides its parameters: how its chains were run when it learned. */
export interface SamplingDefaults {
  /** Time per step. */
  readonly dt: number;
  /** T, in the unit of E. */
  readonly temperature: number;
  /** Where chains begin. */
  readonly chainStart: ChainGaussian;
}

/** Some of `SamplingDefaults`. */
export type GivenSampling = {
  readonly [Name in keyof SamplingDefaults]?: SamplingDefaults[Name] | undefined;
};

/** How a machine is sampled: `steps` at one temperature, or `stages`. */
export interface SamplingOptions
  extends Pick<LangevinPlan, "integrator" | "every" | "at" | "pinned" | "signal" | "start"> {
  /** Chains; those of the call before unless given, 100 at first. Another number begins with fresh chains. */
  readonly chains?: number | undefined;
  /** Langevin steps. */
  readonly steps?: number | undefined;
  /** T of these steps; that of the last training unless given, 1 without one. */
  readonly temperature?: number | undefined;
  /** Several temperatures, in place of `steps` and `temperature`. */
  readonly stages?: LangevinPlan["stages"] | undefined;
  /** Step size; that of the last training unless given. */
  readonly dt?: number | undefined;
}

/** A neural Langevin machine on a backend. */
export interface Machine extends AsyncDisposable {
  /** Number of units N. */
  readonly units: number;
  /** The session that trains, for those who want more than this interface offers. */
  readonly session: Session;
  /** Updates done. */
  readonly updates: number;
  /** How chains were run in the last training; what `sample` takes unless it is told otherwise. */
  readonly sampling: SamplingDefaults;
  /** Which units are labels; undefined where none are. */
  readonly labelUnits: LabelUnits | undefined;
  /**
   * Trains on data states x, shape [P][N]; see `train`. A second call with more `updates` goes on.
   *
   * @throws what `train` throws
   */
  train(
    data: Float32Array,
    plan: TrainingPlan & Omit<TrainingOptions, "from" | "companions">,
  ): AsyncGenerator<TrainingReport, void, void>;
  /**
   * Runs chains that training never saw and returns where they end, x of shape [B][N]. Calling it again goes on with
   * them; `start: "fresh"` begins anew.
   *
   * @throws what `langevin` throws
   */
  sample(options: SamplingOptions): Promise<Float32Array>;
  /** The same chains, frame by frame; see `langevin`. */
  langevin(options: SamplingOptions): AsyncGenerator<LangevinFrame, void, void>;
  /** J, shape [N][N], and b, shape [N], that training has come to; their averages where it takes some. See `readNetwork`. */
  network(): Promise<Network & { readonly couplings: Float32Array; readonly bias: Float32Array }>;
  /** Everything that training goes on with; `state` of `createMachine` takes it. */
  state(): Promise<TrainingState>;
  /** Frees the machine's sessions, not the backend. */
  close(): Promise<void>;
}

/** Chains, and data states per update, unless given. */
const CHAINS = 100;

/**
 * Puts a machine on a backend.
 *
 * @throws invalid-value, wrong-length, not-finite, unsupported (also a backend of another version of the contract)
 */
export async function createMachine(backend: Backend, options: MachineOptions): Promise<Machine> {
  requireObject("the options of a machine", options);
  requireContract(backend);
  const { state, sampling = {}, seed = 1, batch = CHAINS } = options;
  requireObject("sampling", sampling);
  if (state !== undefined) requireState(state);
  const network = networkOf(options, seed);
  requireFit(network.units, options.labelUnits);
  const { units, activation = options.activation } = network;
  const chains = state ? state.chains.length / units : (options.chains ?? CHAINS);
  const session = await backend.open({ units, chains, batch, seed, activation, averages: true });
  const machine = new BackendMachine(backend, session, state?.update ?? 0, options);
  try {
    requireSampling(session.spec, sampling);
    writeNetwork(session, network);
    if (state) writeTrainingState(session, state);
  } catch (error) {
    await machine.close();
    throw error;
  }
  return machine;
}

/** Refuses what is not a state of a training; a session refuses the lengths. Throws invalid-value. */
function requireState(state: TrainingState): void {
  requireObject("state", state);
  requireInteger("the update of the state", state.update, 0);
  for (const name of ["couplings", "bias", "chains", "moments"] as const) {
    requireArray(`${name} of the state`, state[name], ["Float32Array"]);
  }
}

/** Refuses dynamics that no chains can have. Throws invalid-value, wrong-length, not-finite. */
function requireSampling(spec: ResolvedSpec, sampling: GivenSampling): void {
  const { dt = 1, temperature = 0, chainStart = {} } = sampling;
  requirePositive("dt", dt);
  requireNonNegative("temperature", temperature);
  requireObject("chainStart", chainStart);
  requireDraw(spec, { ...chainStart, stream: streams.initialState, step: 0 });
}

/** Refuses label units that are not those of a machine of so many units. Throws invalid-value, wrong-length. */
function requireFit(units: number, labelUnits: LabelUnits | undefined): void {
  if (labelUnits === undefined) return;
  requireObject("labelUnits", labelUnits);
  const { pixels, labels, copies, names, kinds } = labelUnits;
  requireInteger("pixels", pixels, 0);
  requireIntegers("labels", labels, 0);
  requireInteger("copies", copies, 1);
  if (kinds !== undefined) requireObject("kinds", kinds);
  const groups = labels.length * (kinds?.count ?? 1);
  if (pixels + groups * copies !== units) {
    const each = kinds ? ` of ${kinds.count} kinds` : "";
    throw new LangevinError(
      "invalid-value",
      `${pixels} pixels and ${copies} copies of units for ${labels.length} labels${each} are not the ${units} units of the machine.`,
    );
  }
  if (names !== undefined) requireLength("names", names, labels.length);
  if (!kinds) return;
  requireLength("shares", kinds.shares, groups);
  requireLength("means", kinds.means, groups * pixels);
}

/** How a machine is sampled after a training; one that lowered energies at T = 0 is sampled at T = 1. */
const samplingOf = (training: GivenSampling | TrainingPlan): SamplingDefaults => ({
  dt: training.dt ?? trainingDefaults.dt,
  temperature: training.temperature || trainingDefaults.temperature,
  chainStart: training.chainStart ?? {},
});

function networkOf(options: MachineOptions, seed: number): Network {
  const { state, network, units, gain = 2, activation } = options;
  if (state) {
    const { couplings, bias } = state;
    return { units: bias.length, couplings, bias, activation };
  }
  if (network !== undefined) {
    requireNetwork(network);
    return network;
  }
  if (units === undefined) {
    throw new LangevinError(
      "invalid-value",
      "A machine needs units, a network or the state of a training.",
      "For example createMachine(backend, { units: 16 }).",
    );
  }
  requireInteger("seed", seed, 0);
  return randomNetwork({ units, gain, seed, activation });
}

class BackendMachine implements Machine {
  readonly session: Session;
  readonly labelUnits: LabelUnits | undefined;
  readonly #backend: Backend;
  #updates: number;
  #sampling: SamplingDefaults;
  /** The session of the chains that training never saw. */
  #sampler: Session | undefined;
  /** The update whose parameters the sampler holds. */
  #sampled = -1;
  /** The sessions beside the last training that needed some. */
  #companions: Companions | undefined;
  /** What the first ones go on with. */
  readonly #given: Pick<TrainingState, "hot" | "ladder" | "missing">;

  constructor(
    backend: Backend,
    session: Session,
    updates: number,
    { sampling = {}, labelUnits, state }: Pick<MachineOptions, "sampling" | "labelUnits" | "state">,
  ) {
    this.#given = { hot: state?.hot, ladder: state?.ladder, missing: state?.missing };
    this.#backend = backend;
    this.session = session;
    this.labelUnits = labelUnits;
    this.#updates = updates;
    this.#sampling = samplingOf(sampling);
  }

  get sampling(): SamplingDefaults {
    return this.#sampling;
  }

  get units(): number {
    return this.session.spec.units;
  }

  get updates(): number {
    return this.#updates;
  }

  train(
    data: Float32Array,
    plan: TrainingPlan & Omit<TrainingOptions, "from" | "companions">,
  ): AsyncGenerator<TrainingReport, void, void> {
    requireObject("the plan", plan);
    const { reportEvery, reportAt, signal, now, known, ...rest } = plan;
    const options = { from: this.#updates, reportEvery, reportAt, signal, now, known };
    resolvePlan(this.session, data, rest, options);
    if (rest.updates <= this.#updates) {
      throw new LangevinError(
        "invalid-value",
        `This machine has done ${this.#updates} updates, so a training of ${rest.updates} in all is over.`,
        "Ask for more updates.",
      );
    }
    const needs = { negativePhase: rest.negativePhase, missing: known !== undefined };
    const reports =
      known || rest.negativePhase?.kind === "tempering"
        ? this.#trainBeside(needs, (companions) =>
            train(this.session, data, rest, { ...options, companions }),
          )
        : train(this.session, data, rest, options);
    this.#sampling = samplingOf(rest);
    return this.#follow(reports);
  }

  async sample(options: SamplingOptions): Promise<Float32Array> {
    let states: Float32Array = new Float32Array();
    for await (const frame of this.langevin(options)) states = frame.states;
    return states;
  }

  langevin(options: SamplingOptions): AsyncGenerator<LangevinFrame, void, void> {
    requireObject("the options", options);
    const { start, steps = 0, temperature = this.#sampling.temperature, ...rest } = options;
    if (ArrayBuffer.isView(start)) requireArray("start", start, ["Float32Array"]);
    const given = ArrayBuffer.isView(start) ? countStates(start, this.units) : options.chains;
    const chains = given ?? this.#sampler?.spec.chains ?? CHAINS;
    requireInteger("chains", chains, 1);
    const { integrator, every, at, pinned, signal } = rest;
    const plan: LangevinPlan = {
      stages: rest.stages ?? [{ steps, temperature }],
      dt: rest.dt ?? this.#sampling.dt,
      start,
      integrator,
      every,
      at,
      pinned,
      signal,
    };
    requireLangevinPlan({ ...this.session.spec, chains }, this.#sampler?.nextStep ?? 0, plan);
    return this.#sampleChains(chains, plan);
  }

  network(): Promise<Network & { readonly couplings: Float32Array; readonly bias: Float32Array }> {
    return readNetwork(this.session);
  }

  state(): Promise<TrainingState> {
    return readTrainingState(this.session, this.#updates, this.#companions);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.session.close(),
      this.#sampler?.close(),
      this.#companions?.[Symbol.asyncDispose](),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs chains of the sampling session; fresh ones begin where those of the last training did. */
  async *#sampleChains(
    chains: number,
    plan: LangevinPlan,
  ): AsyncGenerator<LangevinFrame, void, void> {
    const sampler = await this.#open(chains);
    const { start } = plan;
    const isFresh = start === "fresh" || (start === undefined && !sampler.hasChains);
    yield* langevin(sampler, { ...plan, start: isFresh ? this.#sampling.chainStart : start });
  }

  /** Trains with sessions beside it, which go on with what an earlier training left. */
  async *#trainBeside(
    needs: CompanionNeeds,
    begin: (companions: Companions | undefined) => AsyncGenerator<TrainingReport, void, void>,
  ): AsyncGenerator<TrainingReport, void, void> {
    const before = this.#companions ? await this.state() : this.#given;
    await this.#companions?.[Symbol.asyncDispose]();
    this.#companions = await openCompanions(this.#backend, this.session.spec, needs);
    if (this.#companions) writeCompanions(this.#companions, before);
    yield* begin(this.#companions);
  }

  /** Counts updates; a training that diverged stands at its last good state. */
  async *#follow(
    reports: AsyncGenerator<TrainingReport, void, void>,
  ): AsyncGenerator<TrainingReport, void, void> {
    for await (const report of reports) {
      this.#updates = report.update;
      yield report;
    }
  }

  /** The sampling session, with as many chains and the parameters of now. */
  async #open(chains: number): Promise<Session> {
    if (this.#sampler?.spec.chains !== chains) {
      await this.#sampler?.close();
      const { units, seed, activation } = this.session.spec;
      const spec = { units, chains, seed, activation, firstChain: FRESH_CHAINS };
      this.#sampler = await this.#backend.open(spec);
      this.#sampled = -1;
    }
    if (this.#sampled !== this.#updates) {
      writeNetwork(this.#sampler, await this.network());
      this.#sampled = this.#updates;
    }
    return this.#sampler;
  }
}
