// Whether sampled chains are in equilibrium: energies, virials and principal components on the way, and the verdict.
import {
  type EquilibriumVerdict,
  equilibriumVerdict,
  points,
  principalComponents,
} from "@neural-langevin/analysis";
import { LangevinError } from "@neural-langevin/core";
import { ratesOfStates } from "@neural-langevin/datasets";
import type { Generator } from "./generation.js";
import { readable, wrap } from "./terminal.js";

/** Components of the images that are followed besides the energy: the slow directions, where modes differ. */
const COMPONENTS = 3;

/** How chains are watched. */
export interface Watch {
  readonly chains: number;
  /** States that are looked at. */
  readonly frames: number;
  /** Steps between two of them. */
  readonly every: number;
  readonly temperature: number;
  /** Firing rates of real images, shape [images][N], whose principal components are followed. */
  readonly rates: Float32Array;
  readonly units: number;
}

/** What was seen of the chains. */
export interface Equilibrium extends EquilibriumVerdict {
  readonly frames: number;
  readonly every: number;
}

/**
 * Goes on with a generator's chains and judges them. The chains stand in the last frame afterwards.
 *
 * @throws invalid-value at T = 0, aborted, diverged
 */
export async function watchEquilibrium(generator: Generator, watch: Watch): Promise<Equilibrium> {
  const { chains, frames, every, temperature, units } = watch;
  requireWarm("--equilibrium", temperature);
  const series = () => Array.from({ length: chains }, () => new Float64Array(frames));
  const components = principalComponents(points(watch.rates, units), Math.min(COMPONENTS, units));
  const count = components.variances.length;
  const [energies, virials] = [series(), series()];
  const coordinates = Array.from({ length: count }, series);
  let frame = 0;
  for await (const x of generator.frames("Watching", watch)) {
    const [energy, virial] = [await generator.measure("energy"), await generator.measure("virial")];
    const projected = components.project(points(ratesOfStates(x), units));
    for (let chain = 0; chain < chains; chain++) {
      energies[chain]![frame] = energy[chain]!;
      virials[chain]![frame] = virial[chain]!;
      coordinates.forEach((one, row) => {
        one[chain]![frame] = projected[chain * count + row]!;
      });
    }
    frame++;
  }
  const observables = Object.fromEntries([
    ["energy", energies] as const,
    ...coordinates.map((one, row) => [`component ${row + 1}`, one] as const),
  ]);
  const virial = { chains: virials, units, temperature };
  return { ...equilibriumVerdict(observables, virial), frames, every };
}

/** Refuses a measure that has no meaning at T = 0. */
export function requireWarm(flag: string, temperature: number): void {
  if (temperature > 0) return;
  throw new LangevinError(
    "invalid-value",
    `${flag} measures the distribution at T > 0, and this machine is sampled at T = 0.`,
    "Give a temperature with --temperature.",
  );
}

/** The observables as a table and the verdict in words, for people. */
export function describeEquilibrium(equilibrium: Equilibrium, width: number): string[] {
  const { frames, every, meter, observables } = equilibrium;
  const head = ["", "mean", "± s.e.", "τ in steps", "ESS", "bulk ESS", "R̂"];
  const rows = Object.entries(observables).map(([name, report]) => [
    name,
    readable(report.value),
    readable(report.standardError),
    readable(report.integratedTime * every),
    readable(Math.round(report.effectiveSampleSize)),
    readable(Math.round(report.bulkEffectiveSampleSize)),
    report.rhat.toFixed(3),
  ]);
  // A combining mark takes no room, so lengths are those of composed characters without marks.
  const size = (cell: string) => cell.normalize("NFD").replace(/\p{M}/gu, "").length;
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => size(row[at]!))));
  const table = [head, ...rows].map((row) => {
    const cells = row.map((cell, at) => {
      const space = " ".repeat(widths[at]! - size(cell));
      return at === 0 ? cell + space : space + cell;
    });
    return `  ${cells.join("  ")}`;
  });
  const meterLine = meter
    ? [`  ⟨x·∇E⟩/(NT) ${meter.value.toFixed(4)} ± ${meter.standardError.toFixed(4)}`]
    : [];
  const paragraphs = equilibrium.equilibrated
    ? [equilibrium.words]
    : ["Not equilibrated:", ...equilibrium.reasons.map((reason) => `– ${reason}`)];
  return [
    `Equilibrium (${frames} frames, one every ${every} steps)`,
    ...table,
    ...meterLine,
    ...paragraphs.flatMap((paragraph) => {
      const hanging = paragraph.startsWith("– ") ? "    " : "  ";
      const lines = wrap(paragraph, width - 4).split("\n");
      return lines.map((line, at) => (at === 0 ? "  " : hanging) + line);
    }),
  ];
}
