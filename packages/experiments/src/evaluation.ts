// What a trained machine generates, measured against images that it never saw.
import {
  classMix,
  type DigitMeasures,
  type EquilibriumVerdict,
  type Estimate,
  estimateLikelihood,
  type Likelihood,
  meanEstimate,
  measureDigits,
  points,
  principalComponents,
  qualityEstimate,
  watchEquilibrium,
} from "@neural-langevin/analysis";
import { type Backend, LangevinError, type Session, type WorkOptions } from "@neural-langevin/core";
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
  type Dynamics,
  dynamicsOf,
  type GivenDynamics,
  openChains,
  requireImagesOf,
  runChains,
  type StoredNetwork,
  type TrainedMachine,
  type TrainingData,
} from "@neural-langevin/runs";
import { learnedDigits } from "./learned-digits.js";

/** Measures of some generated images. */
export interface ImageMeasures {
  /** Generated images; as many real ones are compared with them. */
  readonly images: number;
  /** The measures of `quality`, in firing rates. */
  readonly A_S: number;
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
  readonly steps: number;
  readonly temperature: number;
  /** ⟨x·∇E⟩/(N T), 1 in equilibrium at a small step size; null at T = 0. */
  readonly virialRatio: number | null;
  /** Its standard error between chains. */
  readonly virialRatioError: number | null;
  readonly equilibrium: (EquilibriumVerdict & FrameSpacing) | undefined;
  readonly likelihood: Likelihood | undefined;
}

/** So many frames, one every so many steps. */
interface FrameSpacing {
  readonly frames: number;
  readonly every: number;
}

/** What is measured. */
export interface EvaluationPlan {
  readonly seed: number;
  /** The machine's own where it is not given. */
  readonly dynamics?: GivenDynamics | undefined;
  /** Watches the chains, and judges whether they are in equilibrium. */
  readonly equilibrium?: FrameSpacing | undefined;
  /** Estimates log Z and the images' likelihood, by so many values of β and Langevin steps at each. */
  readonly annealing?: { readonly anneals: number; readonly steps: number } | undefined;
}

/** Training images that vote on the class of a generated one. */
const VOTERS = 3000;
/** Directions of the held-out images that are followed besides the energy: the slow ones, along which modes differ. */
const COMPONENTS = 3;

/**
 * Generates as many images as were kept back, and compares the two.
 *
 * @param data images of the machine, with at least two that were kept back; label units do not count
 * @throws what `requireEvaluable` throws; aborted, diverged
 */
export async function evaluate(
  backend: Backend,
  machine: TrainedMachine,
  data: TrainingData<DataSet>,
  plan: EvaluationPlan,
  work: WorkOptions = {},
): Promise<Evaluation> {
  const { network } = machine;
  const dynamics = dynamicsOf(machine, plan.dynamics);
  const { steps, temperature, dt, integrator, chainStart } = dynamics;
  requireEvaluable(machine, data, plan);
  const chains = data.heldOut.count;
  await using session = await openChains(backend, network, { chains, seed: plan.seed });
  const { states } = await runChains(
    session,
    "sampling",
    { stages: [{ steps, temperature }], start: chainStart, dt, integrator },
    work,
  );
  const measures = measureImages(pixelStates(states, network.labelUnits), data);
  const virials = await session.measure("virial", "chains");
  const virial = meanEstimate(virials);
  const scale = network.units * temperature;
  const virialRatio = temperature > 0 ? virial.value / scale : null;
  const virialRatioError = temperature > 0 ? virial.standardError / scale : null;
  const more = await measureDistribution(session, network, data, { ...plan, dynamics }, work);
  return { steps, temperature, ...measures, virialRatio, virialRatioError, ...more };
}

/** Measures generated states of pixels, shape [images][pixels], in firing rates. */
export function measureImages(states: Float32Array, data: TrainingData<DataSet>): ImageMeasures {
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
        ? measureDigits(generated, learnedDigits(data))
        : undefined,
    classes: mix && Object.fromEntries(mix.shares),
  };
}

/** Whether chains are in equilibrium, and the likelihood of images, where the plan asks for them. */
async function measureDistribution(
  session: Session,
  network: StoredNetwork,
  data: TrainingData<DataSet>,
  plan: EvaluationPlan & { readonly dynamics: Dynamics },
  work: WorkOptions,
): Promise<Pick<Evaluation, "equilibrium" | "likelihood">> {
  const { units } = network;
  const { dt, temperature, integrator } = plan.dynamics;
  const pace = { dt, temperature, integrator };
  const images = imagesOf(data, network);
  const watch = plan.equilibrium && {
    ...plan.equilibrium,
    ...pace,
    components: componentsOf(images["held out"], units),
  };
  const verdict = watch && (await watchEquilibrium(session, watch, work));
  const annealing = plan.annealing && {
    ...plan.annealing,
    ...pace,
    firstStep: session.nextStep,
    equilibrium: await session.read("chains"),
    images,
  };
  return {
    equilibrium: verdict && { ...verdict, ...plan.equilibrium! },
    likelihood: annealing && (await estimateLikelihood(session, network, annealing, work)),
  };
}

/**
 * Refuses what `evaluate` cannot measure, before anything is computed.
 *
 * @throws invalid-value, for images of another size, fewer than two that were kept back, and measures of the distribution
 *   at T = 0
 */
export function requireEvaluable(
  machine: TrainedMachine,
  data: TrainingData<DataSet>,
  { dynamics, equilibrium, annealing }: EvaluationPlan,
): void {
  if ((equilibrium || annealing) && dynamicsOf(machine, dynamics).temperature === 0) {
    throw new LangevinError(
      "invalid-value",
      "Equilibrium and likelihood are those of a distribution at T > 0, and this machine is sampled at T = 0.",
      "Give it a temperature.",
    );
  }
  requireImagesOf(machine.network, data);
  if (data.heldOut.count < 2) {
    throw new LangevinError(
      "invalid-value",
      `Evaluation compares at least 2 images that were kept for it, and ${data.heldOut.count} were.`,
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
