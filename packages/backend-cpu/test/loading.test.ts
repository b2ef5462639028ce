// The package as it is published, in processes that were started in every way in which Node is started, and installed
// below any path: it computes and writes nothing, or says in an error of its own what is missing.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNative } from "../dist/native.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const native = findNative();
const major = Number(process.versions.node.split(".")[0]);

/** Computes with these options, and prints the number of states and what computed them, or the error. */
const program = (options: object) => `
import { createCpuBackend } from "@neural-langevin/backend-cpu";
try {
  const backend = await createCpuBackend(${JSON.stringify({ threads: 2, ...options })});
  const session = await backend.open({ units: 5, chains: 3, seed: 1 });
  session.drawChains({ stream: 1, step: 0 });
  const states = await session.read("chains");
  console.log(JSON.stringify({ states: states.length, by: backend.device.details[0] }));
  await backend.close();
} catch ({ name, code, message, remedy }) {
  console.log(JSON.stringify({ name, code, message, remedy }));
}
`;

/** Installs what is published of core and this package in a folder, with koffi, and the native kernels if any were made here. */
function install(folder: string): void {
  const scope = join(folder, "node_modules", "@neural-langevin");
  mkdirSync(scope, { recursive: true });
  for (const [name, from] of [
    ["core", "../../core"],
    ["backend-cpu", ".."],
  ] as const) {
    for (const part of ["dist", "native", "package.json"]) {
      const source = join(here(from), part);
      // Core has no native kernels, and a machine without a compiler makes none.
      if (part === "native" && !existsSync(source)) continue;
      cpSync(source, join(scope, name, part), { recursive: true });
    }
  }
  const koffi = realpathSync(here("../node_modules/koffi"));
  symlinkSync(koffi, join(folder, "node_modules", "koffi"), "dir");
}

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "nlm-loading-"));
  install(project);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

interface Start {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** A line of a shell before Node starts. */
  readonly limit?: string;
}

/** What a program of the project that comes on standard input prints. */
function outcome(options: object, { flags = [], env = {}, folder = project, limit }: Start = {}) {
  const node = [process.execPath, ...flags, "--input-type=module"];
  const [command, ...args] = limit ? ["sh", "-c", `${limit}; exec "$0" "$@"`, ...node] : node;
  const { stdout, stderr } = spawnSync(command!, args, {
    cwd: folder,
    encoding: "utf8",
    input: program(options),
    env: { ...process.env, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1", ...env },
  });
  return { ...(stdout ? JSON.parse(stdout) : {}), stderr };
}

const computed = (by: unknown) => ({ states: 15, by, stderr: "" });
const unavailable = (message: RegExp, remedy: RegExp) => ({
  name: "LangevinError",
  code: "unavailable",
  stderr: "",
  message: expect.stringMatching(message),
  remedy: expect.stringMatching(remedy),
});
const byAny = expect.stringMatching(/^(native kernel, |WebAssembly SIMD)/);
const byWasm = expect.stringMatching(/^WebAssembly SIMD/);

describe("in a process of Node", () => {
  it.each([
    ["whose program comes on standard input", {}],
    ["with flags of V8", { flags: ["--max-old-space-size=300", "--stack-size=900"] }],
    ["with NODE_OPTIONS", { env: { NODE_OPTIONS: "--input-type=module --no-deprecation" } }],
    [
      "with a loader that no worker could run",
      {
        flags: [
          "--import",
          `data:text/javascript,import{isMainThread}from"node:worker_threads";if(!isMainThread)throw Error("no")`,
        ],
      },
    ],
  ])("%s, it computes without a word", (_, start) => {
    expect(outcome({}, start)).toEqual(computed(byAny));
    expect(outcome({ build: "plain" }, start)).toEqual(computed("WebAssembly SIMD"));
  });

  it("relaxed SIMD computes without a word", () => {
    expect(outcome({ build: "relaxed" })).toEqual(
      computed("WebAssembly SIMD with fused multiply-add"),
    );
  });

  it("a program on the command line computes without a word", () => {
    const args = ["--input-type=module", "-e", program({})];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: project,
      encoding: "utf8",
    });
    expect({ ...JSON.parse(stdout), stderr }).toEqual(computed(byAny));
  });

  const permission = major < 22 ? "--experimental-permission" : "--permission";

  it("that may not start workers, the flag that lets it is named", () => {
    const flags = [permission, "--allow-fs-read=*"];
    expect(outcome({}, { flags })).toEqual(
      unavailable(/^No worker thread could be started: .*[^.]\.$/, /--allow-worker/),
    );
  });

  it("that may not load native code, WebAssembly computes", () => {
    const flags = [permission, "--allow-fs-read=*", "--allow-worker"];
    expect(outcome({}, { flags })).toEqual(computed(byWasm));
  });

  it("without WebAssembly, native code computes, and a build of WebAssembly is unavailable", () => {
    const flags = ["--jitless"];
    // V8 may say on standard error what --jitless switches off.
    const { stderr: _, ...refused } = outcome({ build: "plain" }, { flags });
    const { stderr: __, ...expected } = unavailable(/WebAssembly is missing/, /without --jitless/);
    expect(refused).toEqual(expected);
    if (native.set) expect(outcome({}, { flags })).toMatchObject({ states: 15 });
  });

  it.skipIf(process.platform !== "linux")(
    "with few addresses, WebAssembly computes or its flag is named",
    () => {
      const limit = "ulimit -v 8000000";
      const found = outcome({ build: "plain" }, { limit });
      // Later versions of Node do without the addresses that this flag is about.
      if (found.states === undefined) {
        expect(found).toEqual(unavailable(/no memory/, /--disable-wasm-trap-handler/));
      }
      const flags = ["--disable-wasm-trap-handler"];
      expect(outcome({ build: "plain" }, { limit, flags })).toEqual(computed("WebAssembly SIMD"));
    },
  );
});

describe("installed below a path", () => {
  it.skipIf(!native.set).each(["a#b", "a?b", "a%41b", "a%b", "a b", "ä"])(
    "with %s, the native kernel is found",
    (name) => {
      const folder = join(project, name);
      install(folder);
      expect(outcome({}, { folder })).toEqual(computed(expect.stringMatching(/^native kernel, /)));
    },
  );
});
