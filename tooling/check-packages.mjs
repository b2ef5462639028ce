// Checks every package as it would be published, how its types are found, and the arrows between packages.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { checkPackage as checkTypes, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root } from "./run.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";

const problems = [];
const scope = "@neural-langevin/";
// Arrows point one way: apps → experiments → runs, figures, datasets, analysis, backends → core; runs → datasets;
// tfjs, gpujs → noise.
const mayUseInternally = {
  core: [],
  "backend-testkit": ["core"],
  "backend-cpu": ["core"],
  noise: ["core"],
  "backend-gpujs": ["core", "noise"],
  "backend-ranks": ["core"],
  "backend-webgpu": ["core"],
  "backend-tfjs": ["core", "noise"],
  datasets: ["core"],
  analysis: ["core"],
  figures: ["core"],
  mnist: [],
  runs: ["core", "datasets"],
  machines: ["core", "runs"],
  experiments: ["core", "analysis", "datasets", "figures", "runs"],
};

/** The most megabytes of an archive, where one may be larger than the others. */
const largest = {
  "@neural-langevin/mnist": 12,
  "@neural-langevin/lab": 5.4,
  "@neural-langevin/machines": 3,
  "@neural-langevin/figures": 1,
};
const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** All files below a folder. */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

/**
 * What attw finds. These packages are modules of ECMAScript alone, which CommonJS imports with `import()`, and resolvers
 * that know no `exports` find the main entry only.
 */
async function checkEntries(archive, problem) {
  const tarball = createPackageFromTarballData(new Uint8Array(readFileSync(archive)));
  const { types, problems: found } = await checkTypes(tarball);
  if (!types) return problem("has no types");
  for (const { kind, entrypoint = "", resolutionKind = "" } of found) {
    if (kind === "CJSResolvesToESM") continue;
    if (kind === "NoResolution" && resolutionKind === "node10" && entrypoint !== ".") continue;
    problem(`types of "${entrypoint}": ${kind} ${resolutionKind}`);
  }
}

async function checkPackage({ group, folder, manifest }) {
  const { name } = manifest;
  const problem = (text) => problems.push(`${name}: ${text}`);
  const required = ["version", "description", "license", "exports", "main", "types", "files"];
  for (const field of [...required, "engines"]) {
    if (!manifest[field]) problem(`package.json has no ${field}`);
  }
  // npm refuses provenance for a package that names another repository than the one that publishes it.
  const directory = relative(root, folder).replaceAll("\\", "/");
  if (JSON.stringify(manifest.repository) !== JSON.stringify({ ...repository, directory })) {
    problem(`repository must be ${repository.url} with the directory ${directory}`);
  }
  const address = repository.url.replace(/^git\+|\.git$/g, "");
  const due = { homepage: `${address}/tree/main/${directory}#readme`, bugs: `${address}/issues` };
  for (const [field, link] of Object.entries(due)) {
    if (manifest[field] !== link) problem(`${field} must be ${link}`);
  }
  for (const [entry, conditions] of Object.entries(manifest.exports)) {
    if (Object.keys(conditions)[0] !== "types")
      problem(`exports["${entry}"] must begin with types`);
  }
  if (manifest.publishConfig?.access !== "public") problem("publishConfig.access must be public");
  if (!existsSync(join(folder, "README.md"))) problem("there is no README.md");

  const used = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const internal = used
    .filter((other) => other.startsWith(scope) || other === "neural-langevin")
    .map((other) => other.replace(scope, ""));
  if (group === "packages") {
    const own = name.slice(scope.length);
    const allowed = mayUseInternally[own];
    if (!allowed) problem("its arrows are not drawn in tooling/check-packages.mjs");
    for (const other of internal) {
      if (!allowed?.includes(other)) problem(`must not depend on ${other}`);
    }
    if (own === "core" && used.length > 0) problem("core has no dependencies");
  }

  const temporary = mkdtempSync(join(tmpdir(), "nlm-pack-"));
  try {
    const archive = pack(root, folder, temporary);
    const megabytes = statSync(archive).size / 1e6;
    const most = largest[name] ?? 0.5;
    if (megabytes > most) problem(`packs to ${megabytes.toFixed(1)} MB, more than ${most} MB`);
    await checkEntries(archive, problem);
    execFileSync("tar", ["-xzf", archive, "-C", temporary]);
    const content = join(temporary, "package");
    const { messages, pkg } = await publint({ pkgDir: content, pack: false, strict: true });
    for (const message of messages) problem(formatMessage(message, pkg));
    const files = filesOf(content).map((file) => file.slice(content.length + 1));
    for (const file of files.filter((f) => /(^|\/)(test|fixtures)\/|\.test\./.test(f))) {
      problem(`would publish ${file}`);
    }
    for (const file of files.filter((f) => f.endsWith(".d.ts.map"))) {
      const { sources } = JSON.parse(readFileSync(join(content, file), "utf8"));
      for (const source of sources) {
        if (!existsSync(join(content, file, "..", source))) problem(`${file} points to ${source}`);
      }
    }
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

const packages = [...publishedPackages(root).values()];
for (const one of packages) await checkPackage(one);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stderr.write(`${packages.length} packages checked, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
