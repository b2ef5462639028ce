// Makes the program of the thread that computes eigenvalues whole in itself, and a text.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { programOf } from "@neural-langevin/tooling/program";

const dist = (name) => fileURLToPath(new URL(`dist/${name}`, import.meta.url));
const mlMatrix = dirname(createRequire(import.meta.url).resolve("ml-matrix"));
const program = await programOf(dist("eigenvalues-worker.js"), {
  notices: `Contains ml-matrix. ${readFileSync(join(mlMatrix, "LICENSE"), "utf8")}`,
});
for (const extension of ["js", "js.map", "d.ts", "d.ts.map"]) {
  rmSync(dist(`eigenvalues-worker.${extension}`));
}
writeFileSync(
  dist("eigenvalues-program.js"),
  `export const eigenvaluesProgram = ${JSON.stringify(program)};\n`,
);
