// The trained machines that the lab brings along.
import { readMachine } from "@neural-langevin/machines";
import { allDigits, type OpenedMachine } from "../state/opened-machine.js";

/** Their names as addresses, as people see them, and the digits that they know. */
export const trainedMachines = [
  { name: "ten-digits", title: "Ten digits", digits: allDigits },
  { name: "three-digits", title: "Digits 1, 3 and 6", digits: [1, 3, 6] },
  { name: "fashion", title: "Clothes", digits: undefined },
] as const;

export type TrainedMachineName = (typeof trainedMachines)[number]["name"];

// The request goes out as soon as this module is loaded, beside the worker's.
const first = readMachine("ten-digits");

/** One of the machines; the first unless named. */
export async function loadTrainedMachine(
  name: TrainedMachineName = "ten-digits",
): Promise<OpenedMachine> {
  const { title, digits } = trainedMachines.find((machine) => machine.name === name)!;
  const { network, image, settings } = await (name === "ten-digits" ? first : readMachine(name));
  return {
    ...network,
    ...image,
    name: title,
    learned: digits && { kind: "digits", digits },
    updates: settings.updates,
  };
}
