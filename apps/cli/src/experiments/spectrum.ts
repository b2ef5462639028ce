// The couplings along training: eigenvalues in the complex plane, norms, and how far from symmetric they are.
import {
  asymmetry,
  type Eigenvalues,
  eigenvalues,
  frobeniusNorm,
  spectralRadius,
} from "@neural-langevin/analysis";
import { randomNetwork } from "@neural-langevin/core";
import { curves, page, scatter } from "@neural-langevin/figures";
import { completeSettings, type TrainingSettings } from "@neural-langevin/runs";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, QUICK } from "./published.js";
import { fixed } from "./statistics.js";
import { eigenvaluesFlop, trainingFlop } from "./work.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  /** Updates at which the couplings are looked at, besides those before learning and at the end. */
  readonly at: readonly number[];
}

/** Couplings at one update. */
interface Moment {
  readonly update: number;
  readonly spectrum: Eigenvalues;
  readonly radius: number;
  /** The largest real part; above 1, the network without noise leaves the point where it is silent. */
  readonly largestReal: number;
  readonly norm: number;
  readonly biasNorm: number;
  /** η: 1 symmetric, 0 independent, −1 antisymmetric. */
  readonly reciprocity: number;
  /** ‖ΔJ − ΔJᵀ‖/‖ΔJ + ΔJᵀ‖ of what was learned, ΔJ = J − J₀. */
  readonly learnedAsymmetry: number;
}

export const spectrum: Experiment<Settings> = {
  name: "spectrum",
  shows: "eigenvalues of the couplings J in the complex plane, norms and asymmetry along training",
  scales: {
    quick: { training: QUICK, at: [50, 200, 600] },
    half: { training: HALF, at: [201, 581, 1679, 4852] },
    paper: { training: PUBLISHED, at: PUBLISHED_CHECKPOINTS },
  },

  work: ({ training, at }) => ({
    backend: trainingFlop(training),
    host: (at.length + 2) * eigenvaluesFlop(),
  }),

  async run(bench, { training, at }) {
    const machines = await bench.train("machine", training, { at });
    const { units } = machines[0]!;
    const { gain, seed } = completeSettings({ seed: bench.seed, ...training });
    const start = randomNetwork({ units, gain, seed });
    const moments: Moment[] = [];
    for (const { update, couplings, bias } of [{ update: 0, ...start }, ...machines]) {
      bench.terminal.say(`eigenvalues at update ${update}`);
      const { values } = await bench.array(`eigenvalues-${update}`, () => {
        const { real, imaginary } = eigenvalues(couplings);
        return { shape: [2, units], values: Float64Array.of(...real, ...imaginary) };
      });
      const real = (values as Float64Array).subarray(0, units);
      const imaginary = (values as Float64Array).subarray(units);
      const learned = couplings.map((value, place) => value - start.couplings[place]!);
      moments.push({
        ...{ update, spectrum: { real, imaginary } },
        radius: spectralRadius({ real, imaginary }),
        largestReal: real.reduce((a, b) => Math.max(a, b)),
        norm: frobeniusNorm(couplings),
        biasNorm: frobeniusNorm(bias),
        reciprocity: asymmetry(couplings).reciprocity,
        learnedAsymmetry: update === 0 ? Number.NaN : asymmetry(learned).ratio,
      });
    }

    await bench.table(
      "spectrum",
      "The couplings along training; the last column is that of what was learned, J − J₀",
      moments.map(({ spectrum: _, ...row }) => row),
    );
    const reach = Math.max(...moments.map(({ radius }) => radius));
    const shown = moments.length > 6 ? moments.filter((_, place) => place % 2 === 0) : moments;
    const planes = shown.map((moment) =>
      scatter({
        title: moment.update === 0 ? "Before learning" : `After ${moment.update} updates`,
        ...{ xTitle: "Re λ", yTitle: "Im λ", equal: true, reach },
        points: [{ name: "", x: moment.spectrum.real, y: moment.spectrum.imaginary }],
        circles: [{ radius: 1, name: "unit circle" }],
      }),
    );
    const rows = Array.from({ length: Math.ceil(planes.length / 3) }, (_, row) =>
      planes.slice(3 * row, 3 * row + 3),
    );
    await bench.figure(
      "eigenvalues",
      "Eigenvalues of J along training, all on one scale",
      page(rows),
    );

    const after = moments.slice(1);
    const updates = after.map(({ update }) => update);
    const series = (name: string, of: (moment: Moment) => number) => [
      { name, x: updates, y: after.map(of) },
      { name: "before", x: updates, y: after.map(() => of(moments[0]!)), dashed: true },
    ];
    await bench.figure(
      "course",
      "Norm, spectral radius and reciprocity η of the couplings along training",
      curves({
        xTitle: "updates",
        xLogarithmic: true,
        plots: [
          { title: "Norm ‖J‖", series: series("couplings", ({ norm }) => norm) },
          { title: "Spectral radius max |λ|", series: series("radius", ({ radius }) => radius) },
          {
            title: "Reciprocity η: 1 symmetric, 0 independent",
            series: series("couplings", ({ reciprocity }) => reciprocity),
          },
        ],
      }),
    );
    return judge(moments);
  },
};

/** Below this ratio of antisymmetric to symmetric part, what was learned counts as symmetric. */
const SYMMETRIC = 0.05;

function judge(moments: readonly Moment[]): Finding[] {
  const [first, last] = [moments[0]!, moments.at(-1)!];
  const beyond = [...last.spectrum.real].filter(
    (real, at) => Math.hypot(real, last.spectrum.imaginary[at]!) > 1.05 * first.radius,
  );
  return [
    {
      paper: "The learning rule is asymmetric.",
      found:
        `After ${last.update} updates, what was learned has ‖ΔJ − ΔJᵀ‖/‖ΔJ + ΔJᵀ‖ = ` +
        `${fixed(last.learnedAsymmetry, 2)}, where 0 would be symmetric and independent entries have 1; the ` +
        `reciprocity η of all couplings goes from ${fixed(first.reciprocity, 3)} to ` +
        `${fixed(last.reciprocity, 3)}.`,
      agrees: last.learnedAsymmetry > SYMMETRIC ? "yes" : "no",
    },
    {
      paper: "Shows eigenvalues of J in the complex plane along training.",
      found:
        `The norm ‖J‖ goes from ${fixed(first.norm, 1)} to ${fixed(last.norm, 1)}, the spectral radius from ` +
        `${fixed(first.radius, 2)} to ${fixed(last.radius, 2)}. ${beyond.length} of ` +
        `${last.spectrum.real.length} eigenvalues lie more than 5 % outside the first disc, and the largest ` +
        `real part is ${fixed(last.largestReal, 2)}.`,
      agrees: "silent",
    },
  ];
}
