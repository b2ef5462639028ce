// An experiment of moments in a folder: begun there, or gone on with when it was killed. As a program: FOLDER.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { runExperiment, spectrum } from "@neural-langevin/experiments";
import { createExperimentFolder, openExperimentFolder } from "@neural-langevin/experiments/node";

const SIDE = 6;

/** Stripes of ten kinds. */
const stripes = (count) => ({
  width: SIDE,
  height: SIDE,
  count,
  pixels: Uint8Array.from({ length: count * SIDE ** 2 }, (_, place) => {
    const [image, pixel] = [Math.floor(place / SIDE ** 2), place % SIDE ** 2];
    return (pixel * (1 + (image % 10))) % 7 < 3 ? 220 : 20;
  }),
  labels: Uint8Array.from({ length: count }, (_, image) => image % 10),
  source: "stripes",
});

const settings = {
  training: {
    data: "stripes",
    "held-out": 2,
    updates: 300,
    chains: 8,
    batch: 8,
    "step-size": 0.05,
    "negative-phase": "pcd-10",
    "checkpoint-every": 30,
  },
  at: [5, 100, 200],
};

const [, , folder] = process.argv;
const open = existsSync(join(folder, "experiment.json"))
  ? openExperimentFolder
  : createExperimentFolder;
const storage = await open(folder);
const backend = await createCpuBackend({ threads: 1, build: "plain" });
try {
  await runExperiment({
    experiment: spectrum,
    settings,
    backend,
    storage,
    data: () => stripes(100),
  });
} finally {
  await storage[Symbol.asyncDispose]();
  await backend.close();
}
