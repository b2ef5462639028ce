// Makes the machine that the lab opens with from a run:
//
//   npm run nlm -- demo --out runs/demo
//   node apps/lab/tools/pack-machine.mjs runs/demo
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { decodeNetwork, openSafetensors } from "@neural-langevin/runs";
import { packMachine } from "./packed-machine.mjs";

const run = process.argv[2];
if (run === undefined) throw new Error("Name the folder of a finished run of `nlm demo`.");
const source = join(run, "machine.safetensors");
const bytes = new Uint8Array(await readFile(source));
const machine = decodeNetwork(bytes, source);
const { update = "" } = openSafetensors(bytes, source).metadata;
const { settings } = JSON.parse(await readFile(join(run, "summary.json"), "utf8"));
/** @type {readonly number[]} */
const digits = settings.labels ?? machine.labelUnits?.labels;
const packed = packMachine(machine, { update, labels: digits.join(",") });
const file = gzipSync(packed, { level: 9 });
const target = fileURLToPath(new URL("../machines/ten-digits.bin", import.meta.url));
await writeFile(target, file);
process.stdout.write(`${target}: ${file.length} bytes\n`);
