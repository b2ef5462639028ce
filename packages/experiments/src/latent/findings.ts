// Whether machines on codes generate codes like those of images.
import { type Estimate, formatEstimate } from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { allOf, anyOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import type { CodeQuality, LatentMachine, LatentResult, MissingSet } from "./measure.js";

/** Both accuracies within this distance of ½ count as alike; A_T alone tells whether samples fall among real ones. */
const ALIKE = 0.2;
/** E⁽²⁾ within this factor of that of real codes counts as learned. */
const NEAR_REAL = 3;

export const findings = ({ machines, missing, steps }: LatentResult): Finding[] => [
  ...machines.map((machine) => findingOf(machine, steps.at(-1)!)),
  ...missing.map(missingFinding),
];

const claim = (name: string): string =>
  `A machine on the codes of an autoencoder generates ${name}.`;

const missingFinding = ({ name, reason }: MissingSet): Finding => ({
  paper: claim(name),
  found: `${name} was not computed. ${reason}`,
  verdict: "not-run",
});

function findingOf({ name, loss, machine, real, normal }: LatentMachine, steps: number): Finding {
  const last = machine.at(-1)!;
  const alike = (accuracy: Estimate) =>
    allOf(isAbove(accuracy, 0.5 - ALIKE), isBelow(accuracy, 0.5 + ALIKE));
  const [realAlike, generatedAlike] = [alike(last.realAccuracy), alike(last.generatedAccuracy)];
  const covaries = isBelow(last.covarianceError, scaled(real.covarianceError, NEAR_REAL));
  return {
    paper: claim(name),
    found:
      `${name}: the autoencoder's mean squared error is ${formatEstimate(loss)} over images that were kept back. After ${steps} steps from N(0, 1), ` +
      `standardised codes have ${describe(last)} compared with those of training images. Codes of images that were ` +
      `kept back have ${describe(real)}, and a normal distribution with the codes' mean and covariance has ` +
      `${describe(normal)}.`,
    verdict: verdictOf(
      allOf(generatedAlike, realAlike),
      allOf(generatedAlike, anyOf(realAlike, covaries)),
    ),
  };
}

const describe = ({ realAccuracy, generatedAccuracy, covarianceError }: CodeQuality): string =>
  `A_S ${formatEstimate(realAccuracy)}, A_T ${formatEstimate(generatedAccuracy)}, ` +
  `E⁽²⁾ ${formatEstimate(covarianceError)}`;
