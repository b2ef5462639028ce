// Puts gpu.js and what it needs of others into the package, with their licences.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Notices } from "@neural-langevin/tooling/notices";
import { rolldown } from "rolldown";

const dist = (name) => fileURLToPath(new URL(`dist/${name}`, import.meta.url));
const notices = new Notices();
for (const platform of ["node", "browser"]) {
  const file = dist(`gpu-${platform}.js`);
  const bundle = await rolldown({
    input: file,
    platform,
    plugins: [notices.plugin()],
    // Native packages, which whoever has them installs.
    external: ["gl", "webgpu"],
    resolve: { mainFields: platform === "browser" ? ["browser", "main"] : ["main"] },
  });
  // Names stay as they are: gpu.js reads the text of some of its functions.
  const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
  await bundle.write({ file, format: "esm", minify });
  await bundle.close();
  rmSync(`${file}.map`, { force: true });
}
notices.write(dist(""));
