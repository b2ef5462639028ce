// The lab as a static site: relative addresses, so that it works from any folder of any host.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// With these headers a page may share memory between workers, and the processor backend uses all threads.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  plugins: [svelte()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The machine and the digits stay files of their own, however small.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  assetsInclude: ["**/*.safetensors"],
  server: { headers },
  preview: { headers },
});
