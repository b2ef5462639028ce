// The cards of machines that are included, for people.
import type { MachineCard } from "@neural-langevin/machines";
import { formatEstimate, wrapText } from "./format.js";

const WIDTH = 80;

/** The lines of a card. */
export function describeCard(card: MachineCard, name: string): string[] {
  const { description, labels, settings, command, device, trainingFlop, bytes, measures } = card;
  const given = Object.entries(settings).map(([setting, value]) => `${setting} ${value}`);
  const lines = [
    description,
    ...(labels ? [`labels: ${labels.join(", ")}`] : []),
    ...Object.entries(measures).map(([measure, value]) => `${measure}: ${formatEstimate(value)}`),
    `settings: ${given.join(", ")}`,
    `${(trainingFlop / 1e12).toFixed(1)} TFLOP of training on ${device}, ${Math.round(bytes / 1000)} kB`,
    `made by: ${command}`,
  ];
  return [name, ...lines.map((line) => `  ${wrapText(line, WIDTH - 2, "    ")}`)];
}
