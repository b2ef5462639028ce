// A machine on the codes of an autoencoder, whose samples are decoded into images: MNIST's ten digits and Fashion-MNIST.
import { adversarialAccuracy, covarianceError, points } from "@neural-langevin/analysis";
import { isLangevinError } from "@neural-langevin/core";
import type { TrainingData, TrainingSettings } from "@neural-langevin/runs";
import {
  type AutoencoderPlan,
  loadTensorFlow,
  lossOf,
  openAutoencoder,
  type TensorFlow,
} from "./autoencoder.js";
import type { Experiment, Finding } from "./experiment.js";
import {
  type CodeQuality,
  dataOfCodes,
  type Epochs,
  encode,
  learnCodes,
  normalCodes,
  standardOf,
  toCodes,
  toStates,
} from "./latent-codes.js";
import { drawCodeQualities, drawDecoded } from "./latent-figures.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "./published.js";
import { fixed } from "./statistics.js";
import { stepsFlop, trainingFlop } from "./work.js";
import type { Workbench } from "./workbench.js";

/** Images, and the size d of their codes. */
interface Source {
  readonly data: string;
  readonly code: number;
}

interface Settings {
  readonly training: Partial<TrainingSettings>;
  readonly mnist: Source;
  readonly fashion: Source;
  readonly autoencoder: Pick<AutoencoderPlan, "hidden" | "batch" | "rate"> & Epochs;
  /** Chains from N(0, 1), as many as images that are kept back, and the steps after which they are looked at. */
  readonly chains: number;
  readonly steps: readonly number[];
}

/** What became of one set of images. */
export interface LatentResult {
  readonly name: string;
  /** Mean squared error of the autoencoder in u = 2p − 1. */
  readonly loss: number;
  /** Of the machine, over the steps. */
  readonly machine: readonly CodeQuality[];
  /** Of codes of images that were kept back, and of a normal distribution with mean and covariance of the codes. */
  readonly real: CodeQuality;
  readonly normal: CodeQuality;
}

/** All labels. */
const ALL = { labels: undefined };
/** Some directions of the codes have a variance of only 1/20; larger steps become unstable there. */
const CODES = { ...ALL, "step-size": 0.02, "negative-phase": "pcd-20", rate: 5e-3 };
const AUTOENCODER = { hidden: 400, batch: 100, rate: 1e-3 };
const SOURCES = {
  mnist: { data: "mnist", code: 20 },
  fashion: { data: "/usr/share/datasets/fashion-mnist", code: 30 },
};

export const latent: Experiment<Settings> = {
  name: "latent",
  shows:
    "a machine on the codes of an autoencoder: ten digits and Fashion-MNIST, A_S and A_T of the codes",
  scales: {
    quick: {
      training: { ...QUICK, ...CODES, chains: 500, batch: 500, updates: 6000 },
      ...{ ...SOURCES, autoencoder: { ...AUTOENCODER, epochs: 6, keptEvery: 3 } },
      ...{ chains: 1000, steps: PUBLISHED_STEPS.filter((step) => step < 4000) },
    },
    half: {
      training: { ...HALF, ...CODES, images: 50_000, chains: 1000, batch: 1000 },
      ...{ ...SOURCES, autoencoder: { ...AUTOENCODER, epochs: 50, keptEvery: 5 } },
      ...{ chains: 2000, steps: PUBLISHED_STEPS },
    },
    paper: {
      training: { ...PUBLISHED, ...ALL, images: 55_000 },
      ...{ ...SOURCES, autoencoder: { ...AUTOENCODER, epochs: 50, keptEvery: 5 } },
      ...{ chains: 5000, steps: PUBLISHED_STEPS },
    },
  },

  work({ training, mnist, fashion, autoencoder, chains, steps }) {
    const perImage = 6 * 2 * autoencoder.hidden * 784;
    const machines = [mnist, fashion].map(
      ({ code }) => trainingFlop(training, code) + stepsFlop(chains, steps.at(-1)!, code),
    );
    return {
      backend: machines.reduce((sum, one) => sum + one),
      // In WebAssembly, TensorFlow.js does some 4 operations in the time of one in JavaScript.
      host:
        (2 * perImage * training.images! * autoencoder.epochs) / 4 +
        2 * steps.length * 12 * chains ** 2 * fashion.code,
    };
  },

  async run(bench, settings) {
    const tensorFlow = await loadTensorFlow();
    const results: LatentResult[] = [];
    const findings: Finding[] = [];
    for (const [name, source] of [
      ["MNIST", settings.mnist],
      ["Fashion-MNIST", settings.fashion],
    ] as const) {
      const data = await imagesOf(bench, settings, source);
      if (data) {
        const result = await learn(bench, tensorFlow, settings, { name, source, data });
        results.push(result);
        findings.push(judge(result, settings.steps));
      } else {
        const found = `${name} was left out: there are no data at ${source.data}.`;
        bench.terminal.say(`${found} Debian has it as dataset-fashion-mnist; --fashion names it.`);
        findings.push({ paper: `Generates ${name} from codes.`, found, agrees: "absent" });
      }
    }
    await drawCodeQualities(bench, results, settings.steps);
    return findings;
  },
};

/** Images of a source, or nothing where there are none. */
async function imagesOf(
  bench: Workbench,
  { training, chains }: Settings,
  { data }: Source,
): Promise<TrainingData | undefined> {
  try {
    return await bench.data({ ...training, data, "held-out": chains });
  } catch (error) {
    if (isLangevinError(error) && error.code === "not-found") return undefined;
    throw error;
  }
}

/** Trains autoencoder and machine on one set of images, and draws what comes out. */
async function learn(
  bench: Workbench,
  tensorFlow: TensorFlow,
  { training, autoencoder: settings, chains, steps }: Settings,
  { name, source, data }: { name: string; source: Source; data: TrainingData },
): Promise<LatentResult> {
  const stem = name.toLowerCase();
  const { units } = data;
  const { code } = source;
  const { epochs, keptEvery, ...rest } = settings;
  const plan = { ...rest, units, code, seed: bench.seed };
  const work = { tensorFlow, plan, images: data.training, epochs, keptEvery };
  const state = await learnCodes(bench, `${stem}-autoencoder`, work);
  const autoencoder = openAutoencoder(tensorFlow, plan, state);
  try {
    const raw = await encode(bench, `${stem}-codes`, autoencoder, data.training, code);
    const rawKept = await encode(bench, `${stem}-codes-kept`, autoencoder, data.heldOut, code);
    const standard = standardOf(raw, code);
    const [codes, kept] = [toStates(raw, standard), toStates(rawKept, standard)];
    const config = { ...training, data: source.data };
    const [machine] = await bench.train(stem, config, {
      data: dataOfCodes(data, codes, kept, code),
    });
    const reference = points(codes.subarray(0, chains * code), code);
    const rows = await bench.generate(`${stem}-chains`, {
      ...{ machine: machine!, chains, at: steps, dt: training["step-size"]! },
      ...{ integrator: training.integrator!, temperature: training.temperature! },
      read: (session) => session.read("chains"),
    });
    const measure = (values: Float32Array | Float64Array): CodeQuality => {
      const other = points(values, code);
      const { real: A_S, generated: A_T } = adversarialAccuracy(reference, other);
      return { A_S, A_T, covarianceError: covarianceError(reference, other) };
    };
    const measured = await bench.stage(`${stem}-quality`, () => ({
      machine: rows.map(measure),
      real: measure(kept),
      normal: measure(normalCodes(points(codes, code), chains, bench.seed)),
    }));
    await drawDecoded(bench, {
      name,
      stem,
      autoencoder,
      code,
      kept: rawKept,
      images: data.heldOut,
      generated: toCodes(rows.at(-1)!, standard),
    });
    return { name, loss: lossOf(state), ...measured };
  } finally {
    autoencoder.close();
  }
}

/** Both accuracies within this distance of ½ count as alike; A_T alone says whether samples fall among real ones. */
const ALIKE = 0.2;
/** E⁽²⁾ within this factor of that of real codes counts as learned. */
const NEAR_REAL = 3;

function judge(
  { name, loss, machine, real, normal }: LatentResult,
  steps: readonly number[],
): Finding {
  const describe = ({ A_S, A_T, covarianceError: error }: CodeQuality) =>
    `A_S ${fixed(A_S, 2)}, A_T ${fixed(A_T, 2)}, E⁽²⁾ ${fixed(error, 4)}`;
  const last = machine.at(-1)!;
  const within = (accuracy: number) => Math.abs(accuracy - 0.5) < ALIKE;
  const covaries = last.covarianceError < NEAR_REAL * real.covarianceError;
  return {
    paper: `A machine on the codes of an autoencoder generates ${name}.`,
    found:
      `${name}: the autoencoder's mean squared error is ${fixed(loss, 3)}. After ${steps.at(-1)} steps from N(0, 1), ` +
      `standardised codes have ${describe(last)} against those of training images; codes of images that were kept back have ` +
      `${describe(real)}, and a normal distribution with the codes' mean and covariance has ${describe(normal)}.`,
    agrees:
      within(last.A_S) && within(last.A_T) ? "yes" : covaries && within(last.A_T) ? "partly" : "no",
  };
}
