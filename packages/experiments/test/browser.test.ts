// The package runs in browsers: nothing that its first door reaches imports Node, and only what is optional is imported
// lazily.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

/** All sources that a file reaches, with what they import at once and lazily. */
function importsFrom(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, "utf8").replace(/^import type [^;]*;/gm, "");
  const names = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, name]) => name!);
  seen.set(file, names);
  for (const name of names.filter((other) => other.startsWith("."))) {
    importsFrom(join(dirname(file), name.replace(/\.js$/, ".ts")), seen);
  }
  return seen;
}

it("reaches no module of Node from its first door", () => {
  const reached = importsFrom(join(src, "index.ts"));
  expect(reached.size).toBeGreaterThan(50);
  for (const [file, names] of reached) {
    for (const name of names) expect(name, file).not.toMatch(/^node:|\/node$/);
  }
});
