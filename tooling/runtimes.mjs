// Bun and Deno, as the npm registry has them for this platform: the READMEs of core and of the processor backend from packed
// packages, in an empty project.
//
//   node tooling/runtimes.mjs
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./run.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";
import { readmeExamples } from "./src/readme-examples.mjs";

const { platform, arch } = process;
// Their own packages download these when they are installed; the binaries are packages, too.
const runtimes = {
  Bun: {
    package: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`,
    version: "1.4.5",
    file: "bin/bun",
    flags: ["run"],
  },
  Deno: {
    package: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`,
    version: "2.9.6",
    file: "deno",
    flags: ["run", "--allow-all"],
  },
};

const project = mkdtempSync(join(tmpdir(), "nlm-runtimes-"));
let failed = 0;
try {
  const packages = publishedPackages(root);
  const ours = ["@neural-langevin/core", "@neural-langevin/backend-cpu"];
  const dependencies = Object.fromEntries([
    ...ours.map((name) => [name, `file:${pack(root, packages.get(name).folder, project)}`]),
    ...Object.values(runtimes).map((one) => [one.package, one.version]),
  ]);
  const manifest = { private: true, type: "module", dependencies };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  const run = (program, ...args) =>
    execFileSync(program, args, {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock");
  for (const [label, { package: name, file, flags }] of Object.entries(runtimes)) {
    const program = join(project, "node_modules", name, file);
    if (!existsSync(program)) throw new Error(`${name} has no ${file}.`);
    chmodSync(program, 0o755);
    for (const one of ours) {
      const readme = readFileSync(join(packages.get(one).folder, "README.md"), "utf8");
      const [{ javascript, output }] = readmeExamples(readme);
      writeFileSync(join(project, "example.js"), javascript);
      let found;
      try {
        found = run(program, ...flags, "example.js");
      } catch (error) {
        found = `${error.stdout}${error.stderr}`;
      }
      const held = found.trimEnd() === output.trimEnd();
      if (!held) failed++;
      process.stdout.write(`${held ? "✓" : "✗"} ${label} runs the README of ${one}\n`);
      if (!held) process.stdout.write(found.replace(/^/gm, "    "));
    }
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
process.stdout.write(`runtimes: ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
