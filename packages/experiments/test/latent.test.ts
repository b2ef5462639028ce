// Autoencoders and codes: what they learn, that they go on where they were, and what happens when something is missing.
import { covariance, points } from "@neural-langevin/analysis";
import { createReferenceBackend, LangevinError } from "@neural-langevin/core";
import { beforeAll, describe, expect, it } from "vitest";
import { ExperimentContext } from "../src/context.js";
import { createMemoryStorage, latent } from "../src/index.js";
import { openAutoencoder, trainAutoencoder } from "../src/latent/autoencoder.js";
import {
  codesOfStates,
  normalCodes,
  standardisationOf,
  statesOfCodes,
} from "../src/latent/codes.js";
import { measure } from "../src/latent/measure.js";
import { loadTensorFlow, type TensorFlow } from "../src/latent/tensorflow.js";
import { namedImages } from "../src/node.js";

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await loadTensorFlow();
});

const plan = { units: 9, hidden: 12, code: 2, batch: 10, rate: 1e-2, seed: 5 };
/** Images that two numbers describe: the signs and strengths of two stripes. */
const images = Float32Array.from({ length: 60 * 9 }, (_, place) => {
  const [image, pixel] = [Math.floor(place / 9), place % 9];
  const [a, b] = [Math.sin(image), Math.cos(2.3 * image)];
  return pixel % 3 === 0 ? a : pixel % 3 === 1 ? b : -a;
});

describe("an autoencoder", () => {
  it("learns images that its codes can describe", async () => {
    const losses: number[] = [];
    const onEpoch = (_: number, loss: number) => losses.push(loss);
    const state = await trainAutoencoder(tensorFlow, plan, images, undefined, [0, 150], onEpoch);
    expect(losses).toHaveLength(150);
    expect(state.loss[0]).toBe(losses.at(-1));
    expect(state.loss[0]).toBeLessThan(0.02);
    const autoencoder = openAutoencoder(tensorFlow, plan, state);
    const codes = autoencoder.encode(images);
    expect(codes).toHaveLength(60 * 2);
    const decoded = autoencoder.decode(codes);
    const error = decoded.reduce((sum, u, at) => sum + (u - images[at]!) ** 2 / images.length, 0);
    expect(error).toBeLessThan(0.02);
    autoencoder.close();
  });

  it("goes on from its weights and moments as if it had not stopped", async () => {
    const ignore = () => {};
    const whole = await trainAutoencoder(tensorFlow, plan, images, undefined, [0, 6], ignore);
    const half = await trainAutoencoder(tensorFlow, plan, images, undefined, [0, 3], ignore);
    const parts = await trainAutoencoder(tensorFlow, plan, images, half, [3, 6], ignore);
    expect(parts.steps).toEqual(whole.steps);
    for (const name of ["weights", "moments"] as const) {
      whole[name].forEach((value, at) => {
        expect(Math.abs(parts[name][at]! - value)).toBeLessThan(1e-5);
      });
    }
    const { weights } = half;
    expect(weights.some((value, at) => Math.abs(value - whole.weights[at]!) > 1e-3)).toBe(true);
  });
});

describe("where TensorFlow.js layers are missing", () => {
  const packages = {
    "@tensorflow/tfjs-core": () => import("@tensorflow/tfjs-core"),
    "@tensorflow/tfjs-layers": () => Promise.reject(new Error("Cannot find package")),
    "@tensorflow/tfjs-backend-wasm": () => import("@tensorflow/tfjs-backend-wasm"),
  };

  it("loading them names what to install", async () => {
    await expect(loadTensorFlow(packages)).rejects.toMatchObject({
      code: "unavailable",
      remedy: expect.stringContaining("npm install @tensorflow/tfjs-core @tensorflow/tfjs-layers"),
    });
  });

  it("nothing is computed, and the findings name why", async () => {
    const backend = await createReferenceBackend();
    const context = new ExperimentContext({
      backend,
      seed: 1,
      storage: createMemoryStorage(),
      data() {
        throw new LangevinError("not-found", "Nobody should look for data.");
      },
      computedBy: { backend: "reference", device: "", threads: 1 },
      versions: {},
      onCost: async () => {},
    });
    const result = await measure(context, latent.scales.quick, () => loadTensorFlow(packages));
    expect(result.machines).toEqual([]);
    const findings = latent.findings(result);
    expect(findings.map(({ verdict }) => verdict)).toEqual(["not-run", "not-run"]);
    expect(findings[0]!.found).toBe(
      "MNIST was not computed. The autoencoder needs TensorFlow.js layers, which are not installed. " +
        "Install them with: npm install @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-backend-wasm",
    );
    expect(latent.figures(result)).toEqual([]);
    await backend.close();
  });
});

describe("codes", () => {
  const codes = Float32Array.from({ length: 500 * 2 }, (_, at) =>
    at % 2 === 0 ? 3 + 4 * Math.sin(at) : -1 + Math.sin(at - 1) + 0.5 * Math.cos(3 * at),
  );

  it("have mean 0 and standard deviation 1 as states, and come back", () => {
    const standardisation = standardisationOf(codes, 2);
    const states = statesOfCodes(codes, standardisation);
    const { mean, deviation } = standardisationOf(states, 2);
    for (const i of [0, 1]) {
      expect(mean[i]).toBeCloseTo(0, 5);
      expect(deviation[i]).toBeCloseTo(1, 5);
    }
    codesOfStates(states, standardisation).forEach((value, at) => {
      expect(value).toBeCloseTo(codes[at]!, 5);
    });
  });

  it("of a normal distribution have the same covariance within its error", () => {
    const count = 4000;
    const expected = covariance(points(codes, 2));
    const found = covariance(points(normalCodes(points(codes, 2), count, 7), 2));
    for (const [at, value] of found.entries()) {
      const [i, j] = [at >> 1, at % 2];
      const variance = expected[3 * i]! * expected[3 * j]! + expected[at]! ** 2;
      expect(Math.abs(value - expected[at]!)).toBeLessThan(5 * Math.sqrt(variance / count));
    }
  });
});

describe("the name fashion-mnist", () => {
  it.each([
    [undefined, "It is not known where Fashion-MNIST is."],
    ["nowhere", "There are no data at nowhere."],
  ])("in the folder %s says what is missing and what to do", async (fashionMnist, message) => {
    await expect(namedImages({ fashionMnist })("fashion-mnist")).rejects.toMatchObject({
      code: "not-found",
      message,
      remedy: "Install Debian's package dataset-fashion-mnist, or name its folder.",
    });
  });
});
