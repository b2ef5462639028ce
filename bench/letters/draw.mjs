// Asks a machine for each of its labels in turn, and writes the images: float32 from 0 to 1, shape (n, 28, 28).
//
//   node bench/letters/draw.mjs MACHINE OUT.npy [EACH [SEED]]     MACHINE is a run, a file, or the name of an included machine
import { writeFile } from "node:fs/promises";
import { createCpuBackend } from "../../packages/backend-cpu/dist/index.js";
import { encodeNpy } from "../../packages/datasets/dist/index.js";
import { machineCards, readMachine } from "../../packages/machines/dist/index.js";
import { generate } from "../../packages/runs/dist/index.js";
import { loadNetwork } from "../../packages/runs/dist/node.js";

const [name, out, each = "20", seed = "1"] = process.argv.slice(2);
const isIncluded = machineCards.some((card) => card.name === name);
const machine = await (isIncluded ? readMachine(name) : loadNetwork(name));
const { labels } = machine.network.labelUnits;
const { width, height } = machine.image;
const backend = await createCpuBackend();
const chains = Number(each) * labels.length;
const rates = await generate(backend, machine, { chains, seed: Number(seed), labels });
await backend.close();
const pixels = rates.map((rate) => (rate + 1) / 2);
await writeFile(out, encodeNpy(pixels, [chains, height, width]));
