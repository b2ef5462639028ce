// The eigenvalues of the machines that the lab brings along. Finding them takes long, so `tools/make-spectra.mjs` did.
import type { Eigenvalues } from "@neural-langevin/analysis";
import type { MachineName } from "../state/settings.js";
import { fetched } from "./fetched.js";

const addresses: Readonly<Record<MachineName, URL>> = {
  "ten-digits": new URL("./spectra/ten-digits.bin", import.meta.url),
  "three-digits": new URL("./spectra/three-digits.bin", import.meta.url),
  fashion: new URL("./spectra/fashion.bin", import.meta.url),
  letters: new URL("./spectra/letters.bin", import.meta.url),
};

/** The eigenvalues in a file: all real parts, then all imaginary parts. */
export function decodeSpectrum(bytes: ArrayBuffer): Eigenvalues {
  const values = Float64Array.from(new Float32Array(bytes));
  const units = values.length / 2;
  return { real: values.subarray(0, units), imaginary: values.subarray(units) };
}

export async function loadSpectrum(name: MachineName): Promise<Eigenvalues> {
  const response = await fetched(addresses[name], "The eigenvalues");
  return decodeSpectrum(await response.arrayBuffer());
}
