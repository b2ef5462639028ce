// Every package as a stranger gets it: packed, installed by npm into an empty project with the packages of this
// repository that it needs, its README's examples run under Node and, where it is a library, built by Vite in
// Chromium. New packages are found by themselves.
//
//   node tooling/alone.mjs [NAME…]
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./run.mjs";
import { findChromium, nameSoftwareVulkan, outcomeOfPage } from "./src/chromium.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";
import { readmeExamples } from "./src/readme-examples.mjs";

/** Libraries whose README shows Node or needs flags of Chromium; their own tests run the contract there. */
const entryOnly = ["gpujs", "tfjs", "webgpu"].map((id) => `@neural-langevin/backend-${id}`);

const strict = process.env.NLM_REQUIRE_ALL === "1";
const shell = process.platform === "win32";
const temporary = mkdtempSync(join(tmpdir(), "nlm-alone-"));
const wanted = process.argv.slice(2);
nameSoftwareVulkan(process.env);
let [passed, failed, skipped] = [0, 0, 0];

// The limit is only for what hangs: how long anything takes is not tried here.
const run = (command, args, cwd) =>
  promisify(execFile)(command, args, { cwd, shell, maxBuffer: 1 << 26, timeout: 1_800_000 });

const packages = publishedPackages(root);

/** A package and those of this repository that it needs, core always. */
function needs(name, found = new Set(["@neural-langevin/core"])) {
  found.add(name);
  const { dependencies, peerDependencies, peerDependenciesMeta } = packages.get(name).manifest;
  for (const other of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (peerDependenciesMeta?.[other]?.optional || !packages.has(other)) continue;
    if (!found.has(other)) needs(other, found);
  }
  return found;
}

const secondsSince = (start) => ((performance.now() - start) / 1000).toFixed(0);

async function check(what, work) {
  const start = performance.now();
  try {
    await work();
    passed++;
    process.stdout.write(`✓ ${what}, ${secondsSince(start)} s\n`);
  } catch (error) {
    failed++;
    const reason = `${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`.trim();
    process.stdout.write(
      `✗ ${what}, after ${secondsSince(start)} s\n${reason.replace(/^/gm, "    ")}\n`,
    );
  }
}

/** The archive of a package, which is packed when it is needed first. */
function archiveOf(name) {
  const one = packages.get(name);
  const place = join(temporary, `packed-${name.replaceAll("/", "-")}`);
  one.archive ??= pack(root, one.folder, place);
  return one.archive;
}

async function tryAlone(name) {
  const { group, folder } = packages.get(name);
  const project = join(temporary, name.replaceAll("/", "-"));
  mkdirSync(project);
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  // What the package needs, and what its README tells to install beside it.
  const together = needs(name);
  for (const [, line] of readme.matchAll(/^npm install (.*)$/gm)) {
    for (const other of line.split(" ")) if (packages.has(other)) needs(other, together);
  }
  const dependencies = Object.fromEntries(
    [...together].map((one) => [one, `file:${archiveOf(one)}`]),
  );
  // Peers that its README says to install, in the versions that it is tested with.
  const { devDependencies = {} } = packages.get(name).manifest;
  for (const [, names] of readme.matchAll(/^npm install ([^#\n]*)/gm)) {
    for (const peer of names.trim().split(" ")) {
      if (!packages.has(peer) && devDependencies[peer]) dependencies[peer] = devDependencies[peer];
    }
  }
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "alone", private: true, type: "module", dependencies }),
  );
  let installed = false;
  await check(`${name} is installed by npm`, async () => {
    // None of these packages has a script; gpu.js brings one that compiles for minutes and is not needed.
    const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
    await run("npm", ["install", "--ignore-scripts", ...flags], project);
    installed = true;
  });
  if (!installed) return;
  const examples = readmeExamples(readme);
  for (const [index, { javascript, output }] of examples.entries()) {
    await check(`${name} runs example ${index + 1} of its README`, async () => {
      const file = join(project, `example-${index + 1}.js`);
      writeFileSync(file, javascript);
      const { stdout } = await run(process.execPath, [file], project);
      if (output !== null && stdout.trimEnd() !== output.trimEnd()) {
        throw new Error(`It prints\n${stdout}and not\n${output}`);
      }
    });
  }
  if (group === "apps") return;
  const forBrowsers = examples
    .map((example, index) => ({ ...example, file: `example-${index + 1}.js` }))
    .filter(({ program }) => !entryOnly.includes(name) && !/\/node";/.test(program));
  const what =
    forBrowsers.length > 0
      ? `${name} runs its README, built by Vite, in Chromium`
      : `${name} is built by Vite and opened in Chromium`;
  if (!findChromium()) {
    skipped++;
    process.stdout.write(`– ${what}: Chromium is not installed\n`);
    return;
  }
  await check(what, async () => {
    writeFileSync(
      join(project, "index.html"),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./page.js"></script>',
    );
    const calls = forBrowsers.map(({ file }) => `await printed(() => import("./${file}")),`);
    writeFileSync(
      join(project, "page.js"),
      `import * as entry from "${name}";
const show = (value) => {
  if (typeof value !== "object") return String(value);
  const list = Array.isArray(value) || ArrayBuffer.isView(value);
  if (!list) {
    return "{ " + Object.entries(value).map((entry) => entry.join(": ")).join(", ") + " }";
  }
  const kind = Array.isArray(value) ? "" : value.constructor.name + "(" + value.length + ") ";
  return kind + "[ " + [...value].join(", ") + " ]";
};
const printed = async (run) => {
  const lines = [];
  console.log = (...values) => lines.push(values.map(show).join(" "));
  await run();
  return lines.join("\\n");
};
globalThis.outcome = (async () => ({ names: Object.keys(entry), outputs: [${calls.join("")}] }))();
`,
    );
    const { names, outputs } = await outcomeOfPage(project, { isolated: true });
    if (!names.length) throw new Error("The page has nothing of the package.");
    forBrowsers.forEach(({ output, file }, index) => {
      if (output !== null && outputs[index] !== output.trimEnd()) {
        throw new Error(`${file} prints\n${outputs[index]}\nand not\n${output}`);
      }
    });
  });
}

try {
  const queue = [...packages.keys()].filter((name) => wanted.length === 0 || wanted.includes(name));
  const work = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) await tryAlone(name);
  };
  await Promise.all([work(), work()]);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
if (strict) failed += skipped;
process.stdout.write(`alone: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
