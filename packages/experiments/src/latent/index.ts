// A machine on the codes of an autoencoder, whose samples are decoded into images: MNIST's ten digits and
// Fashion-MNIST.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type LatentResult, measure } from "./measure.js";
import { type LatentSettings, operations, scales } from "./settings.js";

/** A machine on the codes of an autoencoder. */
export const latent: Experiment<LatentSettings, LatentResult> = {
  name: "latent",
  description:
    "a machine on the codes of an autoencoder: ten digits and Fashion-MNIST, A_S and A_T of the codes",
  scales,
  chooses: ["data", "held-out"],
  operations,
  measure: (context, settings) => measure(context, settings),
  tables,
  figures,
  findings,
};
