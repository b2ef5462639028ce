// Makes the workers' programs whole in themselves: as texts, from which workers start where their file is not found,
// and for browsers as the file itself, which then needs neither a bundler nor an import map.
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { programOf } from "@neural-langevin/tooling/program";

const dist = (name) => fileURLToPath(new URL(`dist/${name}`, import.meta.url));
const browser = await programOf(dist("worker-browser.js"));
const node = await programOf(dist("worker-node.js"));
writeFileSync(dist("worker-browser.js"), browser);
for (const file of ["worker-browser.js.map", "worker-node.js", "worker-node.js.map"]) {
  rmSync(dist(file));
}
for (const file of ["worker-browser.d.ts", "worker-node.d.ts"]) {
  rmSync(dist(file));
  rmSync(dist(`${file}.map`));
}
writeFileSync(
  dist("worker-program.js"),
  `export const browserProgram = ${JSON.stringify(browser)};\nexport const nodeProgram = ${JSON.stringify(node)};\n`,
);
