// The rows of a training that is evaluated along its way are what the machine of each checkpoint gives when it is
// evaluated alone.
import { createReferenceBackend } from "@neural-langevin/core";
import {
  type Checkpoint,
  completeSettings,
  decodeNetwork,
  encodeCheckpoint,
  type MetricsRow,
  prepareData,
  sessionOf,
  trainRun,
} from "@neural-langevin/runs";
import { expect, it } from "vitest";
import { evaluate, evaluationRow, heldOutEvaluation, trainingCurve } from "../src/index.js";

const pixels = Uint8Array.from({ length: 60 * 9 }, (_, at) => (at * 7919) ** 2 % 251);
const labels = Uint8Array.from({ length: 60 }, (_, image) => image % 2);
const set = { width: 3, height: 3, count: 60, pixels, labels, source: "patterns" };
const settings = completeSettings({
  "held-out": 20,
  chains: 6,
  batch: 10,
  updates: 4,
  rate: 0.05,
  "restart-every": 2,
  "chain-start": "data-mean",
  "average-from": 0.3,
  "evaluate-every": 2,
  "checkpoint-every": 2,
});

it("gives the measures of each checkpoint, with the figure of their course", async () => {
  const backend = createReferenceBackend();
  const data = await prepareData(set, settings);
  const checkpoints: Checkpoint[] = [];
  const [metrics, evaluations]: [MetricsRow[], MetricsRow[]] = [[], []];
  await using session = await backend.open(sessionOf(settings, data));
  const training = trainRun({
    session,
    settings,
    data,
    evaluate: heldOutEvaluation(backend, data),
    sink: {
      addMetrics: (row) => void metrics.push(row),
      addEvaluation: (row) => void evaluations.push(row),
      writeCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
      setState: () => {},
    },
  });
  for await (const _ of training);
  expect(evaluations.map(({ update }) => update)).toEqual([0, 2, 4]);
  expect(checkpoints.map(({ update }) => update)).toEqual([2, 4]);
  for (const checkpoint of checkpoints) {
    const network = decodeNetwork(encodeCheckpoint(checkpoint), "");
    const alone = await evaluate(backend, { network, settings }, data, { seed: settings.seed });
    const row = evaluations.find(({ update }) => update === checkpoint.update)!;
    expect(row).toEqual({ update: checkpoint.update, ...evaluationRow(alone) });
    expect(row).toMatchObject({
      images: 20,
      A_T: alone.A_T,
      A_T_error: alone.standardErrors.A_T,
      E2: alone.covarianceError,
      class_1: alone.classes!["1"]!.value,
      class_1_error: alone.classes!["1"]!.standardError,
    });
  }
  expect(evaluations[0]!.E2).not.toBe(evaluations[1]!.E2);
  const figure = trainingCurve(metrics, evaluations);
  expect(figure).toContain("A_T (generated)");
  expect(figure).not.toContain("Fréchet");
});
