// Checks that the C of the kernels is formatted as .clang-format says, or with `--write` formats it.
//
//   node tooling/format-c.mjs [--write]
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { format } from "@wasm-fmt/clang-format";
import { root } from "./run.mjs";

const style = readFileSync(join(root, ".clang-format"), "utf8");
const folders = readdirSync(join(root, "packages"))
  .map((name) => join(root, "packages", name, "kernel"))
  .filter((folder) => existsSync(folder));
for (const folder of folders) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    const formatted = format(text, name, style);
    if (formatted === text) continue;
    if (process.argv.includes("--write")) writeFileSync(file, formatted);
    else {
      process.stderr.write(`${relative(root, file)} is not formatted. Run: npm run format\n`);
      process.exitCode = 1;
    }
  }
}
