// The tour: what each step says, and the link of what it shows. Links drive the controls, as a reader would.

export interface TourStep {
  readonly title: string;
  readonly text: string;
  readonly link: string;
  /** The region of the view that is scrolled to, by its name; the top of the page unless given. */
  readonly region?: string;
}

const plane = "Energy over both currents";
const readings = "Density and rule";

const clouds = "1.4_1.7~1.7_1.3~1.9_1.8~1.5_2.1~-1.4_-1.7~-1.7_-1.3~-1.9_-1.8~-1.5_-2.1";

export const tourSteps: readonly TourStep[] = [
  {
    title: "A valley is a memory",
    text: "Two neurons push each other. The blue valleys are where the network hardly moves; noise shakes every dot, and still it stays near one.",
    link: "#two",
    region: plane,
  },
  {
    title: "Heat",
    text: "At a higher temperature the noise carries the chains over the hills. Where they are found is exactly exp(−E/T): the two small maps agree.",
    link: "#two?temperature=0.6",
    region: readings,
  },
  {
    title: "Hearing one's own effect",
    text: "Couplings need not be symmetric. Without the feedback, in which each neuron hears what it does to the other, the maps disagree. Switch it on and watch.",
    link: "#two?J12=3&J21=-3&temperature=0.5&feedback=false",
    region: readings,
  },
  {
    title: "A rule that a synapse can apply by itself",
    text: "The orange dots are data. Each coupling compares its own speed times rate in the chains and in the data: the valleys move to the dots. No error travels back.",
    link: `#two?J12=0&J21=0&temperature=0.3&learning=true&data=${clouds}`,
    region: plane,
  },
  {
    title: "The same with 884 neurons",
    text: "One neuron for each pixel and some for labels, the same equation. Hold the neurons of the label 6, and from noise comes a six. Ask for another digit.",
    link: "#dream?ask=6",
  },
  {
    title: "What is this?",
    text: "Now hold the pixels and free the labels: the same machine reads. Write a digit and watch the bars make up their mind.",
    link: "#restore?task=name&image=3:1",
    region: "Answer",
  },
  {
    title: "Make your own",
    text: "Press “Train from noise”: within a minute random couplings become a machine that draws digits. Your own pictures are learned in the same way.",
    link: "#train",
  },
];

const KEY = "neural-langevin-lab.tour";

/** The step where somebody left the tour, else the first. */
export function firstStep(): number {
  const left = Number(localStorage.getItem(KEY) ?? 0);
  return Number.isInteger(left) && left > 0 && left < tourSteps.length ? left : 0;
}

/** Remembers the step for the next visit. */
export const rememberStep = (step: number): void => localStorage.setItem(KEY, String(step));
