// Compiles the first programs of the READMEs and one that imports every entry of every package, as their users would:
// with the oldest and the newest TypeScript, both ways of resolving modules, and no types but those of the language, or
// also those of browsers or of Node.
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
import { readmeExamples } from "./src/readme-examples.mjs";

const require = createRequire(import.meta.url);
const compilers = ["typescript-5.6", "typescript-5.9", "typescript"].map((name) => {
  const manifest = require.resolve(`${name}/package.json`);
  return {
    version: JSON.parse(readFileSync(manifest, "utf8")).version,
    program: join(dirname(manifest), "lib", "tsc.js"),
  };
});
const resolutions = { node16: "node16", bundler: "es2022" };
const environments = [
  { lib: ["es2022"], types: [], files: ["main.ts", "console.d.ts"] },
  { lib: ["es2022", "dom"], types: [], files: ["main.ts"] },
  { lib: ["es2022"], types: ["node"], files: ["main.ts"] },
];

/** Copies the types of Node, which users install beside the packages. */
function installNodeTypes(into) {
  const node = dirname(require.resolve("@types/node/package.json"));
  const undici = dirname(
    createRequire(join(node, "index.d.ts")).resolve("undici-types/package.json"),
  );
  cpSync(node, join(into, "node_modules/@types/node"), { recursive: true, dereference: true });
  cpSync(undici, join(into, "node_modules/undici-types"), { recursive: true, dereference: true });
}

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
  installNodeTypes(project);
  const programs = ["README.md", "packages/core/README.md"].map((readme, at) => {
    const [{ program }] = readmeExamples(readFileSync(join(root, readme), "utf8"));
    writeFileSync(join(project, `readme${at}.ts`), program);
    return `import "./readme${at}.js";\n`;
  });
  writeFileSync(
    join(project, "main.ts"),
    [...programs, ...entries.map((entry, at) => `export * as entry${at} from "${entry}";\n`)].join(
      "",
    ),
  );
  writeFileSync(
    join(project, "console.d.ts"),
    "declare const console: { log(...values: unknown[]): void };\n",
  );
  for (const { version, program } of compilers) {
    for (const [moduleResolution, module] of Object.entries(resolutions)) {
      for (const { lib, types, files } of environments) {
        const compilerOptions = {
          target: "es2022",
          lib,
          module,
          moduleResolution,
          types,
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
        };
        const file = join(project, "tsconfig.json");
        writeFileSync(file, JSON.stringify({ compilerOptions, files }));
        const found = await promisify(execFile)(process.execPath, [program, "-p", file], {
          cwd: project,
        }).then(
          () => "",
          ({ stdout, message }) => stdout || message,
        );
        const where = `TypeScript ${version}, ${moduleResolution}, ${[...lib, ...types].join(" + ")}`;
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
const combinations = compilers.length * Object.keys(resolutions).length * environments.length;
process.stderr.write(`declarations compiled ${combinations} times, ${problems.size} problems\n`);
process.exitCode = problems.size === 0 ? 0 : 1;
