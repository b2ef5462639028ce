// AddressSanitizer and UndefinedBehaviorSanitizer over the kernel of the nearest-neighbour search, compiled for this
// machine in place of WebAssembly.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { stdout } = spawnSync("gcc", ["-print-file-name=libasan.so"], { encoding: "utf8" });
// gcc prints the bare name where it has no such library.
const able = process.platform === "linux" && isAbsolute(stdout?.trim() ?? "");

describe.skipIf(!able)("the kernel of the nearest-neighbour search under sanitizers", () => {
  it("stays within its arrays and within the language", { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "nlm-sanitize-"));
    try {
      const program = join(folder, "products");
      const compiled = spawnSync(
        "gcc",
        [
          "-O1",
          "-g",
          "-Wno-attributes",
          "-Wno-psabi",
          "-I",
          here("sanitize"),
          "-fsanitize=address,undefined",
          "-fno-sanitize-recover=all",
          here("sanitize/products.c"),
          "-o",
          program,
          "-lm",
        ],
        { encoding: "utf8" },
      );
      expect(compiled).toMatchObject({ status: 0, stderr: "" });
      const run = spawnSync(program, { encoding: "utf8" });
      expect(run).toMatchObject({ status: 0, stderr: "", stdout: "500 calls\n" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
