// What a step size costs in truth, for both integrators. By Itô's formula ⟨x·∇E⟩ + ½ d⟨‖x‖²⟩/dt = NT holds for the
// exact dynamics at every time, in equilibrium or not, so what is missing is the integrator's doing and not that of
// chains that still relax.
import { type Integrator, integrators, isLangevinError } from "@neural-langevin/core";
import { curves, histogram } from "@neural-langevin/figures";
import type { TrainingSettings } from "@neural-langevin/runs";
import { mean, meanWithError } from "../mean.js";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, QUICK } from "./published.js";
import { fitSlope, fixed } from "./statistics.js";
import { stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  readonly chains: number;
  readonly stepSizes: readonly number[];
  /** Time dt·steps before the first state that counts. */
  readonly burnIn: number;
  /** States that count, and the time between two of them. */
  readonly states: number;
  readonly between: number;
}

/** Steps after which a state counts. */
const stepsAt = ({ burnIn, states, between }: Settings, dt: number): number[] =>
  Array.from({ length: states }, (_, state) => Math.round((burnIn + state * between) / dt));

/** One integrator at one step size; what diverged has no numbers. */
interface Point {
  readonly integrator: Integrator;
  readonly dt: number;
  /** (⟨x·∇E⟩ + ½ d⟨‖x‖²⟩/dt)/(NT), with the standard error between chains. */
  readonly ratio: number;
  readonly error: number;
  /** E/N of every chain and state. */
  readonly energies: readonly number[];
}

export const bias: Experiment<Settings> = {
  name: "bias",
  shows:
    "⟨x·∇E⟩/(NT), which is 1 without an error of the step size, and energies over dt for both integrators",
  scales: {
    quick: {
      training: { ...QUICK, updates: 600 },
      chains: 96,
      stepSizes: [0.01, 0.02, 0.04, 0.08, 0.12],
      burnIn: 20,
      states: 20,
      between: 1,
    },
    half: {
      training: HALF,
      chains: 480,
      stepSizes: [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12],
      burnIn: 100,
      states: 50,
      between: 2,
    },
    paper: {
      training: PUBLISHED,
      chains: 1000,
      stepSizes: [0.0025, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12],
      burnIn: 500,
      states: 100,
      between: 5,
    },
  },

  work(settings) {
    const { training, chains, stepSizes } = settings;
    const steps = stepSizes.reduce((sum, dt) => sum + stepsAt(settings, dt).at(-1)!, 0);
    return {
      backend: trainingFlop(training) + integrators.length * stepsFlop(chains, steps),
      host: 0,
    };
  },

  async run(bench, settings) {
    const [machine] = await bench.train("machine", settings.training);
    const { units } = machine!;
    const temperature = settings.training.temperature ?? 1;
    const points: Point[] = [];
    for (const integrator of integrators) {
      for (const dt of settings.stepSizes) {
        const { chains } = settings;
        const rows = await bench
          .generate(`${integrator}-${dt}`, {
            ...{ machine: machine!, chains, dt, integrator, temperature },
            at: stepsAt(settings, dt),
            async read(session) {
              const [virials, energies, states] = await Promise.all([
                session.measure("virial", "chains"),
                session.measure("energy", "chains"),
                session.read("chains"),
              ]);
              return [...virials, ...energies, ...squares(states, units)];
            },
          })
          .catch((error): Float64Array[] => {
            if (isLangevinError(error) && error.code === "diverged") return [];
            throw error;
          });
        const duration = (settings.states - 1) * settings.between;
        const perChain = Array.from({ length: chains }, (_, chain) => {
          const square = (row: number) => rows.at(row)?.[2 * chains + chain] ?? Number.NaN;
          const growth = (square(-1) - square(0)) / duration / 2;
          const virial = mean(rows.map((row) => row[chain]!));
          return (virial + growth) / (units * temperature);
        });
        const { mean: ratio, error } = meanWithError(perChain);
        const energies = rows.flatMap((row) =>
          [...row.subarray(chains, 2 * chains)].map((e) => e / units),
        );
        points.push({ integrator, dt, ratio, error, energies });
      }
    }

    await bench.table(
      "bias",
      "⟨x·∇E⟩/(NT), corrected for relaxation, with its standard error, and the mean energy per unit, over the step size",
      points.map(({ integrator, dt, ratio, error, energies }) => ({
        ...{ integrator, dt, ratio, error },
        energyPerUnit: mean(energies),
      })),
    );
    const of = (integrator: Integrator) =>
      points.filter((point) => point.integrator === integrator);
    await bench.figure(
      "ratio",
      "⟨x·∇E⟩/(NT), corrected for relaxation, over the step size, with bands of two standard errors; the exact dynamics has 1",
      curves({
        xTitle: "step size dt",
        xLogarithmic: true,
        plots: [
          {
            title: "⟨x·∇E⟩/(NT)",
            series: [
              ...integrators.map((integrator) => ({
                name: integrator,
                x: of(integrator).map(({ dt }) => dt),
                y: of(integrator).map(({ ratio }) => ratio),
                low: of(integrator).map(({ ratio, error }) => ratio - 2 * error),
                high: of(integrator).map(({ ratio, error }) => ratio + 2 * error),
              })),
              {
                name: "exact",
                x: [...settings.stepSizes],
                y: settings.stepSizes.map(() => 1),
                dashed: true,
              },
            ],
          },
        ],
      }),
    );
    const largest = settings.stepSizes.filter((dt) =>
      points.every((point) => point.dt !== dt || point.energies.length > 0),
    );
    const shown = [settings.stepSizes[0]!, largest.at(-1)!];
    const seen = points.filter(({ dt }) => shown.includes(dt));
    const range = {
      from: Math.min(...seen.flatMap(lowest)),
      to: Math.max(...seen.flatMap(highest)),
    };
    await bench.figure(
      "energies",
      `Energies per unit at the smallest and at the largest step size that both integrators bear`,
      curves({
        xTitle: "energy per unit E/N",
        plots: integrators.map((integrator) => ({
          title: `Density of E/N, ${integrator}`,
          series: seen
            .filter((point) => point.integrator === integrator)
            .map(({ dt, energies }) => ({
              name: `dt ${dt}`,
              ...histogram(energies, { ...range, bins: 40 }),
            })),
        })),
      }),
    );
    return judge(points);
  },
};

const lowest = ({ energies }: Point) => energies.reduce((a, b) => Math.min(a, b), Infinity);
const highest = ({ energies }: Point) => energies.reduce((a, b) => Math.max(a, b), -Infinity);

/** ‖x‖² of every state. */
function squares(states: Float32Array, units: number): Float64Array {
  const sums = new Float64Array(states.length / units);
  states.forEach((x, at) => {
    sums[Math.floor(at / units)]! += x * x;
  });
  return sums;
}

/** The published step size, or the nearest one. */
const PUBLISHED_DT = 0.01;

function judge(points: readonly Point[]): Finding[] {
  const of = (integrator: Integrator) =>
    points.filter((point) => point.integrator === integrator && point.energies.length > 0);
  const euler = of("euler-maruyama");
  const lm = of("leimkuhler-matthews");
  const energy = ({ energies }: Point) => fixed(mean(energies), 3);
  const at = (all: readonly Point[]) =>
    all.reduce((a, b) => (Math.abs(b.dt - PUBLISHED_DT) < Math.abs(a.dt - PUBLISHED_DT) ? b : a));
  const say = ({ ratio, error }: Point) => `${fixed(ratio, 4)} ± ${fixed(error, 4)}`;
  const far = (all: readonly Point[]) => all.at(-1)!;
  const slope = (all: readonly Point[]) => {
    const clear = all.filter(({ ratio, error }) => Math.abs(ratio - 1) > 3 * error);
    const fit = fitSlope(
      clear.map(({ dt }) => Math.log(dt)),
      clear.map(({ ratio }) => Math.log(Math.abs(ratio - 1))),
    );
    return clear.length >= 3
      ? `goes as dt^${fixed(fit, 2)}`
      : "is too small against its error for a power of dt";
  };
  return [
    {
      paper: "Samples with Euler–Maruyama at dt = 0.01; a bias of the step size is not discussed.",
      found:
        `At dt = ${at(euler).dt}, ⟨x·∇E⟩/(NT) is ${say(at(euler))} with Euler–Maruyama and ` +
        `${say(at(lm))} with Leimkuhler–Matthews; the exact dynamics has 1.`,
      agrees: "silent",
    },
    {
      paper: "Nothing on how energies depend on dt.",
      found:
        `The mean energy per unit is ${energy(lm[0]!)} at dt = ${lm[0]!.dt} with Leimkuhler–Matthews. ` +
        `At dt = ${far(euler).dt} it is ${energy(far(euler))} with Euler–Maruyama, and ` +
        `${energy(far(lm))} at dt = ${far(lm).dt} with Leimkuhler–Matthews.`,
      agrees: "silent",
    },
    {
      paper: "Nothing on how the bias grows with dt.",
      found:
        `The distance from 1 ${slope(euler)} with Euler–Maruyama, and ${slope(lm)} with ` +
        `Leimkuhler–Matthews. It is ${say(far(euler))} at dt = ${far(euler).dt} with the one, and ` +
        `${say(far(lm))} at dt = ${far(lm).dt} with the other.`,
      agrees: "silent",
    },
  ];
}
