// Computes the eigenvalues of the machines that the lab brings along, which takes a minute and so is done beforehand:
//
//   node tools/make-spectra.mjs
//
// A file for each: all real parts, then all imaginary parts, as float32 with the low byte first.
import { writeFile } from "node:fs/promises";
import { eigenvalues } from "@neural-langevin/analysis";
import { readMachine } from "@neural-langevin/machines";

for (const name of /** @type {const} */ (["ten-digits", "three-digits", "fashion", "letters"])) {
  const { network } = await readMachine(name);
  const { real, imaginary } = eigenvalues(network.couplings);
  const file = new URL(`../src/files/spectra/${name}.bin`, import.meta.url);
  await writeFile(file, Float32Array.of(...real, ...imaginary));
}
