// The trained machine that the lab opens with.
import address from "../../machines/demo.safetensors?url";
import { unpackMachine } from "../../tools/packed-machine.mjs";
import type { OpenedMachine } from "../state/opened-machine.js";

// The request goes out as soon as this module is loaded, beside the worker's.
const bytes = fetch(address).then((response) => response.arrayBuffer());

export async function loadDemoMachine(): Promise<OpenedMachine> {
  const { machine, metadata } = unpackMachine(new Uint8Array(await bytes), "demo.safetensors");
  return {
    ...machine,
    name: "Digits 1, 3, 6",
    width: 28,
    height: 28,
    learned: { kind: "digits", digits: (metadata.labels ?? "").split(",").map(Number) },
    updates: Number(metadata.update),
  };
}
