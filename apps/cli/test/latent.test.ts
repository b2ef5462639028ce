// Autoencoders and codes: what they learn, that they go on where they were, and what happens when something is missing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { covariance, points } from "@neural-langevin/analysis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  loadTensorFlow,
  lossOf,
  openAutoencoder,
  type TensorFlow,
  trainAutoencoder,
} from "../src/experiments/autoencoder.js";
import { normalCodes, standardOf, toCodes, toStates } from "../src/experiments/latent-codes.js";
import { nlm } from "./command.js";

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
    const follow = (_: number, loss: number) => losses.push(loss);
    const state = await trainAutoencoder(tensorFlow, plan, images, undefined, [0, 150], follow);
    expect(losses).toHaveLength(150);
    expect(lossOf(state)).toBeCloseTo(losses.at(-1)!, 6);
    expect(lossOf(state)).toBeLessThan(0.02);
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
    whole.forEach((value, at) => {
      expect(Math.abs(parts[at]! - value)).toBeLessThan(1e-5);
    });
    expect(half.some((value, at) => Math.abs(value - whole[at]!) > 1e-3)).toBe(true);
  });

  it("says what to install where TensorFlow.js layers are missing", async () => {
    const missing = Object.assign(new Error("Cannot find package"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    const packages = {
      "@tensorflow/tfjs-core": () => import("@tensorflow/tfjs-core"),
      "@tensorflow/tfjs-layers": () => Promise.reject(missing),
      "@tensorflow/tfjs-backend-wasm": () => import("@tensorflow/tfjs-backend-wasm"),
    };
    await expect(loadTensorFlow(packages)).rejects.toMatchObject({
      code: "unavailable",
      remedy: expect.stringContaining("npm install @tensorflow/tfjs-core @tensorflow/tfjs-layers"),
    });
  });
});

describe("codes", () => {
  const codes = Float32Array.from({ length: 500 * 2 }, (_, at) =>
    at % 2 === 0 ? 3 + 4 * Math.sin(at) : -1 + Math.sin(at - 1) + 0.5 * Math.cos(3 * at),
  );

  it("have mean 0 and standard deviation 1 as states, and come back", () => {
    const standard = standardOf(codes, 2);
    const states = toStates(codes, standard);
    const { mean, deviation } = standardOf(states, 2);
    for (const i of [0, 1]) {
      expect(mean[i]).toBeCloseTo(0, 5);
      expect(deviation[i]).toBeCloseTo(1, 5);
    }
    toCodes(states, standard).forEach((value, at) => {
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

describe("nlm experiment --fashion", () => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-latent-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  it.each([
    [["bias", "--fashion", "."], /bias does not take Fashion-MNIST/],
    [["latent", "--fashion", "nowhere"], /There is no folder nowhere/],
  ])("%j is refused", async (args, message) => {
    const { status, stderr } = await nlm(["experiment", ...args, "--backend", "cpu:plain"], folder);
    expect(status).toBe(2);
    expect(stderr.replace(/\n/g, " ")).toMatch(message);
  });
});
