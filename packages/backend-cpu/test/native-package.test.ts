// The optional package of this platform, as a user has it: the published files of core, backend-cpu and
// native-PLATFORM in an empty project, where no compiler has been.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNative } from "../dist/native.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const platform = `${process.platform}-${process.arch}`;
const native = findNative();

/** What a program of the project prints that computes and says with what. */
const program = `
import { createCpuBackend } from "@neural-langevin/backend-cpu";
const backend = await createCpuBackend({ threads: 1 });
const session = await backend.open({ units: 5, chains: 3, seed: 1 });
session.drawChains({ stream: 1, step: 0 });
const energy = await session.measure("energy", "chains");
await backend.close();
console.log(JSON.stringify({ details: backend.device.details, energies: energy.length }));
`;

describe.skipIf(!native.set)("the native package of this platform", () => {
  let project: string;
  let installed: string;
  let fresh: string;

  const run = (command: string, args: string[], cwd: string) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  /** Packs a package and lays its files where an installation would. */
  const install = (folder: string, name: string) => {
    const archives = mkdtempSync(join(project, "archives-"));
    run("npm", ["pack", "--ignore-scripts", "--pack-destination", archives], folder);
    const target = join(project, "node_modules", "@neural-langevin", name);
    mkdirSync(target, { recursive: true });
    const [archive] = readdirSync(archives);
    run("tar", ["-xzf", join(archives, archive!), "--strip-components=1", "-C", target], project);
    return target;
  };

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "nlm-native-"));
    run(process.execPath, [here("../../../tooling/native-package.mjs"), project], project);
    install(here("../../core"), "core");
    install(here("../"), "backend-cpu");
    installed = install(join(project, platform), `native-${platform}`);
    fresh = join(project, "fresh");
    cpSync(installed, fresh, { recursive: true });
    const koffi = realpathSync(here("../node_modules/koffi"));
    symlinkSync(koffi, join(project, "node_modules", "koffi"), "dir");
    writeFileSync(join(project, "program.mjs"), program);
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const outcome = () => JSON.parse(run(process.execPath, ["program.mjs"], project));
  const manifestFile = () => join(installed, "libraries.json");
  const readManifest = () => JSON.parse(readFileSync(manifestFile(), "utf8"));
  const reinstall = () => {
    rmSync(installed, { recursive: true });
    cpSync(fresh, installed, { recursive: true });
  };
  /** Changes the bytes of every library and, unless `unnoticed`, lets the manifest agree with them. */
  const change = (edit: (bytes: Buffer) => void, { unnoticed = false } = {}) => {
    reinstall();
    const manifest = readManifest();
    for (const library of manifest.libraries) {
      const bytes = readFileSync(join(installed, library.file));
      edit(bytes);
      writeFileSync(join(installed, library.file), bytes);
      if (!unnoticed) library.sha256 = createHash("sha256").update(bytes).digest("hex");
    }
    writeFileSync(manifestFile(), JSON.stringify(manifest));
  };
  const refused = (reason: RegExp) => {
    const { details, energies } = outcome();
    expect(energies).toBe(3);
    expect(details[0]).toMatch(/^WebAssembly SIMD/);
    expect(details.at(-1)).toMatch(reason);
  };

  it("is for this platform alone and as old as backend-cpu", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    const backend = JSON.parse(readFileSync(here("../package.json"), "utf8"));
    expect(manifest.os).toEqual([process.platform]);
    expect(manifest.cpu).toEqual([process.arch]);
    expect(manifest.version).toBe(backend.version);
  });

  it("computes, and the backend says so", () => {
    expect(readdirSync(join(dirname(installed), "backend-cpu"))).not.toContain("native");
    expect(outcome()).toEqual({
      details: [expect.stringMatching(/^native kernel, /), "1 thread"],
      energies: 3,
    });
  });

  it("makes way for WebAssembly when a byte has changed", () => {
    change((bytes) => bytes.writeUInt8(bytes.readUInt8(3000) ^ 1, 3000), { unnoticed: true });
    refused(/^not native: .* is damaged$/);
  });

  it("makes way for WebAssembly when it is for another machine", () => {
    // The machine's number in the header: ELF's e_machine, or Mach-O's cputype.
    change((bytes) => bytes.writeUInt8(0x7b, process.platform === "darwin" ? 4 : 18));
    refused(/^not native: the native kernel cannot be loaded: /);
  });

  it("makes way for WebAssembly when it was made from another source", () => {
    const { source } = readManifest();
    reinstall();
    writeFileSync(manifestFile(), JSON.stringify({ ...readManifest(), source: "0".repeat(64) }));
    refused(/^not native: the native kernel is of another version$/);
    // A manifest that says otherwise does not help: the library itself names its source.
    change((bytes) => {
      const at = bytes.indexOf(source);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    });
    refused(/^not native: the native kernel is of another version$/);
  });

  it("makes way for WebAssembly when it is not installed", () => {
    rmSync(installed, { recursive: true });
    refused(/^not native: no native kernel was made or installed$/);
  });
});
