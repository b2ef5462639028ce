// A backend by the module that opens it: where it is found, what it is called with, and what is said of bad ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBackendModule } from "../src/node.js";

const core = pathToFileURL(createRequire(import.meta.url).resolve("@neural-langevin/core"));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-module-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a module whose functions may use the reference backend. */
function module(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { createReferenceBackend } from "${core}";\n${text}`);
  return file;
}
const open = async (text: string, name = `${Math.random()}.mjs`) =>
  findBackendModule(module(name, text))!.open();

describe("a module that opens a backend", () => {
  it("exports a function, as createBackend or as its default, which is told the threads", async () => {
    module(
      "own.mjs",
      `export const createBackend = async ({ threads }) => {
         const reference = createReferenceBackend();
         return { ...reference, device: { ...reference.device, threads: threads ?? 7 } };
       };`,
    );
    const own = findBackendModule("./own.mjs", folder)!;
    expect(own.name).toBe(join(folder, "own.mjs"));
    expect((await own.open({ threads: 3 })).device.threads).toBe(3);
    expect((await own.open()).device.threads).toBe(7);
    expect((await open("export default createReferenceBackend;")).id).toBe("reference");
    const common = join(folder, "common.cjs");
    writeFileSync(
      common,
      `exports.createBackend = () => import("${core}").then((core) => core.createReferenceBackend());`,
    );
    expect((await findBackendModule(common)!.open()).id).toBe("reference");
  });

  it("may be a package that is installed beside the folder", async () => {
    const inside = join("node_modules", "their-backend");
    module(join(inside, "main.mjs"), "export default createReferenceBackend;");
    const manifest = { name: "their-backend", exports: { default: "./main.mjs" } };
    writeFileSync(join(folder, inside, "package.json"), JSON.stringify(manifest));
    const found = findBackendModule("their-backend", folder)!;
    expect(found.name).toBe("their-backend");
    expect((await found.open()).id).toBe("reference");
  });

  it("is no name that neither a file nor a package has", () => {
    for (const name of ["abacus", "cpu:abacus", "fs", "node:fs", "@no/such"]) {
      expect(findBackendModule(name, folder)).toBeUndefined();
    }
  });
});

describe("a module that opens none", () => {
  it.each([
    ["that does not parse", "export default (", "bad-file", /bad-0\.mjs does not load: \S.*\.$/],
    [
      "that lacks a package",
      'import "no-such";',
      "bad-file",
      /bad-1\.mjs does not load: .*no-such/,
    ],
    [
      "without a function",
      "export const name = 'x';",
      "bad-file",
      /bad-2\.mjs exports no function/,
    ],
    [
      "whose function fails",
      "export default () => { throw new Error('no driver'); };",
      "bad-file",
      /The backend of .*bad-3\.mjs does not open: no driver/,
    ],
    [
      "that opens nothing",
      "export default () => {};",
      "bad-file",
      /bad-4\.mjs opens is not a backend/,
    ],
    [
      "of another version",
      "export default () => ({ ...createReferenceBackend(), contractVersion: 2 });",
      "unsupported",
      /The backend of .*bad-5\.mjs holds version 2 of the contract, .* needs version 1\./,
    ],
    [
      "of no version",
      "export default () => ({ ...createReferenceBackend(), contractVersion: undefined });",
      "unsupported",
      /The backend of .*bad-6\.mjs states no version of the contract/,
    ],
  ])("%s is refused in a sentence that names it", async (_, text, code, message) => {
    const at = /bad-\d/.exec(String(message))![0];
    await expect(open(text, `${at}.mjs`)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\.$/),
    });
  });

  it("is unavailable where the file is missing, and passes on what the function refuses", async () => {
    const missing = findBackendModule("./missing.js", folder)!;
    const message = `There is no file ${join(folder, "missing.js")} that could open a backend.`;
    await expect(missing.open()).rejects.toMatchObject({ code: "unavailable", message });
    const refusing = open(
      `import { LangevinError } from "${core}";
       export default () => { throw new LangevinError("unavailable", "There is no card."); };`,
    );
    await expect(refusing).rejects.toMatchObject({ message: "There is no card." });
  });
});
