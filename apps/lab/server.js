// The server of the lab: it answers this host only, with files of the site and of one run, and with nothing else.
import { createReadStream } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import { LangevinError } from "@neural-langevin/core";
import { siteFolder } from "./site.js";

/** @type {Readonly<Record<string, string>>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
  ".yaml": "text/plain; charset=utf-8",
  ".jsonl": "text/plain; charset=utf-8",
};

/** The endings of files that become smaller when they are compressed, and seldom change. */
const compressible = new Set([".html", ".js", ".css", ".svg", ".json", ".wasm", ".webmanifest"]);

/** How files are compressed, the better way first; quickly, and not much worse than with the best quality. */
const compressions = /** @type {const} */ ({
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: () => createGzip(),
});

/** What carries a hash in its name never changes. */
const FOREVER = "public, max-age=31536000, immutable";

/** What the page may do: run its own scripts and workers, and fetch from where it came. */
const policy = [
  "default-src 'none'",
  // WebAssembly is compiled. Text never becomes code: gpu.js computes by WebGL, and not in its mode "cpu".
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self' data:",
  // By which the page can be installed.
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Workers share memory only in a page that is isolated; nobody else's page may read or frame what is served. */
const headers = {
  "Content-Security-Policy": policy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

/** @type {typeof import("./server.js").serveLab} */
export async function serveLab(files, port) {
  const root = await realpath(siteFolder);
  const server = createServer((request, response) => {
    answer(request, response, root, files).catch(() => response.destroy());
  });
  await listen(server, port);
  return {
    port: portOf(server),
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** @param {import("node:http").Server} server */
const portOf = (server) => /** @type {{ port: number }} */ (server.address()).port;

/**
 * @param {import("node:http").Server} server
 * @param {number} port
 * @returns {Promise<void>}
 */
function listen(server, port) {
  return new Promise((listening, reject) => {
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        new LangevinError(
          "unavailable",
          taken
            ? `The port ${port} is in use.`
            : `The port ${port} cannot be used: ${error.message}.`,
          "Name another port, or 0 for any that is free.",
          { cause: error },
        ),
      );
    });
    server.listen(port, "localhost", listening);
  });
}

/**
 * Answers one request.
 *
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {string} root
 * @param {ReadonlyMap<string, string>} files
 * @returns {Promise<void>}
 */
async function answer(request, response, root, files) {
  const refuse = (/** @type {number} */ status, more = {}) => {
    response.writeHead(status, { ...headers, ...more }).end();
  };
  // A name that somebody made lead to this host (DNS rebinding) would let their page read what is served.
  if (!isOwnHost(request)) return refuse(421);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refuse(405, { Allow: "GET, HEAD" });
  }
  const path = pathOf(request.url ?? "/");
  if (path === "run/index.json") {
    const body = JSON.stringify([...files.keys()]);
    response.writeHead(200, { ...headers, "Content-Type": types[".json"] });
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  const file = path === undefined ? undefined : await fileOf(path, root, files);
  const handle = file && (await open(file, "r").catch(() => undefined));
  if (!handle) return refuse(404);
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) return refuse(404);
    const encoding = encodingOf(request, file);
    response.writeHead(200, {
      ...headers,
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      ...(path?.startsWith("assets/") && { "Cache-Control": FOREVER }),
      Vary: "Accept-Encoding",
      ...(encoding ? { "Content-Encoding": encoding } : { "Content-Length": entry.size }),
    });
    if (request.method === "HEAD" || entry.size === 0) {
      response.end();
      return;
    }
    // In pieces, and never more than was promised, however large the file is or becomes.
    const content = createReadStream(file, { fd: handle, end: entry.size - 1, autoClose: false });
    if (encoding) await pipeline(content, compressions[encoding](), response);
    else await pipeline(content, response);
  } finally {
    await handle.close();
  }
}

/**
 * How a file is compressed for who asks; undefined where it is sent as it is.
 *
 * @param {import("node:http").IncomingMessage} request
 * @param {string} file
 */
function encodingOf({ headers: { "accept-encoding": accepted = "" } }, file) {
  if (!compressible.has(extname(file))) return undefined;
  const names = `${accepted}`.split(",").map((name) => name.trim());
  return /** @type {const} */ (["br", "gzip"]).find((name) => names.includes(name));
}

/**
 * Whether a request was sent to this host by one of its own names.
 *
 * @param {import("node:http").IncomingMessage} request
 */
function isOwnHost({ headers: { host }, socket }) {
  const port = socket.localPort;
  const names = ["localhost", "127.0.0.1", "[::1]"];
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

/**
 * The path of an address; undefined where it is none.
 *
 * @param {string} address
 */
function pathOf(address) {
  try {
    const path = decodeURIComponent(new URL(address, "http://localhost").pathname).slice(1);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

/**
 * The file behind a path; undefined where there is none within the site and the run.
 *
 * @param {string} path
 * @param {string} root
 * @param {ReadonlyMap<string, string>} files
 * @returns {Promise<string | undefined>}
 */
async function fileOf(path, root, files) {
  if (path.startsWith("run/")) return files.get(path.slice("run/".length));
  const file = await realpath(join(root, path || "index.html")).catch(() => undefined);
  return file?.startsWith(root + sep) ? file : undefined;
}
