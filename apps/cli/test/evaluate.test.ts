// Equilibrium and log-likelihood of a machine without couplings, a Gaussian around its bias: log Z is
// (N/2) ln 2πT, the chains forget by 1 − dt a step, and the likelihood of an image follows from its energy.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeImages, encodeNpy } from "@neural-langevin/datasets";
import { encodeNetwork } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

const UNITS = 16;
const couplings = new Float32Array(UNITS ** 2);
const level = 160;
const state = encodeImages({ pixels: Uint8Array.of(level) })[0]!;

let folder: string;
const at = (name: string) => join(folder, name);
const put = (name: string, bias: Float32Array) =>
  writeFileSync(at(name), encodeNetwork({ units: UNITS, couplings, bias }));
const evaluate = async (...args: string[]) => {
  const all = ["--data", "grey.npy", "--held-out", "20", "--dt", "0.1", "--backend", "reference"];
  const { status, stdout, stderr } = await nlm(["evaluate", ...args, ...all, "--json"], folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-evaluate-"));
  put("near.safetensors", new Float32Array(UNITS).fill(0.3));
  put("far.safetensors", new Float32Array(UNITS).fill(30));
  // Equal images but for one pixel, which varies, so that there is a principal component.
  const pixels = Uint8Array.from({ length: 60 * UNITS }, (_, place) =>
    place % UNITS === 5 ? 100 + ((place / UNITS) | 0) : level,
  );
  writeFileSync(at("grey.npy"), encodeNpy(pixels, [60, 4, 4]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm evaluate --equilibrium", () => {
  it("finds chains in equilibrium, with the times and the meter of a Gaussian", async () => {
    const args = ["--steps", "200", "--equilibrium", "--frames", "400", "--every", "10"];
    const { equilibrium } = await evaluate("near.safetensors", ...args);
    expect(equilibrium.reasons).toEqual([]);
    expect(equilibrium).toMatchObject({ equilibrated: true, frames: 400, every: 10 });
    const { value, standardError } = equilibrium.meter;
    expect(Math.abs(value - 1)).toBeLessThan(4 * standardError + 0.005);
    // ρ_t of the energy is 0.9^(2·10·t) after t frames, so τ = (1 + ρ)/(1 − ρ) = 1.28.
    expect(Math.abs(equilibrium.observables.energy.integratedTime - 1.28)).toBeLessThan(0.15);
    // ⟨E⟩ = NT/2 = 8.
    const { energy } = equilibrium.observables;
    expect(Math.abs(energy.value - UNITS / 2)).toBeLessThan(4 * energy.standardError);
  });

  it("says why chains on their way are not", async () => {
    const args = ["--steps", "1", "--equilibrium", "--frames", "20", "--every", "1"];
    const { equilibrium } = await evaluate("far.safetensors", ...args);
    expect(equilibrium.equilibrated).toBe(false);
    expect(equilibrium.summary).toMatch(/^Not equilibrated\..* energy differs .*⟨x·∇E⟩.* not 1/);
    const all = ["--data", "grey.npy", "--held-out", "20", "--dt", "0.1", "--backend", "reference"];
    const { stdout } = await nlm(["evaluate", "far.safetensors", ...args, ...all], folder);
    expect(stdout).toMatch(/τ in steps +ESS +bulk ESS +R̂\n {2}energy {2}/);
    expect(stdout).toMatch(/Not equilibrated:\n {2}– energy differs/);
    for (const line of stdout.split("\n").slice(1)) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("nlm evaluate --log-likelihood", () => {
  it("brackets the exact log Z, and gives the likelihood of images", async () => {
    const args = ["--steps", "200", "--log-likelihood", "--anneals", "40", "--anneal-steps", "5"];
    const { likelihood } = await evaluate("near.safetensors", ...args);
    const logZ = (UNITS / 2) * Math.log(2 * Math.PI);
    for (const way of ["forward", "backward", "both"]) {
      const { logZ: found, standardError } = likelihood[way];
      expect(Math.abs(found - logZ), way).toBeLessThan(4 * standardError + 0.01);
    }
    expect(likelihood.trusted).toBe(true);
    const grey = likelihood.images["held out"];
    expect(grey.count).toBe(20);
    // All pixels but one give ½(0.3 − x)² each; the one that varies is seen from −0.22 to 0.25 in φ.
    const energy = ((UNITS - 1) / 2) * (0.3 - state) ** 2;
    expect(grey.mean + likelihood.both.logZ).toBeLessThan(-energy);
    expect(grey.mean + likelihood.both.logZ).toBeGreaterThan(-energy - 0.25);
  });

  it("does not trust ways that disagree", async () => {
    const args = ["--steps", "400", "--log-likelihood", "--anneals", "1", "--anneal-steps", "1"];
    const { likelihood } = await evaluate("far.safetensors", ...args);
    expect(likelihood.trusted).toBe(false);
    expect(likelihood.reasons[0]).toMatch(/estimates of log Z differ by .* nats/);
    expect(likelihood.summary).toBe(likelihood.reasons.join(" "));
    const { bounds, mean } = likelihood.images["held out"];
    expect(bounds[0]).toBeLessThan(mean);
    expect(mean).toBeLessThan(bounds[1]);
  });

  it("refuses T = 0, and images of another size", async () => {
    for (const [args, problem] of [
      [["--temperature", "0", "--data", "grey.npy", "--equilibrium"], /Equilibrium .* T > 0/],
      [["--temperature", "0", "--data", "grey.npy", "--log-likelihood"], /likelihood .* T > 0/],
      [["--labels", "1"], /sees 16 pixels, but images of MNIST .* 28 × 28/],
      [["--data", "grey.npy", "--frames", "3"], /--frames takes a whole number of at least 16/],
    ] as const) {
      const { status, stderr } = await nlm(["evaluate", "near.safetensors", ...args], folder);
      expect(status).toBe(2);
      expect(stderr.replace(/\n/g, " ")).toMatch(problem);
    }
  });
});
