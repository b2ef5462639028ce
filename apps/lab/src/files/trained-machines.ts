// The trained machines that the lab brings along.
import { readMachine } from "@neural-langevin/machines";
import { allDigits, type OpenedMachine } from "../state/opened-machine.js";
import type { MachineName } from "../state/settings.js";

/** Their names as addresses, as people see them, and the digits that they know. */
export const trainedMachines: readonly {
  readonly name: MachineName;
  readonly title: string;
  readonly digits: readonly number[] | undefined;
}[] = [
  { name: "ten-digits", title: "Ten digits", digits: allDigits },
  { name: "three-digits", title: "Digits 1, 3 and 6", digits: [1, 3, 6] },
  { name: "fashion", title: "Clothes", digits: undefined },
];

/** Loads one of the machines. */
export async function loadTrainedMachine(name: MachineName): Promise<OpenedMachine> {
  const { title, digits } = trainedMachines.find((machine) => machine.name === name)!;
  const { network, image, settings } = await readMachine(name);
  return {
    ...network,
    ...image,
    name: title,
    trained: name,
    learned: digits && { kind: "digits", digits },
    updates: settings.updates,
  };
}
