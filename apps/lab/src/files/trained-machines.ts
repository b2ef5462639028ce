// The trained machines that the lab brings along.
import { readMachine } from "@neural-langevin/machines";
import { allDigits, type Learned, type OpenedMachine } from "../state/opened-machine.js";
import type { MachineName } from "../state/settings.js";
import { loadRealImages } from "./real-images.js";

/** Their names as addresses, as people see them, and the digits that they know; none where they know other images. */
export const trainedMachines = [
  { name: "ten-digits", title: "Ten digits", digits: allDigits },
  { name: "three-digits", title: "Digits 1, 3 and 6", digits: [1, 3, 6] },
  { name: "fashion", title: "Clothes" },
  { name: "letters", title: "Letters" },
] as const;
type TrainedMachine = (typeof trainedMachines)[number];

/** Loads one of the machines, and images of what it learned. */
export async function loadTrainedMachine(name: MachineName): Promise<OpenedMachine> {
  const trained: TrainedMachine = trainedMachines.find((machine) => machine.name === name)!;
  const [{ network, image, settings }, learned] = await Promise.all([
    readMachine(name),
    learnedBy(trained),
  ]);
  return {
    ...network,
    ...image,
    name: trained.title,
    trained: name,
    learned,
    updates: settings.updates,
  };
}

async function learnedBy(machine: TrainedMachine): Promise<Learned> {
  if ("digits" in machine) return { kind: "digits", digits: machine.digits };
  return { kind: "images", images: await loadRealImages(machine.name) };
}
