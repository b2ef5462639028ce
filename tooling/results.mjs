// Writes docs/results.md from experiments that were run: what the paper's abstract claims, and what was found.
//
//   node tooling/results.mjs RUN…     each RUN is a folder that `nlm experiment` wrote
//
// Experiments that are on the page and not among the runs stay as they are. One with settings of its own (`--set`) is a section
// beside that of the scale.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { root, run } from "./run.mjs";

const paper = "https://arxiv.org/abs/2506.23546";

/** The claims of the abstract in our words, and the experiments that bear on them. */
const claims = [
  ["The learning rule is local and asymmetric.", ["spectrum"]],
  ["Generation has an out-of-equilibrium regime.", ["regimes", "age"]],
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
  yes: "Agrees",
  partly: "Agrees in part",
  no: "Differs",
  unclear: "Left open by the errors",
  "not-claimed": "Not claimed",
  "not-run": "Not computed",
};

/** What a run reported. */
function readReport(folder) {
  const file = join(folder, "report.json");
  if (!existsSync(file)) {
    fail(`There is no finished experiment in ${folder}: it has no report.json.`);
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  if (!report.findings.every(({ verdict }) => Object.hasOwn(verdicts, verdict))) {
    fail(`${file} has findings without a verdict that is known here. Run the experiment again.`);
  }
  return { folder, ...report };
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** What was set in place of the scale's settings, as texts NAME=VALUE. */
const settingsOf = ({ given = {} }) =>
  Object.entries(given).map(([name, value]) => `${name}=${value}`);

/** What a section is called: the experiment, and what was set. */
const headingOf = (report) => [report.experiment, ...settingsOf(report)].join(", ");

/** The experiment of a section. */
const experimentOf = (heading) => heading.split(",")[0];

/** Copies a figure beside the document, as SVG unless it moves; returns its address there. */
function copyFigure(report, name) {
  const { folder, experiment, scale } = report;
  const isDrawn = existsSync(join(folder, "figures", `${name}.svg`));
  const file = `${name}.${isDrawn ? "svg" : "png"}`;
  const set = settingsOf(report).map((text) => text.replaceAll(/[^a-z0-9]+/gi, "-"));
  const own = [experiment, scale, ...set, file].join("-");
  copyFileSync(join(folder, "figures", file), join(pictures, own));
  return `pictures/results/${own}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** One experiment: what it shows, one line of verdicts, a figure, the numbers, and the other figures. */
function sectionOf(report) {
  const { experiment, scale, description, findings, figures } = report;
  const { device, backend, seed, seconds, flop } = report;
  const claimed = findings.filter(({ verdict }) => verdict !== "not-claimed");
  const title = `${description[0].toUpperCase()}${description.slice(1)}.`;
  const lines = [`### ${headingOf(report)}`, "", title, ""];
  if (claimed.length > 0) {
    const judged = claimed.map(({ verdict, paper }) => `**${verdicts[verdict]}:** ${paper}`);
    lines.push(judged.join(" "), "");
  }
  const [first, ...others] = figures.map(({ name, caption }) => [
    `![${caption}](${copyFigure(report, name)})`,
    "",
    `*${caption}.*`,
    "",
  ]);
  lines.push(...(first ?? []), "| the paper | here | |", "| --- | --- | --- |");
  for (const { paper: claim, found, verdict } of findings) {
    const cells = [claim, found, verdicts[verdict]].map((text) => text.replaceAll("|", "\\|"));
    lines.push(`| ${cells.join(" | ")} |`);
  }
  const symbols = Object.entries(report.symbols ?? {}).map(([of, is]) => `${of}: ${is}.`);
  lines.push("", ...(symbols.length > 0 ? [symbols.join(" "), ""] : []), ...others.flat());
  const set = settingsOf(report).map((text) => ` --set ${text}`);
  const command = `nlm experiment ${experiment} --scale ${scale}${set.join("")} --seed ${seed}`;
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
  fail("Name the folders of experiments: npm run results -- RUN…");
}
const reports = folders.map(readReport);
const file = join(root, "docs", "results.md");
const pictures = join(root, "docs", "pictures", "results");
mkdirSync(pictures, { recursive: true });
/** All sections by their headings: those of the page, with new ones in their place or after them. */
const sections = new Map(
  readFileSync(file, "utf8")
    .split(/^(?=##? |### )/m)
    .map((section) => [/^### (.*)/.exec(section)?.[1], section.trimEnd().split("\n").concat("")])
    .filter(([heading]) => heading !== undefined),
);
for (const report of reports) sections.set(headingOf(report), sectionOf(report));
const sectionsOf = (experiment) =>
  [...sections].flatMap(([heading, lines]) => (experimentOf(heading) === experiment ? lines : []));

const lines = [
  "# Results",
  "",
  `What [the paper](${paper}) shows, and what this software finds. The command below each section made it, and ` +
    "`npm run results -- RUN…` made this page from what these commands wrote. Verdicts follow from the numbers by " +
    "the rules in the `findings.ts` files of `packages/experiments/src`. The scales `quick` and `half` use fewer " +
    "chains, larger steps and shorter trainings than the paper, so a difference there is no evidence about the published " +
    "settings; what PCD-10 makes of these, in full, is in [a note of its own](notes/published-training.md). " +
    "Durations are wall-clock times on a machine that may have done other work.",
  "",
];
const known = new Set(claims.flatMap(([, names]) => names));
const all = new Set([...sections.keys()].map(experimentOf));
const groups = [...claims, [rest, [...all].filter((name) => !known.has(name))]];
for (const [claim, names] of groups) {
  const own = names.flatMap(sectionsOf);
  if (own.length > 0) lines.push(`## ${claim}`, "", ...own);
}
writeFileSync(file, `${lines.join("\n").trimEnd()}\n`);
const page = lines.join("\n");
for (const name of readdirSync(pictures)) {
  if (!page.includes(`pictures/results/${name})`)) rmSync(join(pictures, name));
}
run(`biome format --write "${file}"`, { capture: true });
process.stderr.write(`${file}: ${reports.map(({ folder }) => basename(folder)).join(", ")}\n`);
