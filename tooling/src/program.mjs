// A worker's program as one text that needs no other file, so that it starts wherever its package was put: bundled,
// below any path, under any loader of modules.
import { isBuiltin } from "node:module";
import { rolldown } from "rolldown";

/**
 * Bundles a module and all that it imports into one script, which runs as a module, too.
 *
 * @param entry a file of JavaScript
 * @param options.notices licences of what it contains of others
 */
export async function programOf(entry, { notices = "" } = {}) {
  const bundle = await rolldown({ input: entry, external: isBuiltin });
  try {
    const { output } = await bundle.generate({
      format: "iife",
      minify: true,
      // A script has no imports, and `require` is missing in a module.
      globals: (name) => `process.getBuiltinModule(${JSON.stringify(name)})`,
    });
    return `${notices && `/*\n${notices.trim()}\n*/\n`}${output[0].code}`;
  } finally {
    await bundle.close();
  }
}
