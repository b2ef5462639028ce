// The settings of the views of a machine, and a link that carries them: #VIEW?name=value, where only what is not the default is
// written.
import { type Integrator, integrators } from "@neural-langevin/core";

export const views = ["two", "dream", "restore", "train", "explore", "synapse", "study"] as const;
export type View = (typeof views)[number];

/** The trained machines that the lab brings along, by their names as addresses. */
export const machineNames = ["ten-digits", "three-digits", "fashion", "letters"] as const;
export type MachineName = (typeof machineNames)[number];

export interface Settings {
  /** The machine; "own" for one of a file or a training, which a link cannot bring along. */
  machine: MachineName | "own";
  temperature: number;
  dt: number;
  integrator: Integrator;
  feedback: boolean;
  pace: number;
  chains: number;
  seed: number;
  /** What chains are asked for: a label, "each" of them in turn, or nothing, "free". */
  ask: string;
  /** The chain that Dream shows large, from 0. */
  chain: number;
  /** Whether images are firing rates averaged over the last while, or those of now. */
  picture: "average" | "now";
  /** What Explore draws. */
  map: "space" | "landscape";
  /** What Restore does with an image. */
  task: (typeof tasks)[number];
  /** The real image that Restore took last, as its kind (where one was named), a colon, and the number of its draw. */
  image: string;
  /** What is drawn on it, and what of it is not known, where somebody chose that. */
  drawing: string;
  /** Share of its pixels that noise replaces. */
  noise: number;
  /** The temperature in Restore; −1 for the one that its task wants. */
  heat: number;
  /** The units after and before the synapse that is looked at; −1 for those in the middle. */
  post: number;
  pre: number;
  /** The experiment that is looked at, by its name. */
  study: string;
  /** What is learned: digits of MNIST, as in "136". */
  digits: string;
  /** Updates of the whole training. */
  updates: number;
  rate: number;
  schedule: "constant" | "linear";
  phase: "persistent" | "random-restart";
  /** Langevin steps per update. */
  k: number;
}

/** Restore lets all pixels move, completes those that are not known, or asks for the label. */
const tasks = ["restore", "complete", "name"] as const;

export const defaults: Readonly<Settings> = {
  machine: "ten-digits",
  temperature: 1,
  dt: 0.04,
  integrator: "leimkuhler-matthews",
  feedback: true,
  pace: 0,
  chains: 50,
  seed: 1,
  ask: "each",
  chain: 0,
  picture: "average",
  map: "space",
  task: "restore",
  image: "",
  drawing: "",
  noise: 0.25,
  heat: -1,
  post: -1,
  pre: -1,
  study: "denoise",
  digits: "0123456789",
  updates: 2000,
  rate: 4e-4,
  schedule: "linear",
  phase: "persistent",
  k: 10,
};

/** Least and largest value of every number. */
export const ranges = {
  temperature: [0, 3],
  dt: [0.001, 0.5],
  pace: [0, 400],
  chains: [1, 384],
  chain: [0, 383],
  seed: [0, Number.MAX_SAFE_INTEGER],
  updates: [1, 1_000_000],
  rate: [1e-6, 0.1],
  noise: [0, 1],
  heat: [-1, 2],
  post: [-1, 1e6],
  pre: [-1, 1e6],
  k: [1, 1000],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>;

const whole: readonly string[] = ["pace", "chains", "chain", "seed", "updates", "k", "post", "pre"];

/** The hash of a link. */
export function encodeLink(view: View, settings: Readonly<Settings>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) {
    if (value !== defaults[name as keyof Settings]) query.set(name, String(value));
  }
  return `#${view}${query.size > 0 ? `?${query}` : ""}`;
}

/** What a link's hash says; what it says wrongly or not at all is the default. */
export function decodeLink(hash: string): { view: View; settings: Settings } {
  const [name, query = ""] = hash.replace(/^#/, "").split("?", 2);
  const settings: Settings = { ...defaults };
  const given = new URLSearchParams(query);
  for (const [key, [least, most]] of Object.entries(ranges)) {
    const text = given.get(key);
    const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= least && value <= most)) continue;
    if (whole.includes(key) && !Number.isInteger(value)) continue;
    settings[key as keyof typeof ranges] = value;
  }
  const machine = given.get("machine");
  settings.machine =
    [...machineNames, "own" as const].find((name) => name === machine) ?? defaults.machine;
  const integrator = integrators.find((candidate) => candidate === given.get("integrator"));
  if (integrator) settings.integrator = integrator;
  if (given.get("feedback") === "false") settings.feedback = false;
  if (given.get("schedule") === "constant") settings.schedule = "constant";
  if (given.get("phase") === "random-restart") settings.phase = "random-restart";
  if (/^(free|\d{1,3})$/.test(given.get("ask") ?? "")) settings.ask = given.get("ask")!;
  if (given.get("map") === "landscape") settings.map = "landscape";
  if (given.get("picture") === "now") settings.picture = "now";
  settings.task = tasks.find((task) => task === given.get("task")) ?? defaults.task;
  if (/^\d{0,3}:\d{1,9}$/.test(given.get("image") ?? "")) settings.image = given.get("image")!;
  // Four characters of base64url are three bytes, and none of them can be left alone.
  const drawing = given.get("drawing") ?? "";
  if (/^[\w-]{1,4000}$/.test(drawing) && drawing.length % 4 !== 1) settings.drawing = drawing;
  if (/^[a-z-]{1,40}$/.test(given.get("study") ?? "")) settings.study = given.get("study")!;
  const digits = given.get("digits") ?? "";
  if (/^\d{1,10}$/.test(digits) && new Set(digits).size === digits.length) {
    settings.digits = digits;
  }
  return { view: views.find((view) => view === name) ?? "two", settings };
}
