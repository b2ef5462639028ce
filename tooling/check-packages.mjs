// Checks every package as it would be published, and the arrows between packages.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./run.mjs";

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
  runs: ["core", "datasets"],
  machines: ["core", "runs"],
  experiments: ["core", "analysis", "datasets", "figures", "runs"],
};

/** All files below a folder. */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

async function checkPackage(folder, group) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (manifest.private) return;
  const { name } = manifest;
  const problem = (text) => problems.push(`${name}: ${text}`);
  for (const field of ["version", "description", "license", "exports", "files", "engines"]) {
    if (!manifest[field]) problem(`package.json has no ${field}`);
  }
  for (const [entry, conditions] of Object.entries(manifest.exports)) {
    if (Object.keys(conditions)[0] !== "types")
      problem(`exports["${entry}"] must begin with types`);
  }
  if (manifest.publishConfig?.access !== "public") problem("publishConfig.access must be public");
  if (!existsSync(join(folder, "README.md"))) problem("there is no README.md");

  const used = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const internal = used
    .filter((other) => other.startsWith(scope))
    .map((o) => o.slice(scope.length));
  if (group === "packages") {
    const own = name.slice(scope.length);
    const allowed = mayUseInternally[own];
    if (!allowed) problem("its arrows are not drawn in tooling/check-packages.mjs");
    for (const other of internal) {
      if (!allowed?.includes(other)) problem(`must not depend on ${scope}${other}`);
    }
    if (own === "core" && used.length > 0) problem("core has no dependencies");
  }

  const temporary = mkdtempSync(join(tmpdir(), "nlm-pack-"));
  try {
    const packed = run(`pnpm --dir "${folder}" pack --pack-destination "${temporary}"`, {
      capture: true,
    });
    if (packed.status !== 0) {
      problem(`cannot be packed: ${packed.output.trim()}`);
      return;
    }
    const archive = readdirSync(temporary).find((file) => file.endsWith(".tgz"));
    run(`tar -xzf "${join(temporary, archive)}" -C "${temporary}"`);
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

let count = 0;
for (const group of ["packages", "apps"]) {
  for (const name of readdirSync(join(root, group)).sort()) {
    if (!existsSync(join(root, group, name, "package.json"))) continue;
    await checkPackage(join(root, group, name), group);
    count++;
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stderr.write(`${count} packages checked, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
