// `nlm train --find-rate`: short trainings at growing learning rates, and the one to take.
import type { TriedRate } from "@neural-langevin/experiments";
import { findRate } from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import type { TrainingSettings } from "@neural-langevin/runs";
import { type DeviceOptions, openDevice } from "../backends/job.js";
import { mnistPlace } from "../files/mnist.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeMeasures } from "../text/evaluation.js";
import { counted } from "../text/format.js";

/** Where the files go, and what computes. */
interface FindRateOptions extends DeviceOptions {
  readonly out: string | undefined;
  readonly overwrite: boolean;
}

/** Tries rates and says which one to take; no run is written. */
export async function findRateCommand(
  terminal: Terminal,
  settings: TrainingSettings,
  { out: folder = "runs/rates", overwrite, ...device }: FindRateOptions,
): Promise<void> {
  const search = {
    folder,
    overwrite,
    renderPng,
    places: { ...mnistPlace(), signal: terminal.interrupted },
    open: () => openDevice(terminal, device, settings.shards),
    onTried: ({ rate, diverged, measures }: TriedRate) => {
      const measured = describeMeasures({ update: 0, ...measures });
      const outcome = diverged === undefined ? measured : `diverged after update ${diverged}`;
      terminal.print(`rate ${rate}: ${outcome}`);
    },
  };
  const found = await findRate(settings, search, workOn(terminal));
  const { rate, measure, updates, files } = found;
  const why =
    `the smallest within one standard error of the best ${measure}, ` +
    `after ${counted(updates, "update")} from the same start`;
  const said =
    rate === undefined ? `No rate was measured by ${measure}.` : `Take --rate ${rate}: ${why}.`;
  terminal.result(found, [said, ...files.map((file) => `  ${file}`)].join("\n"));
}
