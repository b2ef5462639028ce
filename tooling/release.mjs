// Publishes every version that the registry does not have yet, in the order of dependencies, so that an interruption
// leaves nothing that cannot be installed; then tags what was published. The native packages come first, and
// backend-cpu names exactly those as its optional dependencies. A clone does not name them, because it builds its own
// kernels and they may not be published yet. Packages are packed by pnpm, which knows the workspace, and published by
// npm, which knows trusted publishing and provenance.
//
//   node tooling/release.mjs FOLDER [--dry-run]     FOLDER holds one native package for each platform
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./run.mjs";
import { pack, publishedPackages } from "./src/packages.mjs";

const [folder, ...flags] = process.argv.slice(2);
const dry = flags.includes("--dry-run");
const archives = mkdtempSync(join(tmpdir(), "nlm-release-"));

const shell = process.platform === "win32";
/** Runs npm; npm's own output goes to stderr, since stdout tells which tags are new. */
const npm = (...args) =>
  spawnSync("npm", args, { encoding: "utf8", shell, stdio: ["ignore", "pipe", "inherit"] });

/** Whether the registry has a version; anything but a plain "no" stops the release. */
function isPublished(name, version) {
  const { stdout } = npm("view", `${name}@${version}`, "version", "--json", "--loglevel=silent");
  const answer = stdout.trim() === "" ? undefined : JSON.parse(stdout);
  if (answer?.error && answer.error.code !== "E404") {
    throw new Error(`The registry does not say whether it has ${name}: ${answer.error.summary}`);
  }
  return answer !== undefined && answer.error === undefined;
}

function publish(name, version, packed) {
  if (!dry && isPublished(name, version)) return;
  const { status, stdout } = npm(
    "publish",
    packed,
    "--access",
    "public",
    ...(dry ? ["--dry-run"] : []),
  );
  process.stderr.write(stdout);
  if (status !== 0) throw new Error(`${name}@${version} was not published.`);
}

/** Publishes the native packages; returns their names and versions. */
async function publishNative(version) {
  const generated = join(root, "packages", "backend-cpu", "src", "kernel.generated.ts");
  const [, source] = readFileSync(generated, "utf8").match(/sourceHash = "(\w+)"/);
  const published = {};
  for (const platform of readdirSync(folder)) {
    const native = resolve(folder, platform);
    const manifest = JSON.parse(readFileSync(join(native, "package.json"), "utf8"));
    const libraries = JSON.parse(readFileSync(join(native, "libraries.json"), "utf8"));
    const { name } = manifest;
    if (manifest.version !== version) {
      throw new Error(`${name} is ${manifest.version}, and backend-cpu is ${version}.`);
    }
    if (libraries.source !== source) throw new Error(`${name} was made from another source.`);
    const { messages, pkg } = await publint({ pkgDir: native, pack: false, strict: true });
    if (messages.length > 0) {
      throw new Error(`${name}: ${messages.map((one) => formatMessage(one, pkg)).join("; ")}`);
    }
    publish(name, version, native);
    published[name] = version;
  }
  return published;
}

try {
  if (!folder) throw new Error("Name the folder of the native packages.");
  const packages = publishedPackages(root);
  for (const [name, one] of packages) {
    const file = join(one.folder, "package.json");
    const text = readFileSync(file, "utf8");
    const manifest = JSON.parse(text);
    try {
      if (name === "@neural-langevin/backend-cpu") {
        Object.assign(manifest.optionalDependencies, await publishNative(manifest.version));
        writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
      }
      publish(name, manifest.version, pack(root, one.folder, archives));
    } finally {
      writeFileSync(file, text);
    }
  }
  // Prints a line for each new tag, which the workflow reads.
  if (!dry && run("changeset tag", { stdout: process.stdout }).status !== 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(archives, { recursive: true });
}
