// The lab as a static site: relative addresses, so that it works from any folder of any host.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

// With these headers a page may share memory between workers, and the processor backend uses all threads.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Files larger than this are kept for the time without a network when they are used first, and not before. */
const LARGE = 300_000;

/** The service worker, which knows the names of all files that the site is made of. */
const serviceWorker = (): Plugin => ({
  name: "service-worker",
  apply: "build",
  generateBundle(_, bundle) {
    const files = Object.values(bundle)
      .map((file) => ({
        name: file.fileName,
        bytes: Buffer.from(file.type === "chunk" ? file.code : file.source),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const hash = createHash("sha256");
    for (const { name, bytes } of files) hash.update(name).update(bytes);
    const needed = /ten-digits|digits|\.css$|\.html$/;
    const names = files
      .filter(({ name, bytes }) => bytes.length <= LARGE || needed.test(name))
      .map(({ name }) => name);
    const source = readFileSync(new URL("tools/service-worker.js", import.meta.url), "utf8")
      .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
      .replace('["FILES"]', JSON.stringify(["./", "icon.svg", "manifest.webmanifest", ...names]));
    this.emitFile({ type: "asset", fileName: "service-worker.js", source });
  },
});

/** The folders of foreign packages whose code is in the site, its workers included. */
const packages = new Set<string>();

/** Notes which packages code comes from. */
const packageNotes = (): Plugin => ({
  name: "package-notes",
  apply: "build",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    for (const [id, { renderedLength }] of chunks.flatMap(({ modules }) =>
      Object.entries(modules),
    )) {
      const folder = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0/, ""))?.[1];
      if (folder && renderedLength > 0) packages.add(folder);
    }
  },
});

/** licenses.txt: what foreign code the site holds, and under which terms. */
const licenses = (): Plugin => ({
  name: "licenses",
  apply: "build",
  generateBundle() {
    const texts = [...packages].map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(folder, "package.json"), "utf8"),
      );
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const terms = file ? readFileSync(join(folder, file), "utf8").trim() : "";
      return `${name} ${version} (${license})\n\n${terms}\n`;
    });
    const source = texts.sort().join(`\n${"-".repeat(72)}\n\n`);
    this.emitFile({ type: "asset", fileName: "licenses.txt", source });
  },
});

export default defineConfig({
  base: "./",
  plugins: [svelte(), packageNotes(), licenses(), serviceWorker()],
  worker: { format: "es", plugins: () => [packageNotes()] },
  build: {
    target: "es2022",
    // The machine and the digits stay files of their own, however small.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  server: { headers },
  preview: { headers },
});
