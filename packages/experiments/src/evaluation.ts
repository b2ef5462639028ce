// What a trained machine generates, measured against images that it never saw.
import {
  type Chains,
  classMix,
  type DigitMeasures,
  type EquilibriumVerdict,
  type Estimate,
  estimateLikelihood,
  type Likelihood,
  meanEstimate,
  measureDigits,
  partitionDifference,
  points,
  principalComponents,
  qualityEstimate,
  type WatchedChains,
  watchEquilibrium,
} from "@neural-langevin/analysis";
import {
  type Backend,
  LangevinError,
  type Session,
  swapStatistics,
  type WorkOptions,
} from "@neural-langevin/core";
import {
  appendLabels,
  type DataSet,
  encodeImages,
  isMnist,
  pickImages,
  pixelStates,
  ratesOfStates,
} from "@neural-langevin/datasets";
import {
  askForLabels,
  type Dynamics,
  dynamicsOf,
  type GivenDynamics,
  openChains,
  requireImagesOf,
  requireLabelUnits,
  runChains,
  type StoredNetwork,
  stepsPerSweep,
  type Tempered,
  type TemperedFrame,
  type TrainedMachine,
  type TrainingData,
  temperChains,
} from "@neural-langevin/runs";
import { learnedDigits } from "./learned-digits.js";

/** Measures of some generated images. */
export interface ImageMeasures {
  /** Generated images; as many real ones are compared with them. */
  readonly images: number;
  /** A_S of `quality`, in firing rates: ½ where generated and real images are alike. */
  readonly A_S: number;
  /** A_T of `quality`: ½ where generated and real images are alike. */
  readonly A_T: number;
  /** ½[(A_S − ½)² + (A_T − ½)²]. */
  readonly AAI: number;
  /** E⁽²⁾. */
  readonly covarianceError: number;
  /** Their standard errors over images drawn anew, real and generated; see `qualityEstimate`. */
  readonly standardErrors: {
    readonly A_S: number;
    readonly A_T: number;
    readonly AAI: number;
    readonly covarianceError: number;
  };
  /** What the images show, for digits of MNIST; undefined for other images, which its judge cannot read. */
  readonly digits: DigitMeasures | undefined;
  /** Share of every label by 5 nearest training images; absent where there are no labels. */
  readonly classes: Readonly<Record<string, Estimate>> | undefined;
}

/** Measures of a machine. */
export interface Evaluation extends ImageMeasures {
  /** Langevin steps that made the images. */
  readonly steps: number;
  /** T at which they were made. */
  readonly temperature: number;
  /** The labels that were asked for, which chains took in turn; undefined where label units were free. */
  readonly asked: readonly number[] | undefined;
  /** ⟨x·∇E⟩/(N T), 1 in equilibrium at a small step size; null at T = 0 and where labels were asked for. */
  readonly virialRatio: number | null;
  /** Its standard error between chains. */
  readonly virialRatioError: number | null;
  /** Whether the chains are in equilibrium; undefined where that was not asked. */
  readonly equilibrium: (EquilibriumVerdict & FrameSpacing) | undefined;
  /** log Z and the likelihood of images; undefined where that was not asked. */
  readonly likelihood: Likelihood | undefined;
  /** How the ladder went, where chains were tempered. */
  readonly tempered: Tempered | undefined;
}

/** Numbers that an evaluation rests on, for files. */
export interface EvaluationDetails {
  /** The series that `equilibrium` judges, by name, of every chain. */
  readonly traces: Readonly<Record<string, Chains>> | undefined;
  /** −E/T − log Z of every image, in nats, shape [images], by the names of `likelihood`. */
  readonly logLikelihoods: Readonly<Record<string, Float64Array>> | undefined;
}

/** So many frames, one every so many steps. */
interface FrameSpacing {
  readonly frames: number;
  readonly every: number;
}

/** What is measured. */
export interface EvaluationPlan {
  /** Of all noise. */
  readonly seed: number;
  /** The machine's own where it is not given. */
  readonly dynamics?: GivenDynamics | undefined;
  /** Whether chains ask for the machine's labels, in turn, with its label units pinned; they are free unless given. */
  readonly asked?: boolean | undefined;
  /** Watches the chains, and judges whether they are in equilibrium. */
  readonly equilibrium?: FrameSpacing | undefined;
  /** Estimates log Z and the images' likelihood, by so many values of β and Langevin steps at each. */
  readonly annealing?: { readonly anneals: number; readonly steps: number } | undefined;
  /**
   * T of a ladder, ascending from that of the dynamics, over which chains swap; its lowest rung is measured, and log Z is
   * annealed at its highest. None unless given.
   */
  readonly tempering?: readonly number[] | undefined;
}

/** Frames of tempered chains that log Z rests on, where no equilibrium is watched. */
const LADDER_FRAMES: FrameSpacing = { frames: 300, every: stepsPerSweep };

/** Training images that vote on the class of a generated one. */
const VOTERS = 3000;
/** Directions of the held-out images that are followed besides the energy: the slow ones, along which modes differ. */
const COMPONENTS = 3;

/**
 * Generates as many images as were kept back, and compares the two.
 *
 * @param data images of the machine, with at least two that were kept back; label units do not count
 * @throws invalid-value, wrong-length, not-finite, aborted, diverged; what `requireEvaluable` and the backend throw
 */
export async function evaluate(
  backend: Backend,
  machine: TrainedMachine,
  data: TrainingData<DataSet>,
  plan: EvaluationPlan,
  work: WorkOptions = {},
): Promise<Evaluation & { readonly details: EvaluationDetails }> {
  const { network } = machine;
  const dynamics = dynamicsOf(machine, plan.dynamics);
  const { steps, temperature } = dynamics;
  requireEvaluable(machine, data, plan);
  const asked = plan.asked ? requireLabelUnits(network).labels : undefined;
  const chains = data.heldOut.count * (plan.tempering?.length ?? 1);
  await using session = await openChains(backend, network, { chains, seed: plan.seed });
  const pinned = asked && (await askForLabels(session, network, dynamics.chainStart, asked));
  const { states, ladder } = await runIn(session, { ...dynamics, pinned }, plan.tempering, work);
  const measures = measureImages(pixelStates(states, network.labelUnits), data, asked);
  const all = await session.measure("virial", "chains");
  const virials = ladder ? all.filter((_, chain) => ladder.rungs[chain] === 0) : all;
  const virial = meanEstimate(virials);
  const scale = network.units * temperature;
  const hasVirial = temperature > 0 && !asked;
  const virialRatio = hasVirial ? virial.value / scale : null;
  const virialRatioError = hasVirial ? virial.standardError / scale : null;
  const full = { ...plan, dynamics, ladder };
  const more = await measureDistribution(session, network, data, full, work);
  return { steps, temperature, asked, ...measures, virialRatio, virialRatioError, ...more };
}

/** Runs chains to where they are measured, with units pinned from where they stand; of tempered ones, the lowest rungs. */
async function runIn(
  session: Session,
  {
    pinned,
    steps,
    temperature,
    dt,
    integrator,
    chainStart,
  }: Dynamics & { readonly pinned: Uint8Array | undefined },
  tempering: readonly number[] | undefined,
  work: WorkOptions,
): Promise<{ states: Float32Array; ladder?: TemperedFrame }> {
  const start = pinned ? "continue" : chainStart;
  if (!tempering) {
    const stages = [{ steps, temperature }];
    return runChains(session, "sampling", { stages, start, dt, integrator, pinned }, work);
  }
  const sweeps = Math.ceil(steps / stepsPerSweep);
  const of = { temperatures: tempering, sweeps, steps: stepsPerSweep };
  const how = { ...of, start: chainStart, dt, integrator };
  let ladder: TemperedFrame | undefined;
  for await (const frame of temperChains(session, how, work)) ladder = frame;
  return { states: ladder!.statesAt(0), ladder: ladder! };
}

/**
 * Measures generated states of pixels, shape [images][pixels], in firing rates.
 *
 * @param asked labels that the images took in turn; none were asked for unless given
 * @throws wrong-length, not-finite; invalid-value, for fewer than two images
 */
export function measureImages(
  states: Float32Array,
  data: TrainingData<DataSet>,
  asked?: readonly number[],
): ImageMeasures {
  const { pixels, heldOut, heldOutRates, training, encoding } = data;
  const images = Math.min(states.length / pixels, heldOut.count);
  const generated = points(ratesOfStates(states.subarray(0, images * pixels)), pixels);
  const measured = qualityEstimate(generated, points(heldOutRates, pixels));
  const { realAccuracy, generatedAccuracy, adversarialError, covarianceError } = measured;
  const voters = firstImages(training, VOTERS);
  const references = points(ratesOfStates(encodeImages(voters, data.encoding)), pixels);
  const mix = voters.labels && classMix(generated, references, voters.labels);
  return {
    images,
    A_S: realAccuracy.value,
    A_T: generatedAccuracy.value,
    AAI: adversarialError.value,
    covarianceError: covarianceError.value,
    standardErrors: {
      A_S: realAccuracy.standardError,
      A_T: generatedAccuracy.standardError,
      AAI: adversarialError.standardError,
      covarianceError: covarianceError.standardError,
    },
    digits:
      isMnist(training) && encoding.name === "atanh"
        ? measureDigits(generated, learnedDigits(data), asked && inTurn(asked, images))
        : undefined,
    classes: mix && Object.fromEntries(mix.shares),
  };
}

const inTurn = (labels: readonly number[], images: number): number[] =>
  Array.from({ length: images }, (_, image) => labels[image % labels.length]!);

/** Whether chains are in equilibrium, and the likelihood of images, where the plan asks for them. */
async function measureDistribution(
  session: Session,
  network: StoredNetwork,
  data: TrainingData<DataSet>,
  plan: EvaluationPlan & {
    readonly dynamics: Dynamics;
    readonly ladder: TemperedFrame | undefined;
  },
  work: WorkOptions,
): Promise<
  Pick<Evaluation, "equilibrium" | "likelihood" | "tempered"> & { details: EvaluationDetails }
> {
  const { units } = network;
  const { equilibrium, ladder, annealing } = plan;
  const { dt, temperature, integrator } = plan.dynamics;
  const images = imagesOf(data, network);
  const spacing = equilibrium ?? (ladder && annealing ? LADDER_FRAMES : undefined);
  const watched =
    spacing &&
    (await watchEquilibrium(
      session,
      {
        ...spacing,
        dt,
        temperature,
        integrator,
        components: componentsOf(images["held out"], units),
        ladder,
      },
      work,
    ));
  const likelihood =
    annealing &&
    (await estimateLikelihood(
      session,
      network,
      {
        ...annealing,
        dt,
        temperature,
        integrator,
        from: ladder && (await goUp(session, plan.dynamics, watched!, work)),
        firstStep: session.nextStep,
        equilibrium: await session.read("chains"),
        images,
      },
      work,
    ));
  const { traces, tempered: _, ...verdict } = watched ?? {};
  const { each, ...summary } = likelihood ?? {};
  const swaps = watched?.tempered?.swaps ?? ladder?.swaps;
  return {
    equilibrium: equilibrium && watched && { ...(verdict as EquilibriumVerdict), ...equilibrium },
    likelihood: likelihood && (summary as Likelihood),
    tempered: ladder && swaps && { temperatures: ladder.temperatures, ...swapStatistics(swaps) },
    details: {
      traces: equilibrium && traces,
      logLikelihoods: each,
    },
  };
}

/** Takes all chains to the highest temperature, where the machine is annealed. */
async function goUp(
  session: Session,
  { steps, dt, integrator }: Dynamics,
  { tempered }: WatchedChains,
  work: WorkOptions,
) {
  const { temperatures, energies } = tempered!;
  const temperature = temperatures.at(-1)!;
  const stages = [{ steps, temperature }];
  await runChains(session, "heating", { stages, start: "continue", dt, integrator }, work);
  return { temperature, difference: partitionDifference(energies, temperatures) };
}

/**
 * Refuses what `evaluate` cannot measure, before anything is computed.
 *
 * @throws invalid-value, for images of another size, fewer than two that were kept back, and measures of the distribution
 *   at T = 0 and of images that were asked for; unsupported, for asking a machine without label units
 */
export function requireEvaluable(
  machine: TrainedMachine,
  data: TrainingData<DataSet>,
  { dynamics, asked, equilibrium, annealing, tempering }: EvaluationPlan,
): void {
  const { temperature } = dynamicsOf(machine, dynamics);
  if (asked) requireLabelUnits(machine.network);
  if (asked && (equilibrium || annealing || tempering)) {
    throw new LangevinError(
      "invalid-value",
      "Equilibrium, likelihood and tempering are of the machine whose label units are free, but labels are asked for.",
      "Measure them on their own.",
    );
  }
  if (tempering && tempering[0] !== temperature) {
    throw new LangevinError(
      "invalid-value",
      `The ladder begins at ${tempering[0]}, but the machine is measured at the temperature ${temperature}.`,
      "Begin it with that temperature.",
    );
  }
  if ((equilibrium || annealing) && temperature === 0) {
    throw new LangevinError(
      "invalid-value",
      "Equilibrium and likelihood need T > 0, but this machine is sampled at T = 0.",
      "Give it a temperature.",
    );
  }
  requireImagesOf(machine.network, data);
  if (data.heldOut.count < 2) {
    throw new LangevinError(
      "invalid-value",
      `Evaluation needs at least 2 images that were kept back, but ${data.heldOut.count} were.`,
      "Keep more with held-out.",
    );
  }
}

const firstImages = (set: DataSet, most: number): DataSet =>
  pickImages(
    set,
    Array.from({ length: Math.min(most, set.count) }, (_, place) => place),
  );

const componentsOf = (states: Float32Array, units: number) =>
  principalComponents(points(ratesOfStates(states), units), Math.min(COMPONENTS, units));

/**
 * States of the held-out images, and of as many that were learned whole, with their labels where the machine learns them.
 */
function imagesOf(
  { training, heldOut, encoding, known, units }: TrainingData<DataSet>,
  { labelUnits }: StoredNetwork,
) {
  const statesOf = (set: DataSet) => {
    const states = encodeImages(set, encoding);
    return labelUnits && set.labels ? appendLabels(states, set.labels, labelUnits) : states;
  };
  const isWhole = (row: number) => !known?.subarray(row * units, (row + 1) * units).includes(0);
  const whole = Array.from({ length: training.count }, (_, row) => row).filter(isWhole);
  const learned = pickImages(training, whole.slice(0, heldOut.count));
  return {
    "held out": statesOf(heldOut),
    ...(learned.count > 0 && { learned: statesOf(learned) }),
  };
}
