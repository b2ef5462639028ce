// AddressSanitizer and UndefinedBehaviorSanitizer over the native kernels: of every instruction set
// that this processor has, on every number of units and chains from 1 to 130.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findNative } from "../dist/native.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { stdout } = spawnSync("gcc", ["-print-file-name=libasan.so"], { encoding: "utf8" });
// gcc prints the bare name where it has no such library.
const sanitizer = isAbsolute(stdout?.trim() ?? "") ? stdout.trim() : undefined;
const able = process.platform === "linux" && sanitizer !== undefined;

describe.skipIf(!able)("the native kernels under sanitizers", () => {
  let folder: string;
  let libraries: {
    file: string;
    set: string;
    blockRows: number;
    lanes: number;
    precision: string;
  }[];

  beforeAll(() => {
    // The same build as always, by a compiler that adds the sanitizers.
    folder = mkdtempSync(join(tmpdir(), "nlm-sanitize-"));
    cpSync(here("../kernel"), join(folder, "kernel"), { recursive: true });
    cpSync(here("../build-native.mjs"), join(folder, "build-native.mjs"));
    const flags = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all";
    const compiler = join(folder, "compiler");
    writeFileSync(compiler, `#!/bin/sh\nexec gcc "$@" ${flags}\n`, { mode: 0o755 });
    const made = spawnSync(process.execPath, [join(folder, "build-native.mjs")], {
      encoding: "utf8",
      env: { ...process.env, CC: compiler },
    });
    expect(made.stdout).toMatch(/native kernels made/);
    const manifest = join(folder, "native", `linux-${process.arch}`, "libraries.json");
    libraries = JSON.parse(readFileSync(manifest, "utf8")).libraries;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (
    { file, blockRows, lanes, precision }: (typeof libraries)[number],
    ...more: string[]
  ) =>
    spawnSync(
      process.execPath,
      [
        here("sanitize/sessions.mjs"),
        join(folder, "native", `linux-${process.arch}`, file),
        `${blockRows}`,
        `${lanes}`,
        precision,
        ...more,
      ],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          LD_PRELOAD: sanitizer,
          NLM_SANITIZER: sanitizer,
          // The engine never frees all it has, and handles faults of its own. Linux gives no tiles to a process
          // with a small stack for signals.
          ASAN_OPTIONS: "detect_leaks=0:handle_segv=0:use_sigaltstack=0",
          UBSAN_OPTIONS: "print_stacktrace=1",
        },
      },
    );
  const runnable = () => libraries.filter(({ set }) => findNative(set).set === set);

  it("stay within their arrays and within the language", { timeout: 300_000 }, () => {
    expect(runnable().length).toBeGreaterThan(0);
    for (const library of runnable()) {
      const { status, stdout: printed, stderr } = run(library);
      expect(stderr, library.file).toBe("");
      expect(printed).toBe("260 sessions\n");
      expect(status).toBe(0);
    }
  });

  it("are caught when they touch what is forbidden", () => {
    const { status, stderr } = run(runnable()[0]!, "--trespass");
    expect(stderr).toMatch(/AddressSanitizer: use-after-poison/);
    expect(status).not.toBe(0);
  });
});
