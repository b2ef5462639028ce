// Compiles a program that imports every entry of every package, as its users would: with the oldest and the newest
// TypeScript, both ways of resolving modules, and no types but those of the language, or also those of browsers.
// Optional peers are not installed, and nothing is skipped, so a declaration that needs more than it brings is found.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "./run.mjs";

const require = createRequire(import.meta.url);
const compilers = ["typescript-5.6", "typescript-5.9", "typescript"].map((name) => {
  const manifest = require.resolve(`${name}/package.json`);
  return {
    version: JSON.parse(readFileSync(manifest, "utf8")).version,
    program: join(dirname(manifest), "lib", "tsc.js"),
  };
});
const resolutions = { node16: "node16", bundler: "es2022" };
const libraries = [["es2022"], ["es2022", "dom"]];

/** Copies what a package publishes of its types, and returns the names of its entries. */
function install(folder, into) {
  const {
    name,
    exports,
    private: isPrivate,
  } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (isPrivate) return [];
  const target = join(into, "node_modules", name);
  mkdirSync(target, { recursive: true });
  for (const part of ["package.json", "dist"]) {
    if (!existsSync(join(folder, part)))
      throw new Error(`${name} is not built: run npm run build.`);
    cpSync(join(folder, part), join(target, part), {
      recursive: true,
      filter: (file) => !/\.(js|map|wasm|node)$/.test(file),
    });
  }
  return Object.entries(exports)
    .filter(([, conditions]) => conditions.types)
    .map(([entry]) => name + entry.slice(1));
}

const project = mkdtempSync(join(tmpdir(), "nlm-types-"));
const problems = new Map();
try {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  const entries = folders.flatMap((folder) => install(folder, project));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(project, "main.ts"),
    entries.map((entry, at) => `export * as entry${at} from "${entry}";\n`).join("") +
      `import { createMachine, createReferenceBackend } from "@neural-langevin/core";
await using backend = createReferenceBackend();
await using machine = await createMachine(backend, { units: 4, activation: undefined });
export const samples: Float32Array = await machine.sample({ chains: 2, steps: 3 });
`,
  );
  for (const { version, program } of compilers) {
    for (const [moduleResolution, module] of Object.entries(resolutions)) {
      for (const lib of libraries) {
        const compilerOptions = {
          target: "es2022",
          lib,
          module,
          moduleResolution,
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        };
        const file = join(project, "tsconfig.json");
        // The program itself disposes, for which its own library needs the types.
        writeFileSync(file, JSON.stringify({ compilerOptions, files: ["main.ts"] }));
        const found = await promisify(execFile)(process.execPath, [program, "-p", file], {
          cwd: project,
        }).then(
          () => "",
          ({ stdout, message }) => stdout || message,
        );
        const where = `TypeScript ${version}, ${moduleResolution}, ${lib.join(" + ")}`;
        for (const line of found.trim().split("\n").filter(Boolean)) {
          problems.set(line, [...(problems.get(line) ?? []), where]);
        }
      }
    }
  }
} finally {
  rmSync(project, { recursive: true });
}
for (const [line, where] of problems) {
  process.stderr.write(`${line}\n${where.map((one) => `  ${one}\n`).join("")}`);
}
const combinations = compilers.length * Object.keys(resolutions).length * libraries.length;
process.stderr.write(`declarations compiled ${combinations} times, ${problems.size} problems\n`);
process.exitCode = problems.size === 0 ? 0 : 1;
