// A training, and the updates at which its couplings are examined.
import type { GivenSettings } from "@neural-langevin/runs";
import type { Operations, Scale } from "../experiment.js";
import { eigenvaluesOperations, trainingOperations } from "../operations.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, QUICK } from "../published.js";

export interface SpectrumSettings {
  readonly training: GivenSettings;
  /** Updates at which the couplings are examined, besides 0 and the last. */
  readonly at: readonly number[];
}

export const scales: Readonly<Record<Scale, SpectrumSettings>> = {
  quick: { training: QUICK, at: [50, 200, 600] },
  half: { training: HALF, at: [201, 581, 1679, 4852] },
  paper: { training: PUBLISHED, at: PUBLISHED_CHECKPOINTS },
};

export const operations = ({ training, at }: SpectrumSettings): Operations => ({
  backend: trainingOperations(training),
  host: (at.length + 2) * eigenvaluesOperations(),
});
