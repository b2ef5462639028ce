// Measures every backend and mode that is here and prints the README's table: which device computes, steps per second
// of 784 units and 96 chains, and the ratio to the fastest mode of `cpu`.
//
//   node tooling/backends-table.mjs
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";
import "./setup.mjs";

const { run } = await import(pathToFileURL(join(root, "apps", "cli", "dist", "index.js")).href);
let output = "";
const status = await run(["backends", "--probe", "--json"], {
  stdout: { write: (text) => (output += text) },
  stderr: process.stderr,
  interrupted: new AbortController().signal,
});
if (status !== 0) process.exit(status);
const { default: probe, backends } = JSON.parse(output);
const speeds = new Map(probe.candidates.map((one) => [one.name, one.stepsPerSecond]));
const cpu = Math.max(
  ...[...speeds].filter(([name]) => /^cpu\b/.test(name)).map(([, speed]) => speed),
);
const rows = backends.flatMap(({ modes }) =>
  modes.map((mode) => {
    if (!mode.available)
      return [`\`${mode.name}\``, `not run: ${mode.reason.split(". ")[0]}`, "–", "–"];
    const { label, details } = mode.device;
    const speed = speeds.get(mode.name);
    const measured =
      speed === undefined
        ? ["–", "–"]
        : [speed < 100 ? speed.toPrecision(3) : speed.toFixed(0), (speed / cpu).toPrecision(2)];
    return [`\`${mode.name}\``, [label, ...details].join(", "), ...measured];
  }),
);
const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const head = ["backend", "device", "steps/s", "against cpu"];
process.stdout.write(
  `${[line(head), "| --- | --- | --: | --: |", ...rows.map(line)].join("\n")}\n`,
);
