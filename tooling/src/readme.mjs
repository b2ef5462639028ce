// Runs the examples of a README as its readers would: each ```js block is a program, and a ```text
// block that follows it is what the program prints.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readmeExamples } from "./readme-examples.mjs";

/** Declares one test per example of the README in `folder`; the programs run in `folder`. */
export function testReadme(folder, { readme = join(folder, "README.md"), timeout = 60_000 } = {}) {
  const examples = readmeExamples(readFileSync(readme, "utf8"));
  describe("README", () => {
    it("has an example", () => expect(examples.length).toBeGreaterThan(0));
    examples.forEach(({ program, output }, index) => {
      it(`example ${index + 1} runs and prints what it says`, { timeout }, async () => {
        const file = join(folder, `.readme-example-${process.pid}-${index + 1}.mjs`);
        writeFileSync(file, program);
        try {
          const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
          if (output !== null) expect(stdout.trimEnd()).toBe(output.trimEnd());
        } finally {
          rmSync(file, { force: true });
        }
      });
    });
  });
}
