// Writes docs/results.md from experiments that were run: what the paper's abstract claims, and what was found.
//
//   node tooling/results.mjs RUN…     each RUN is a folder that `nlm experiment` wrote
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root, run } from "./run.mjs";

const paper = "https://arxiv.org/abs/2506.23546";

/** The claims of the abstract in our words, and the experiments that bear on them. */
const claims = [
  ["The learning rule is local and asymmetric.", ["spectrum"]],
  ["Generation has an out-of-equilibrium regime.", ["regimes"]],
  ["With more training data, machines pass from memorising to generalising.", ["memorisation"]],
  [
    "A machine explores its states without end, and shows images of different kinds.",
    ["exploration", "classes", "latent"],
  ],
  ["It removes noise from a damaged image.", ["denoise"]],
  ["Learning needs few resources, as in a brain.", ["one-sample", "one-chain"]],
];
const rest = "Beyond the abstract.";

const verdicts = {
  yes: "agrees",
  partly: "agrees in part",
  no: "**differs**",
  silent: "the paper does not say",
  absent: "not computed",
};

/** What a run reported. */
function readReport(folder) {
  const file = join(folder, "report.json");
  if (!existsSync(file)) {
    process.stderr.write(`There is no finished experiment in ${folder}: it has no report.json.\n`);
    process.exit(2);
  }
  return { folder, ...JSON.parse(readFileSync(file, "utf8")) };
}

/** Copies a figure beside the document, as SVG unless it moves; returns its address there. */
function copyFigure({ folder, experiment, scale }, name) {
  const isDrawn = existsSync(join(folder, "figures", `${name}.svg`));
  const file = `${name}.${isDrawn ? "svg" : "png"}`;
  const own = `${experiment}-${scale}-${file}`;
  copyFileSync(join(folder, "figures", file), join(pictures, own));
  return `pictures/results/${own}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function sectionOf(report) {
  const { experiment, scale, shows, findings, figures, device, backend, seed, seconds, flop } =
    report;
  const lines = [`### ${experiment}`, "", `${shows[0].toUpperCase()}${shows.slice(1)}.`, ""];
  lines.push("| the paper | here | |", "| --- | --- | --- |");
  for (const { paper: says, found, agrees } of findings) {
    const cells = [says, found, verdicts[agrees]].map((text) => text.replaceAll("|", "\\|"));
    lines.push(`| ${cells.join(" | ")} |`);
  }
  lines.push("");
  for (const { name, caption } of figures) {
    lines.push(`![${caption}](${copyFigure(report, name)})`, "", `*${caption}.*`, "");
  }
  const command = `nlm experiment ${experiment} --scale ${scale} --seed ${seed}`;
  lines.push(
    `\`${command}\` on ${device} (\`${backend}\`): ${duration(seconds)}, ` +
      `${(flop / 1e12).toFixed(1)} TFLOP.`,
    "",
    "<details><summary>Settings</summary>",
    "",
    "```json",
    JSON.stringify(report.settings, null, 2),
    "```",
    "",
    "</details>",
    "",
  );
  return lines;
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write("Name the folders of experiments: npm run results -- RUN…\n");
  process.exit(2);
}
const reports = folders.map(readReport);
const pictures = join(root, "docs", "pictures", "results");
rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });

const lines = [
  "# Results",
  "",
  `What [the paper](${paper}) says, and what this software finds. Every section is made by the command below it; ` +
    "this page is made from what they wrote, by `npm run results -- RUN…`. Verdicts follow from the numbers by " +
    "rules in `apps/cli/src/experiments`. The scale `quick` uses fewer chains, larger steps and shorter " +
    "trainings than the paper, so that a difference there says nothing yet about the published settings. " +
    "Durations are what the clock said, whatever else the machine did at the time.",
  "",
];
const known = new Set(claims.flatMap(([, names]) => names));
const groups = [...claims, [rest, reports.map((r) => r.experiment).filter((n) => !known.has(n))]];
for (const [claim, names] of groups) {
  const own = names.flatMap((name) => reports.filter(({ experiment }) => experiment === name));
  if (own.length === 0) continue;
  lines.push(`## ${claim}`, "", ...own.flatMap(sectionOf));
}
const file = join(root, "docs", "results.md");
writeFileSync(file, `${lines.join("\n").trimEnd()}\n`);
run(`biome format --write "${file}"`, { capture: true });
process.stderr.write(`${file}: ${reports.map(({ folder }) => basename(folder)).join(", ")}\n`);
