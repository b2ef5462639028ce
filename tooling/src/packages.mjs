// The packages of this repository that are published, and how one becomes an archive.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The published packages, each after those that it needs.
 *
 * @param {string} root the folder of the repository
 */
export function publishedPackages(root) {
  const found = new Map();
  for (const group of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, group)).sort()) {
      const folder = join(root, group, name);
      if (!existsSync(join(folder, "package.json"))) continue;
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (!manifest.private) found.set(manifest.name, { group, folder, manifest });
    }
  }
  const ordered = new Map();
  const add = (name) => {
    if (ordered.has(name) || !found.has(name)) return;
    const { dependencies, optionalDependencies, peerDependencies } = found.get(name).manifest;
    Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).forEach(add);
    ordered.set(name, found.get(name));
  };
  for (const name of found.keys()) add(name);
  return ordered;
}

/** Packs the package in `folder` as it would be published; returns the path of the archive in `place`. */
export function pack(root, folder, place) {
  mkdirSync(place, { recursive: true });
  const pnpm = join(root, "node_modules", ".bin", "pnpm");
  const output = execFileSync(
    pnpm,
    ["--dir", folder, "pack", "--json", "--pack-destination", place],
    {
      encoding: "utf8",
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return JSON.parse(output).filename;
}
