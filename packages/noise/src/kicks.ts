// The noise of a run's steps as it is added to the states, made on the host one step after the other.
import { type AdvanceRun, type ResolvedSpec, streams } from "@neural-langevin/core";
import type { NoiseMaker } from "./noise.js";

/** √(2T dt) of every chain, shape [B]; undefined where all are 0. */
export function kickAmplitudes(
  { temperature, dt }: AdvanceRun,
  chains: number,
): Float64Array | undefined {
  const amplitudes = Float64Array.from({ length: chains }, (_, chain) =>
    Math.sqrt(2 * (typeof temperature === "number" ? temperature : temperature[chain]!) * dt),
  );
  return amplitudes.every((amplitude) => amplitude === 0) ? undefined : amplitudes;
}

/**
 * Makes √(2T dt)·ξ of one step after the other, shape [B][N], 0 for pinned units; ξ of Leimkuhler–Matthews is
 * (ξ_s + ξ_{s+1})/2, of which ξ_{s+1} is kept for the next step.
 *
 * @returns a function of the step; undefined where no chain has a temperature
 */
export function kicksOf(
  noise: NoiseMaker,
  { units, chains, firstChain, seed }: ResolvedSpec,
  run: AdvanceRun,
): ((step: number) => Float32Array) | undefined {
  const { integrator, pinned } = run;
  const amplitudes = kickAmplitudes(run, chains);
  if (!amplitudes) return undefined;
  const held = pinned && Array.from(pinned.keys()).filter((unit) => pinned[unit] !== 0);
  const isMidpoint = integrator === "leimkuhler-matthews";
  const scale = isMidpoint ? amplitudes.map((amplitude) => amplitude / 2) : amplitudes;
  let ahead: { readonly step: number; readonly normals: Float32Array } | undefined;
  const normals = (step: number): Float32Array => {
    if (ahead?.step === step) return ahead.normals;
    const made = new Float32Array(chains * units);
    noise.fill(made, { seed, stream: streams.dynamics, step }, firstChain, units, scale);
    return made;
  };
  return (step) => {
    // The normals of this step are needed no more, so they become its kick.
    const kick = normals(step);
    if (isMidpoint) {
      ahead = { step: step + 1, normals: normals(step + 1) };
      for (let at = 0; at < kick.length; at++) kick[at]! += ahead.normals[at]!;
    }
    if (held) {
      for (let chain = 0; chain < chains; chain++) {
        for (const unit of held) kick[chain * units + unit] = 0;
      }
    }
    return kick;
  };
}
