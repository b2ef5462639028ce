// The native addon, where tooling/build-tfjs-node.mjs has built it and NLM_TFJS_NODE names its folder: the contract
// with an injected `tf`, and the package as a user has it, beside tfjs-node.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import { createTfjsBackend } from "@neural-langevin/backend-tfjs";
import { type DeviceReport, LangevinError } from "@neural-langevin/core";
import { expect, it } from "vitest";

const folder = process.env.NLM_TFJS_NODE;
const require = createRequire(import.meta.url);

const open = async (noise: "shared" | "native") => {
  if (!folder) {
    throw new LangevinError(
      "unavailable",
      "NLM_TFJS_NODE names no folder made by tooling/build-tfjs-node.mjs.",
    );
  }
  const tf = require(join(folder, "node_modules/@tensorflow/tfjs-node"));
  return createTfjsBackend({ tf, noise });
};

await testBackend("tfjs, node", () => open("shared"));
await testBackend("tfjs, node, noise of its own", () => open("native"));

it.skipIf(!folder)(
  "noise of its own is a function of seed, stream, step and first chain",
  async () => {
    await using backend = await open("native");
    const draw = async (seed: number, stream: number, step: number, firstChain: number) => {
      await using session = await backend.open({ units: 50, chains: 40, seed, firstChain });
      session.drawChains({ stream, step });
      return await session.read("chains");
    };
    const first = await draw(1, 2, 3, 4);
    expect(await draw(1, 2, 3, 4)).toEqual(first);
    for (const [seed, stream, step, firstChain] of [
      [2, 2, 3, 4],
      [1, 3, 3, 4],
      [1, 2, 4, 4],
      [1, 2, 3, 5],
    ] as const) {
      const other = await draw(seed, stream, step, firstChain);
      const product = other.reduce((sum, value, at) => sum + value * first[at]!, 0);
      // 2000 products of independent normals: a standard deviation of √2000.
      expect(Math.abs(product)).toBeLessThan(4.5 * Math.sqrt(2000));
    }
  },
);

it.skipIf(!folder)("is chosen where it is installed, and says what is not", async () => {
  const project = mkdtempSync(join(tmpdir(), "nlm-tfjs-"));
  try {
    const own = join(project, "node_modules", "@neural-langevin");
    for (const name of ["backend-tfjs", "core", "noise"]) {
      const source =
        name === "backend-tfjs"
          ? fileURLToPath(new URL("..", import.meta.url))
          : packageFolder(`@neural-langevin/${name}`);
      for (const part of ["package.json", "dist"]) {
        cpSync(join(source, part), join(own, name, part), { recursive: true });
      }
    }
    mkdirSync(join(project, "node_modules", "@tensorflow"));
    const installed = join("node_modules", "@tensorflow", "tfjs-node");
    symlinkSync(join(folder!, installed), join(project, installed));
    writeFileSync(
      join(project, "main.mjs"),
      `import { createTfjsBackend } from "@neural-langevin/backend-tfjs";
       const backend = await createTfjsBackend();
       console.log(JSON.stringify(backend.device));
       await backend.close();`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [join(project, "main.mjs")]);
    const { details } = JSON.parse(stdout) as DeviceReport;
    expect(details).toEqual([
      "TensorFlow.js 4.22.0 native, on the processor",
      "TensorFlow.js on node-gpu is not available: @tensorflow/tfjs-node-gpu is not installed.",
    ]);
  } finally {
    rmSync(project, { recursive: true });
  }
});

const packageFolder = (name: string) => dirname(dirname(require.resolve(name)));
