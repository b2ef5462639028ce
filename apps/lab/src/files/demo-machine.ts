// The trained machine that the lab brings along, and the one that `nlm demo` makes.
import address from "../../machines/ten-digits.bin?url";
import { unpackMachine } from "../../tools/packed-machine.mjs";
import type { OpenedMachine } from "../state/opened-machine.js";
import { unzipped } from "./unzipped.js";

// The request goes out as soon as this module is loaded, beside the worker's.
const bytes = fetch(address).then(unzipped);

export async function loadDemoMachine(): Promise<OpenedMachine> {
  const { machine, metadata } = unpackMachine(await bytes, "ten-digits.bin");
  return {
    ...machine,
    name: "Ten digits",
    width: 28,
    height: 28,
    learned: { kind: "digits", digits: (metadata.labels ?? "").split(",").map(Number) },
    updates: Number(metadata.update),
  };
}
