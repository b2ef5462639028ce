// The settings of the machine of two neurons, and a link that carries them: #two?name=value.
import { type Integrator, integrators } from "@neural-langevin/core";

export interface PairSettings {
  /** J_ij: from neuron j to neuron i. */
  J11: number;
  J12: number;
  J21: number;
  J22: number;
  b1: number;
  b2: number;
  temperature: number;
  dt: number;
  integrator: Integrator;
  feedback: boolean;
  /** Seed of the noise. */
  seed: number;
  /** Whether the machine learns the data. */
  learning: boolean;
  /** Data states x, as (x₁, x₂). */
  data: readonly (readonly [number, number])[];
}

export const defaultPair: Readonly<PairSettings> = {
  J11: 0,
  J12: 2,
  J21: 2,
  J22: 0,
  b1: 0,
  b2: 0,
  temperature: 0.2,
  dt: 0.05,
  integrator: "leimkuhler-matthews",
  feedback: true,
  seed: 1,
  learning: false,
  data: [],
};

/** Least and largest value of every number. */
export const pairRanges = {
  J11: [-4, 4],
  J12: [-4, 4],
  J21: [-4, 4],
  J22: [-4, 4],
  b1: [-3, 3],
  b2: [-3, 3],
  temperature: [0, 2],
  dt: [0.005, 0.5],
  seed: [0, Number.MAX_SAFE_INTEGER],
} as const satisfies Partial<Record<keyof PairSettings, readonly [number, number]>>;

/** |x₁| and |x₂| of everything that is shown. */
export const REACH = 4;
/** Data states that a link holds. */
const MOST_DATA = 60;

const short = (value: number): string => String(Number(value.toFixed(2)));

/** The hash of a link. */
export function encodePair(pair: Readonly<PairSettings>): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(pairRanges) as (keyof typeof pairRanges)[]) {
    if (pair[name] !== defaultPair[name]) query.set(name, String(Number(pair[name].toFixed(3))));
  }
  if (pair.integrator !== defaultPair.integrator) query.set("integrator", pair.integrator);
  if (!pair.feedback) query.set("feedback", "false");
  if (pair.learning) query.set("learning", "true");
  if (pair.data.length > 0) {
    query.set("data", pair.data.map(([x, y]) => `${short(x)}_${short(y)}`).join("~"));
  }
  return `#two${query.size > 0 ? `?${query}` : ""}`;
}

/** What a link's hash says; what it says wrongly or not at all is the default. */
export function decodePair(hash: string): PairSettings {
  const given = new URLSearchParams(hash.replace(/^#/, "").split("?", 2)[1] ?? "");
  const pair: PairSettings = { ...defaultPair };
  for (const [name, [least, most]] of Object.entries(pairRanges)) {
    const text = given.get(name) ?? "";
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (name === "seed" && !Number.isInteger(value)) continue;
    if (value >= least && value <= most) pair[name as keyof typeof pairRanges] = value;
  }
  pair.integrator =
    integrators.find((one) => one === given.get("integrator")) ?? defaultPair.integrator;
  pair.feedback = given.get("feedback") !== "false";
  pair.learning = given.get("learning") === "true";
  pair.data = (given.get("data") ?? "")
    .split("~")
    .slice(0, MOST_DATA)
    .map((point) => point.split("_").map(Number) as [number, number])
    .filter((point) => point.length === 2 && point.every((x) => Math.abs(x) <= REACH));
  return pair;
}
