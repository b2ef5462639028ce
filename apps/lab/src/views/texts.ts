// What the views are called, and what each of them shows in one sentence.
import type { OpenedMachine } from "../state/opened-machine.js";
import type { View } from "../state/settings.js";

export const titles: Readonly<Record<View, string>> = {
  two: "Two neurons",
  dream: "Dream",
  restore: "Restore",
  train: "Train",
  explore: "Explore",
  synapse: "Synapse",
  study: "Study",
};

/** The sentence above a view; `machine` where there is one already. */
export function sentenceOf(view: View, machine: OpenedMachine | undefined): string {
  switch (view) {
    case "two":
      return (
        "Two neurons push each other and are shaken by noise. Where they come to rest is what they remember, and a rule " +
        "that every synapse can apply by itself teaches them. No layers, no decoder, no back-propagation."
      );
    case "dream": {
      const layout = machine?.labelUnits;
      const pixels = layout?.pixels ?? machine?.units ?? 784;
      const labels = layout
        ? `, and ${machine!.units - pixels} more say ${layout.names ? "what" : "which digit"} it is`
        : "";
      return `The same with ${pixels} neurons, one for each pixel${labels}. They start as noise; what you see is how much each of them fires.`;
    }
    case "restore":
      return "Pixels that are wrong cost energy. Let the energy fall and the machine repairs the image, completes what is hidden, or says what it sees.";
    case "train":
      return "The machine begins with random couplings. The rule lowers the energy of the data and raises that of what the machine dreams, until both look alike.";
    case "explore":
      return "Every image is one point. Real images are coloured, and a chain of the machine wanders among them.";
    case "study":
      return "Experiments on these machines, run here from the first random number to the last figure: what each of them asks, and what it finds beside what the paper says.";
    case "synapse":
      return "One synapse out of several hundred thousand. All that changes it is how fast it drives the neuron after it and how much the neuron before it fires.";
  }
}
