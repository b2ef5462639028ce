// `npm run bundle`: one archive with Node, the command line, every backend that runs without a browser, MNIST, the zoo and
// gpu-check, for machines without a network: nodes of a cluster, or a machine that is lent for an hour.
//
//   npm run bundle [-- FOLDER]     writes FOLDER/neural-langevin-PLATFORM.tar.xz (default: bundle)
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { root } from "./run.mjs";
import { readOptions } from "./src/options.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";

const platform = `${process.platform}-${process.arch}`;
const name = `neural-langevin-${platform}`;
const usage = `npm run bundle [-- FOLDER]

  writes FOLDER/${name}.tar.xz (default: bundle)
`;
const { positionals } = readOptions(usage, {}, { allowPositionals: true });
const target = resolve(positionals[0] ?? "bundle");

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.platform === "win32") fail("A bundle is made on Linux or macOS: it is a tar archive.");

/** Programs that `node` needs beside itself, as a distribution's build may: such a Node runs on this machine alone. */
function librariesBeside(node) {
  if (process.platform !== "linux") return [];
  const listed = execFileSync("ldd", [node], { encoding: "utf8" });
  const ofSystem = /^\s*(linux-vdso|lib(dl|stdc\+\+|m|gcc_s|pthread|c|atomic|rt)\.so|\/lib)/;
  return listed.split("\n").filter((line) => line.trim() && !ofSystem.test(line));
}

const foreign = librariesBeside(process.execPath);
if (foreign.length > 0) {
  fail(
    `This Node needs libraries that another machine may not have:\n${foreign.join("\n")}\nRun this with a Node from nodejs.org.`,
  );
}

const temporary = mkdtempSync(join(tmpdir(), "nlm-bundle-"));
try {
  const staged = join(temporary, name);
  mkdirSync(staged);
  install(staged);
  prune(join(staged, "node_modules"));
  addNative(staged);
  addPrograms(staged);
  mkdirSync(target, { recursive: true });
  const archive = join(target, `${name}.tar.xz`);
  compress(temporary, archive);
  const megabytes = (statSync(archive).size / 1e6).toFixed(1);
  process.stdout.write(`${archive}: ${megabytes} MB\n`);
} finally {
  rmSync(temporary, { recursive: true });
}

/** Installs our packages from their archives, and those of others that they need in Node. */
function install(folder) {
  const dependencies = {};
  for (const [one, { folder: source, manifest }] of publishedPackages(root)) {
    dependencies[one] = `file:${pack(root, source, join(temporary, "archives"))}`;
    // Peers that browsers do not need: the versions that they are tested with.
    for (const peer of ["webgpu", "@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"]) {
      const version = manifest.devDependencies?.[peer];
      if (version) dependencies[peer] = version;
    }
  }
  writeFileSync(
    join(folder, "package.json"),
    `${JSON.stringify({ name: "neural-langevin-bundle", private: true, type: "module", dependencies }, null, 2)}\n`,
  );
  const flags = ["--ignore-scripts", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"];
  execFileSync("npm", ["install", ...flags, "--no-package-lock", "--legacy-peer-deps"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  rmSync(join(folder, "package.json"));
}

/** Removes what no program runs: declarations, maps, sources, and binaries for other platforms. */
function prune(modules) {
  const needless = /\.(d\.[cm]?ts|map|ts|md|tsbuildinfo)$|^(LICENSE|README)\.md$/i;
  const keep = /licen[cs]e|notice/i;
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (needless.test(entry.name) && !keep.test(entry.name)) rmSync(path);
    }
  };
  walk(modules);
  const own = join(modules, "@neural-langevin");
  for (const one of readdirSync(own))
    rmSync(join(own, one, "src"), { recursive: true, force: true });
  keepOnly(join(modules, "webgpu", "dist"), platform);
  // koffi names its folders with underscores.
  for (const place of findFolders(modules, join("koffi", "build", "koffi"))) {
    keepOnly(place, platform.replace("-", "_"));
  }
}

/** Folders below `modules` whose path ends so, one of them for each copy of a package. */
function findFolders(modules, end) {
  const candidates = [join(modules, end)];
  for (const one of readdirSync(join(modules, "@neural-langevin"))) {
    candidates.push(join(modules, "@neural-langevin", one, "node_modules", end));
  }
  return candidates.filter((folder) => existsSync(folder));
}

function keepOnly(folder, name) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith(name)) {
      rmSync(join(folder, entry.name), { recursive: true });
    }
  }
}

/** The native kernels, where the machine has a C compiler; WebAssembly computes elsewhere. */
function addNative(folder) {
  const made = join(root, "packages", "backend-cpu", "native", platform);
  if (!existsSync(made)) {
    process.stderr.write(
      "No native kernel was built here, so the bundle computes in WebAssembly.\n",
    );
    return;
  }
  const place = join(folder, "node_modules", "@neural-langevin", "backend-cpu", "native", platform);
  cpSync(made, place, { recursive: true });
}

/** Node itself, the two programs that start it, and how to use them. */
function addPrograms(folder) {
  cpSync(process.execPath, join(folder, "node"), { dereference: true });
  for (const file of ["gpu-check.mjs", join("src", "options.mjs")]) {
    cpSync(join(root, "tooling", file), join(folder, file));
  }
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const start = (program) =>
    `#!/bin/sh\nhere=$(cd "$(dirname "$0")" && pwd -P)\nexec "$here/node" "$here/${program}" "$@"\n`;
  const programs = {
    nlm: "node_modules/neural-langevin/dist/main.js",
    "gpu-check": "gpu-check.mjs",
  };
  for (const [command, program] of Object.entries(programs)) {
    writeFileSync(join(folder, command), start(program), { mode: 0o755 });
  }
  writeFileSync(
    join(folder, "README.txt"),
    `Neural Langevin machines for ${platform}, with Node ${process.versions.node}. Nothing is installed and no network is needed.

  ./nlm demo          trains on MNIST and shows generated digits
  ./nlm --help        everything else
  ./gpu-check         contract, parity and speed of the graphics device

Licences of the packages of others lie in their folders below node_modules.
`,
  );
}

/** Compresses the staged folder with xz. */
function compress(folder, archive) {
  const partial = `${archive}.partial`;
  try {
    execFileSync(
      "tar",
      ["-c", "-J", "-f", partial, "--owner=0", "--group=0", basename(join(folder, name))],
      {
        cwd: folder,
        env: { ...process.env, XZ_OPT: process.env.XZ_OPT ?? "-6 -T0" },
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
  } catch (error) {
    rmSync(partial, { force: true });
    throw new Error(
      "The archive could not be compressed; tar and xz (package xz-utils) are needed.",
      {
        cause: error,
      },
    );
  }
  renameSync(partial, archive);
}
