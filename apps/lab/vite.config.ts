// The lab as a static site: relative addresses, so that it works from any folder of any host.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Notices } from "@neural-langevin/tooling/notices";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

// With these headers a page may share memory between workers, and the processor backend uses all threads.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Scripts larger than this, of backends that few ask for, are kept for the time without a network when they are used first. */
const LARGE = 300_000;

const notices = new Notices();

/** The licences of everything that is in the page and its workers, as a file of the site. */
const thirdPartyNotices = (): Plugin => ({
  name: "third-party-notices",
  apply: "build",
  generateBundle() {
    // The real images that are compared with.
    for (const notice of ["../../packages/mnist/NOTICE", "src/files/images/NOTICE"]) {
      notices.addText(fileURLToPath(new URL(notice, import.meta.url)));
    }
    const source = notices.text();
    this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source });
  },
});

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
    // Machines and digits among them.
    const needed = /\.(bin|css|html)$/;
    const names = files
      .filter(({ name, bytes }) => bytes.length <= LARGE || needed.test(name))
      .map(({ name }) => name);
    const source = readFileSync(new URL("tools/service-worker.js", import.meta.url), "utf8")
      .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
      .replace('["FILES"]', JSON.stringify(["./", "icon.svg", "manifest.webmanifest", ...names]));
    this.emitFile({ type: "asset", fileName: "service-worker.js", source });
  },
});

export default defineConfig({
  base: "./",
  plugins: [svelte(), notices.plugin(), thirdPartyNotices(), serviceWorker()],
  worker: { format: "es", plugins: () => [notices.plugin()] },
  build: {
    target: "es2022",
    // The machine and the digits stay files of their own, however small.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        // The page and its first view come in one file, because twenty small ones take longer to ask for.
        codeSplitting: { groups: [{ name: "first-view", tags: ["$initial"] }] },
      },
    },
  },
  server: { headers },
  preview: { headers },
});
