// `nlm lab`: serves the browser lab on this machine, with the headers that let its workers share memory, and a run or
// file for it to open.
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { siteFolder } from "@neural-langevin/lab";
import { isRun } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { addAmount } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** What is asked of `nlm lab`. */
interface LabOptions {
  /** A run folder, or a safetensors file. */
  readonly machine: string | undefined;
  /** 0 takes any port that is free. */
  readonly port: number;
}

/** Serves until Ctrl-C. */
async function labCommand(terminal: Terminal, options: LabOptions): Promise<void> {
  const { machine, port } = options;
  const files = machine === undefined ? new Map<string, string>() : await filesOf(machine);
  const server = createServer((request, response) => {
    void answer(request.url ?? "/", response, files);
  });
  await listen(server, port);
  const { port: taken } = server.address() as { port: number };
  const address = `http://localhost:${taken}/${files.size > 0 ? "?run" : ""}`;
  terminal.result({ address }, `The lab is at ${address}`);
  terminal.print("Press Ctrl-C to stop.");
  await new Promise<void>((end) => {
    if (terminal.interrupted.aborted) end();
    else terminal.interrupted.addEventListener("abort", () => end(), { once: true });
  });
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

/**
 * The files of a run, or the one file, by their paths for the page.
 *
 * @throws not-found
 */
async function filesOf(path: string): Promise<Map<string, string>> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile()) return new Map([[basename(path), path]]);
  if (!entry || !(await isRun(path))) {
    throw new LangevinError(
      "not-found",
      entry
        ? `The folder ${path} is not a run: it has no manifest.json.`
        : `There is no run or file ${path}.`,
      "Name the folder of a run, or a safetensors file.",
    );
  }
  const folder = resolve(path);
  const above = dirname(folder);
  const names = await readdir(folder);
  const own = ["config.yaml", "manifest.json", "metrics.jsonl", "images.npy", "labels.npy"];
  const checkpoints = await readdir(join(folder, "checkpoints")).catch(() => []);
  const served = [
    ...own.filter((name) => names.includes(name)).map((name) => join(folder, name)),
    ...checkpoints.map((name) => join(folder, "checkpoints", name)),
  ];
  return new Map(served.map((file) => [relative(above, file).split(sep).join("/"), file]));
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((listening, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        new LangevinError(
          "unavailable",
          taken
            ? `The port ${port} is in use.`
            : `The port ${port} cannot be used: ${error.message}.`,
          "Use --port with another number, or 0 for any that is free.",
          { cause: error },
        ),
      );
    });
    server.listen(port, "localhost", listening);
  });
}

/** Answers with a file of the site or of the run, and with nothing else. */
async function answer(
  address: string,
  response: ServerResponse,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  try {
    const path = decodeURIComponent(new URL(address, "http://localhost").pathname).slice(1);
    const [first, ...rest] = path.split("/");
    let body: Uint8Array | string;
    if (path === "run/index.json") body = JSON.stringify([...files.keys()]);
    else if (first === "run") body = await readFile(files.get(rest.join("/"))!);
    // URL has resolved every "..", and an encoded one names no file of the site.
    else if (path.includes("..")) throw new Error("There is nothing above the site.");
    else body = await readFile(join(siteFolder, path || "index.html"));
    response.writeHead(200, {
      "Content-Type": types[extname(path || "index.html")] ?? "application/octet-stream",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
      "Cache-Control": "no-cache",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** Adds the command to the program. */
export function defineLab(program: Command, terminal: Terminal): void {
  const lab = program
    .command("lab")
    .description("serve the lab to a browser, with a machine to look into")
    .argument("[machine]", "a run folder or a safetensors file (default: digits 1, 3, 6)");
  addAmount(lab, "--port", "count", 0, "port on localhost, 0 for any that is free", 8000);
  lab
    .option("--json", "write one JSON object to stdout")
    .addHelpText("after", "\nExamples:\n  nlm lab\n  nlm lab runs/demo --port 0")
    .action((machine: string | undefined, { port }) => labCommand(terminal, { machine, port }));
}
