// The processor backend through the bundlers that people have, from packed packages and in Chromium: it computes, or
// says in a typed error what a page forbids. Installs the bundlers in an empty project. Next and Parcel are large and
// slow, so they are tried with --all, or by name.
//
//   node tooling/bundlers.mjs [--all | NAME…]
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./run.mjs";
import { findChromium } from "./src/chromium.mjs";
import { pack } from "./src/packages.mjs";

const vites = { "Vite 6": "vite-6", "Vite 7": "vite-7", "Vite 8": "vite-8" };
const bundlers = {
  "vite-6": "npm:vite@6",
  "vite-7": "npm:vite@7",
  "vite-8": "npm:vite@8.3.8",
  esbuild: "0.28.2",
  rollup: "4",
  webpack: "5",
  "webpack-cli": "6",
};
/** What is installed for the ways in `more`. */
const moreBundlers = { next: "16.4.6", react: "19", "react-dom": "19", parcel: "2.16.4" };
/** How long a page or a server is waited for; on a busy machine a development server compiles for minutes. */
const PATIENCE = 300_000;
const names = process.argv.slice(2);
const takesAll = names.includes("--all");
const wanted = names.filter((name) => name !== "--all");
const project = mkdtempSync(join(tmpdir(), "nlm-bundlers-"));
const run = (program, ...args) =>
  execFileSync(program, args, {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const write = (name, text) => writeFileSync(join(project, name), text);

const program = `import { createCpuBackend } from "@neural-langevin/backend-cpu";
const work = async () => {
  try {
    const backend = await createCpuBackend({ threads: 2 });
    const session = await backend.open({ units: 5, chains: 3, seed: 1 });
    session.drawChains({ stream: 1, step: 0 });
    const states = await session.read("chains");
    await backend.close();
    return states.length + " values, " + backend.device.details[0];
  } catch (error) {
    return [error.code ?? error.name, error.message, error.remedy ?? ""].join(" | ");
  }
};
`;
const report = 'if (typeof window === "undefined") work().then(console.log);\nelse ';
const html =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';
const computes = /^15 values, (WebAssembly SIMD|native kernel)/;

/** Serves a folder as a page that is cross-origin isolated. */
async function serve(folder, headers = {}) {
  const types = { ".html": "text/html", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(folder, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "text/plain",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "cross-origin-resource-policy": "cross-origin",
      "access-control-allow-origin": "*",
      ...headers,
    });
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { address: `http://localhost:${server.address().port}`, close: () => server.close() };
}

let browser;
async function visit(address) {
  browser ??= await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  const page = await browser.newPage();
  try {
    await page.goto(address, { timeout: PATIENCE });
    await page.waitForFunction(() => globalThis.outcome, undefined, { timeout: PATIENCE });
    return await page.evaluate(() => globalThis.outcome);
  } finally {
    await page.close();
  }
}

async function visitFolder(name, headers) {
  const folder = join(project, name);
  if (!existsSync(join(folder, "index.html"))) writeFileSync(join(folder, "index.html"), html);
  const { address, close } = await serve(folder, headers);
  try {
    return await visit(address);
  } finally {
    close();
  }
}

const esbuild = (folder, ...args) => {
  const flags = ["--bundle", "--format=esm", "--log-level=error"];
  run("npx", "esbuild", "main.js", ...flags, `--outfile=${folder}/main.js`, ...args);
};
const policy = (text) => ({ "content-security-policy": text });
const wasm = "script-src 'self' 'wasm-unsafe-eval'";

/** A version of Vite: what it builds, and its development server. */
function viteWays(label, name) {
  const load = () => import(createRequire(join(project, "package.json")).resolve(name));
  const settings = {
    root: project,
    configFile: false,
    logLevel: "error",
    cacheDir: join(project, `.${name}`),
  };
  const build = async () => {
    const vite = await load();
    await vite.build({ ...settings, build: { outDir: name } });
    return visitFolder(name);
  };
  const develop = async () => {
    const vite = await load();
    const server = await vite.createServer(settings);
    await server.listen();
    try {
      return await visit(server.resolvedUrls.local[0]);
    } finally {
      await server.close();
    }
  };
  return [
    [`${label}, built`, [computes, build]],
    [`${label}, its development server`, [computes, develop]],
  ];
}

/** Pages and handlers of Next, each of which computes. */
const nextFiles = {
  "work.js": `${program}export { work };\n`,
  "app/layout.js": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}\n`,
  "app/handler/route.js": `import { work } from "../../work.js";
export const dynamic = "force-dynamic";
export const GET = async () => new Response(await work());\n`,
  "pages/api/handler.js": `import { work } from "../../work.js";
export default async function handler(request, response) { response.send(await work()); }\n`,
  "pages/rendered.js": `import { work } from "../work.js";
export const getServerSideProps = async () => ({ props: { text: await work() } });
export default function Page({ text }) { return <p>{text}</p>; }\n`,
  "pages/client.js": `import { useEffect } from "react";
import { work } from "../work.js";
export default function Page() {
  useEffect(() => void work().then((text) => { globalThis.outcome = text; }), []);
  return <p>client</p>;
}\n`,
};
const everyPage = /^(15 values, (WebAssembly SIMD|native kernel)[^\n]*(\n|$)){4}$/;

/** Runs Next as a server and asks two handlers, a page that the server renders and one that the browser does. */
async function visitNext(...args) {
  const next = join(project, "node_modules", "next", "dist", "bin", "next");
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "localhost", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const address = `http://localhost:${port}`;
  const server = spawn(process.execPath, [next, ...args, "--port", String(port)], {
    cwd: project,
    stdio: "ignore",
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  try {
    const text = async (path) => {
      const answer = await fetch(`${address}/${path}`);
      return (await answer.text()).replace(/.*<p>([^<]*).*/s, "$1");
    };
    const began = Date.now();
    while (!(await text("client").catch(() => undefined))) {
      if (server.exitCode !== null) throw new Error(`next ${args.join(" ")} ended`);
      if (Date.now() - began > PATIENCE) throw new Error(`next ${args.join(" ")} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const pages = ["handler", "api/handler", "rendered"];
    const found = [];
    for (const page of pages) found.push(await text(page));
    return [...found, await visit(`${address}/client`)].join("\n");
  } finally {
    server.kill();
  }
}

function buildNext(...flags) {
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  run("npx", "next", "build", ...flags);
  return visitNext("start");
}

/** The ways that --all adds. */
const more = {
  "Next, built with Turbopack": [everyPage, () => buildNext()],
  "Next, built with webpack": [everyPage, () => buildNext("--webpack")],
  "Next, its development server": [everyPage, () => visitNext("dev")],
  Parcel: [
    computes,
    () => {
      run("npx", "parcel", "build", "index.html", "--no-cache", "--dist-dir", "parcel");
      return visitFolder("parcel");
    },
  ],
  "Parcel, without packageExports": [
    /Failed to resolve '#platform'/,
    () => {
      const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
      const { "@parcel/resolver-default": _, ...without } = manifest;
      write("package.json", JSON.stringify(without));
      return run("npx", "parcel", "build", "index.html", "--no-cache", "--dist-dir", "parcel-2");
    },
  ],
};

/** What each way must end in, and how it is gone. */
const ways = {
  ...Object.fromEntries(Object.entries(vites).flatMap(([label, name]) => viteWays(label, name))),
  esbuild: [
    computes,
    () => {
      esbuild("esbuild");
      return visitFolder("esbuild");
    },
  ],
  "esbuild, for Node": [
    computes,
    () => {
      esbuild("node", "--platform=node", "--outfile=node/module.mjs", "--external:koffi");
      return run("node", "node/module.mjs");
    },
  ],
  "esbuild, for Node as CommonJS": [
    computes,
    () => {
      esbuild("node", "--platform=node", "--format=cjs", "--outfile=node/common.cjs");
      return run("node", "node/common.cjs");
    },
  ],
  Rollup: [
    computes,
    () => {
      const plugin = "@rollup/plugin-node-resolve={browser: true}";
      run("npx", "rollup", "main.js", "-p", plugin, "-d", "rollup", "--silent");
      return visitFolder("rollup");
    },
  ],
  webpack: [
    computes,
    () => {
      run("npx", "webpack", "--mode=production", "--entry=./main.js", "--output-path=webpack");
      return visitFolder("webpack");
    },
  ],
  "webpack, for Node": [
    computes,
    () => {
      const flags = ["--mode=production", "--target=node20", "--entry=./main.js"];
      run("npx", "webpack", ...flags, "--output-path=webpack-node");
      return run("node", "webpack-node/main.js");
    },
  ],
  "packages of another origin": [
    computes,
    async () => {
      const other = await serve(join(project, "node_modules", "@neural-langevin"));
      const imports = {
        "@neural-langevin/core": `${other.address}/core/dist/index.js`,
        "@neural-langevin/core/backend": `${other.address}/core/dist/backend/index.js`,
        "@neural-langevin/backend-cpu": `${other.address}/backend-cpu/dist/index.js`,
        "#platform": `${other.address}/backend-cpu/dist/platform-browser.js`,
      };
      const folder = join(project, "origin");
      mkdirSync(folder);
      cpSync(join(project, "main.js"), join(folder, "main.js"));
      const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
      writeFileSync(join(folder, "index.html"), html.replace("<script", `${map}<script`));
      try {
        return await visitFolder("origin");
      } finally {
        other.close();
      }
    },
  ],
  "a policy without WebAssembly": [
    /^unavailable \| .*'wasm-unsafe-eval'/s,
    () => visitFolder("esbuild", policy("script-src 'self'")),
  ],
  "a policy without blob:, and no file": [
    /^unavailable \| .*worker-browser\.js.*blob:/s,
    () => visitFolder("esbuild", policy(wasm)),
  ],
  "a policy without blob:, and the file": [
    computes,
    () => {
      const file = "node_modules/@neural-langevin/backend-cpu/dist/worker-browser.js";
      cpSync(join(project, "esbuild"), join(project, "file"), { recursive: true });
      cpSync(join(project, file), join(project, "file", "worker-browser.js"));
      return visitFolder("file", policy(wasm));
    },
  ],
  "a policy that allows blob:": [
    computes,
    () => visitFolder("esbuild", policy(`${wasm}; worker-src blob:`)),
  ],
};

let failed = 0;
try {
  const takesMore = takesAll || wanted.some((name) => name in more);
  const chosen = takesMore ? { ...ways, ...more } : ways;
  const dependencies = {
    ...bundlers,
    "@rollup/plugin-node-resolve": "16",
    ...(takesMore && moreBundlers),
  };
  for (const name of ["core", "backend-cpu"]) {
    const archive = pack(root, join(root, "packages", name), join(project, name));
    dependencies[`@neural-langevin/${name}`] = `file:${archive}`;
  }
  const parcel = { "@parcel/resolver-default": { packageExports: true } };
  write("package.json", JSON.stringify({ private: true, dependencies, ...parcel }));
  run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock");
  write("main.js", `${program}${report}work().then((text) => (globalThis.outcome = text));\n`);
  write("index.html", html);
  if (takesMore) {
    for (const [name, text] of Object.entries(nextFiles)) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      write(name, text);
    }
  }
  for (const [name, [expected, go]] of Object.entries(chosen)) {
    // The pages that policies govern are esbuild's.
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    let found;
    try {
      found = await go();
    } catch (error) {
      found = `${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`;
    }
    const held = expected.test(found);
    if (!held) failed++;
    // What went as it should needs one line.
    const told = held ? found.trim().split("\n")[0] : found.trim();
    process.stdout.write(`${held ? "✓" : "✗"} ${name}: ${told}\n`);
  }
} finally {
  await browser?.close();
  // A server that was stopped may still be writing.
  rmSync(project, { recursive: true, force: true, maxRetries: 10 });
}
process.stdout.write(`bundlers: ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
