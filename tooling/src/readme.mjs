// Runs the examples of a README as its readers would: each ```js or ```ts block is a program, and a ```text
// block that follows it is what the program prints. TypeScript is compiled under strict rules first.
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readmeExamples } from "./readme-examples.mjs";

const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
const strict = [
  "--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck",
  "--target es2022 --lib es2022,dom --module nodenext --moduleResolution nodenext --moduleDetection force",
]
  .join(" ")
  .split(" ");

/** Declares the tests of the README in `folder`; its programs are compiled and run in `folder`. */
export function testReadme(folder, { readme = join(folder, "README.md"), timeout = 60_000 } = {}) {
  const examples = readmeExamples(readFileSync(readme, "utf8"));
  const run = (...args) => promisify(execFile)(process.execPath, args, { cwd: folder });
  const withFile = async (name, content, work) => {
    const file = join(folder, `.readme-example-${process.pid}-${name}`);
    writeFileSync(file, content);
    try {
      return await work(file);
    } finally {
      rmSync(file, { force: true });
    }
  };
  describe("README", () => {
    it("has an example", () => expect(examples.length).toBeGreaterThan(0));
    examples.forEach(({ language, program, javascript, output }, index) => {
      const name = `example ${index + 1}`;
      if (language === "ts") {
        it(`${name} is sound TypeScript`, { timeout }, async () => {
          const found = await withFile(`${index + 1}.mts`, program, (file) =>
            run(join(compiler, "..", "bin", "tsc"), ...strict, file).then(
              () => "",
              ({ stdout }) => stdout,
            ),
          );
          expect(found).toBe("");
        });
      }
      it(`${name} runs and prints what it says`, { timeout }, () =>
        withFile(`${index + 1}.mjs`, javascript, async (file) => {
          const { stdout } = await run(file);
          if (output !== null) expect(stdout.trimEnd()).toBe(output.trimEnd());
        }),
      );
    });
  });
}
