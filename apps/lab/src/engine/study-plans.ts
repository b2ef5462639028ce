// The experiments that a page can run: the question of each, and settings with which it takes about a minute on digits of
// half their size, so with 196 neurons in place of 784. The experiments themselves are not loaded with this.
import type {
  bias,
  classes,
  denoise,
  Experiment,
  exploration,
  fixedPoints,
  memorisation,
  oneChain,
  oneSample,
  regimes,
  spectrum,
} from "@neural-langevin/experiments";

type SettingsOf<Kind extends Pick<Experiment, "scales">> = Kind["scales"]["quick"];

/** An experiment as the page runs it. */
export interface StudyPlan {
  /** Its name in `nlm experiment NAME`. */
  readonly name: string;
  readonly title: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  /** What is computed, in words. */
  readonly scale: string;
  /** What to look at in its figures. */
  readonly look: string;
  /** What its numbers would ideally be, in a sentence. */
  readonly ideal: string;
  /** About how long it takes on two cores with WebAssembly, in seconds. */
  readonly seconds: number;
  /** Operations of matrix products, in 10¹². */
  readonly teraflops: number;
  readonly settings: object;
}

/** An experiment that a page cannot run. */
export interface ElsewherePlan extends Pick<StudyPlan, "name" | "title" | "question"> {
  readonly reason: string;
}

/** The name by which settings ask for the digits of half their size. */
const HALF_SIZE = "digits-14";

// Four times fewer neurons have a quarter of the energy, and are shaken by a quarter of the noise.
const training = {
  data: HALF_SIZE,
  labels: [1, 3, 6],
  images: 1500,
  "held-out": 256,
  gain: 2,
  "initial-bias": "data",
  chains: 64,
  batch: 64,
  temperature: 0.25,
  "step-size": 0.08,
  integrator: "leimkuhler-matthews",
  "negative-phase": "pcd-10",
  updates: 2000,
  rate: 1e-3,
  schedule: "linear",
  decay: 5e-7,
  "checkpoint-every": 500,
} as const;

const regimesSettings: SettingsOf<typeof regimes> = {
  trainings: ["pcd-10", "rdm-40"].map((phase) => ({ ...training, "negative-phase": phase })),
  at: [400],
  chains: 192,
  steps: [5, 11, 25, 57, 128, 288, 648, 1459],
};
const memorisationSettings: SettingsOf<typeof memorisation> = {
  training: { ...training, chains: 48, "step-size": 0.05, updates: 1500, rate: 5e-3 },
  images: [3, 5, 8, 13, 25, 85, 432],
  seeds: 1,
  steps: 1000,
  leastSamples: 96,
};
const explorationSettings: SettingsOf<typeof exploration> = {
  training: { ...training, images: 288 },
  chains: 48,
  burnIn: 2000,
  frames: 200,
  between: 40,
  labelled: 1500,
};
const denoiseSettings: SettingsOf<typeof denoise> = {
  training: {
    ...training,
    labels: undefined,
    images: 1000,
    "initial-bias": "zero",
    chains: 1,
    batch: 10,
    "step-size": 0.01,
    integrator: "euler-maruyama",
    "negative-phase": "none",
    schedule: "constant",
    updates: 1000,
  },
  levels: [0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.8, 1],
  shown: 0.25,
  copies: 6,
  dt: 0.01,
  steps: [0, 5, 10, 20, 40, 70, 100, 150, 200, 300, 450],
};
const classesSettings: SettingsOf<typeof classes> = {
  training: { ...training, images: 900 },
  classes: [2, 4, 7, 10],
  chains: 192,
  steps: 1500,
};
const spectrumSettings: SettingsOf<typeof spectrum> = { training, at: [50, 200, 600] };
const fixedPointsSettings: SettingsOf<typeof fixedPoints> = {
  training: { ...training, images: 11, chains: 48, "step-size": 0.05, updates: 1500, rate: 5e-3 },
  at: [100, 700],
  starts: 6,
  steps: 1500,
  descent: 20_000,
  newton: 12,
  spectra: 2,
};
const biasSettings: SettingsOf<typeof bias> = {
  training: { ...training, updates: 600 },
  chains: 96,
  stepSizes: [0.02, 0.04, 0.08, 0.12],
  burnIn: 20,
  states: 20,
  between: 1,
};
const oneSampleSettings: SettingsOf<typeof oneSample> = {
  training: {
    ...training,
    images: 1000,
    chains: 1,
    batch: 1,
    rate: 5e-4,
    decay: 5e-6,
    "feedback-off": 20,
    updates: 4000,
  },
  phases: ["pcd-80", "rdm-80"],
  at: [250, 1000],
  chains: 192,
  steps: 1000,
};
const oneChainSettings: SettingsOf<typeof oneChain> = {
  training: {
    ...training,
    chains: 1,
    batch: 100,
    "negative-phase": "time-average-320",
    "burn-in": 80,
    thin: 8,
    updates: 2000,
  },
  at: [100, 300, 1000],
  chains: 192,
  steps: 1000,
};

const digits = (count: number): string => `${count} digits of 14 × 14 pixels`;

/** The experiments that run here, the quickest to understand first. */
export const studyPlans: readonly StudyPlan[] = [
  {
    name: "denoise",
    title: "Damage",
    question: "How much of a stored digit can be destroyed so that it still comes back?",
    scale:
      `Ten digits, one of each kind, are stored in ${denoiseSettings.training.updates} updates. At ` +
      `${denoiseSettings.levels.length} levels of damage, ${denoiseSettings.copies} copies of each fall at T = 0.`,
    look: "How far images stay from the stored ones, over steps and damage, beside Hopfield networks and a median filter.",
    ideal: "Ideal is that every image comes back, a share of 1, at a distance of 0.",
    seconds: 10,
    teraflops: 0.035,
    settings: denoiseSettings,
  },
  {
    name: "memorisation",
    title: "Copies",
    question: "With how many images does a machine stop copying and begin to make new ones?",
    scale:
      `${memorisationSettings.images.length} machines learn ${memorisationSettings.images.join(", ")} images, each in ` +
      `${memorisationSettings.training.updates} updates, and draw from noise.`,
    look: "The share of copies falls from nearly all to nearly none, as the number of images grows.",
    ideal:
      "Ideal are no copies, a share of 0, and accuracies of ½: new images that cannot be told from real ones.",
    seconds: 45,
    teraflops: 1.05,
    settings: memorisationSettings,
  },
  {
    name: "regimes",
    title: "Two ways to train",
    question:
      "How long should a machine generate, if its chains persisted in training, or began anew at each update?",
    scale:
      `Two machines learn ${digits(training.images)} in ${training.updates} updates, one of each way, and ` +
      `${regimesSettings.chains} chains of each run from noise for ${regimesSettings.steps.at(-1)} steps.`,
    look: "With restarts the images are best after about as many steps as in training, and then they decay.",
    ideal:
      "Ideal are accuracies A_S and A_T of ½, an error of 0, at every step from the first good one on.",
    seconds: 45,
    teraflops: 1.23,
    settings: regimesSettings,
  },
  {
    name: "exploration",
    title: "Wandering",
    question: "Does one chain visit every kind of digit, and how long does it stay with each?",
    scale:
      `A machine learns ${digits(explorationSettings.training.images ?? 0)} in ${training.updates} updates; ` +
      `${explorationSettings.chains} chains are followed for ${explorationSettings.frames * explorationSettings.between} steps.`,
    look: "Paths over the principal components pass from one cloud of digits to the next; the film shows the same as images.",
    ideal:
      "Ideal is that every chain visits all kinds, and stays with each for a while that is short beside the whole path.",
    seconds: 30,
    teraflops: 0.31,
    settings: explorationSettings,
  },
  {
    name: "classes",
    title: "More kinds",
    question: "How well does a machine learn two, four, seven or all ten kinds of digits?",
    scale:
      `${classesSettings.classes.length} machines learn ${classesSettings.classes.join(", ")} kinds in ` +
      `${training.updates} updates each, and draw ${classesSettings.chains} images from noise.`,
    look: "How far images are from real ones, and whether all kinds are drawn equally often.",
    ideal: "Ideal are accuracies of ½ and equal shares of all kinds, however many they are.",
    seconds: 60,
    teraflops: 1.12,
    settings: classesSettings,
  },
  {
    name: "spectrum",
    title: "Spectrum",
    question:
      "What does learning do to the eigenvalues of the couplings, and does it keep them asymmetric?",
    scale:
      `A machine learns ${digits(training.images)} in ${training.updates} updates; its couplings are examined ` +
      `${spectrumSettings.at.length + 2} times on the way.`,
    look: "The eigenvalues in the complex plane, and the reciprocity η, which would be 1 for symmetric couplings.",
    ideal:
      "No eigenvalue is ideal; real parts above 1 are what memories need, and η tells how far a network is from a symmetric one.",
    seconds: 20,
    teraflops: 0.24,
    settings: spectrumSettings,
  },
  {
    name: "fixed-points",
    title: "Resting states",
    question:
      "Where does the network come to rest from data, from its own samples and from noise, and is it stable there?",
    scale:
      `A machine learns ${digits(fixedPointsSettings.training.images ?? 0)}; ${fixedPointsSettings.starts} states of ` +
      `each origin fall for ${fixedPointsSettings.descent} steps, at ${fixedPointsSettings.at.length + 2} moments of its training.`,
    look: "How far the energy at the data falls along the training, and which descents end where E = 0.",
    ideal:
      "Ideal is an energy of 0 at the data, where the network stands still, and a stable state there.",
    seconds: 35,
    teraflops: 0.35,
    settings: fixedPointsSettings,
  },
  {
    name: "bias",
    title: "Step size",
    question: "How large may a step be before chains are found where they should not be?",
    scale:
      `One machine, both integrators, ${biasSettings.stepSizes.length} step sizes from ${biasSettings.stepSizes[0]} to ` +
      `${biasSettings.stepSizes.at(-1)}, and ${biasSettings.chains} chains for the same time.`,
    look: "⟨x·∇E⟩/NT is 1 for exact sampling. Leimkuhler–Matthews stays near it at steps where Euler–Maruyama has left it.",
    ideal: "Ideal is ⟨x·∇E⟩/NT = 1 at every step size.",
    seconds: 15,
    teraflops: 0.18,
    settings: biasSettings,
  },
  {
    name: "one-sample",
    title: "One at a time",
    question:
      "Can a machine learn online, from one image and one chain at a time, as a brain would have to?",
    scale:
      `Two machines see one of ${digits(oneSampleSettings.training.images ?? 0)} in each of ` +
      `${oneSampleSettings.training.updates} updates, and a single chain of ${oneSampleSettings.phases[0]?.split("-")[1]} steps.`,
    look: "Images from noise along the training: do they come to look like digits?",
    ideal: "Ideal are accuracies of ½, as machines with many images and chains come near them.",
    seconds: 60,
    teraflops: 0.34,
    settings: oneSampleSettings,
  },
  {
    name: "one-chain",
    title: "One chain",
    question:
      "Is a single chain, averaged over time, as good a teacher as many chains side by side?",
    scale:
      `A machine learns ${digits(training.images)} in ${oneChainSettings.training.updates} updates, with one chain ` +
      "that is read thirty times in each.",
    look: "Images from noise along the training, and how far they are from real ones.",
    ideal: "Ideal are accuracies of ½, the same that many chains teach.",
    seconds: 60,
    teraflops: 0.29,
    settings: oneChainSettings,
  },
];

/** The experiments that need more than a page has. */
export const elsewherePlans: readonly ElsewherePlan[] = [
  {
    name: "start",
    title: "Beginnings",
    question: "With which random couplings should learning begin?",
    reason: "Five trainings of 784 neurons: about half an hour.",
  },
  {
    name: "age",
    title: "Age of chains",
    question: "How long should a chain live in training before it begins again?",
    reason: "Three trainings of 784 neurons: about half an hour.",
  },
  {
    name: "latent",
    title: "Codes",
    question: "Can a machine learn the codes of an autoencoder in place of pixels?",
    reason: "It needs all of MNIST and Fashion-MNIST, and TensorFlow.js to train the autoencoder.",
  },
];
