// Makes the machine that the lab opens with from a run:
//
//   npm run nlm -- demo --out runs/demo
//   node apps/lab/tools/pack-machine.mjs runs/demo
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeNetwork, openSafetensors } from "@neural-langevin/runs";
import { packMachine } from "./packed-machine.mjs";

const run = process.argv[2];
if (run === undefined) throw new Error("Name the folder of a finished run of `nlm demo`.");
const source = join(run, "machine.safetensors");
const bytes = new Uint8Array(await readFile(source));
const { metadata } = openSafetensors(bytes, source);
const { settings } = JSON.parse(await readFile(join(run, "summary.json"), "utf8"));
const packed = packMachine(decodeNetwork(bytes, source), {
  ...metadata,
  labels: settings.labels.join(","),
});
const target = fileURLToPath(new URL("../machines/demo.safetensors", import.meta.url));
await writeFile(target, packed);
process.stdout.write(`${target}: ${packed.length} bytes\n`);
