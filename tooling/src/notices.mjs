// What a bundle contains of other packages, and their licences, which must go wherever the bundle goes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The file of notices in a package. */
const FILE = "THIRD-PARTY-NOTICES.txt";

/** The package that a module belongs to: the nearest folder whose package.json has a name and a version. */
function packageOf(module) {
  for (let folder = dirname(module); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    if (manifest.name && manifest.version) return { ...manifest, folder };
  }
  throw new Error(`${module} belongs to no package.`);
}

/** Collects the packages that bundles contain; one for all bundles of a package. */
export class Notices {
  #packages = new Map();
  #texts = new Set();

  /** Adds a package by one of its files. */
  add(file) {
    const found = packageOf(file);
    this.#packages.set(`${found.name} ${found.version}`, found);
  }

  /** Adds the text of a file of notices. */
  addText(file) {
    this.#texts.add(readFileSync(file, "utf8").trim());
  }

  /** A plugin of Rollup, Rolldown and Vite that adds the packages of all modules of other people. */
  plugin() {
    return {
      name: "notices",
      generateBundle: (_, bundle) => {
        for (const { modules = {} } of Object.values(bundle)) {
          for (const [id, { renderedLength }] of Object.entries(modules)) {
            if (renderedLength === 0) continue;
            const file = id.replace(/^\0+/, "").split("?")[0];
            if (!existsSync(file)) continue;
            if (file.includes("/node_modules/")) this.add(file);
            // A package of this repository that contains others tells of them.
            else if (existsSync(join(dirname(file), FILE))) this.addText(join(dirname(file), FILE));
          }
        }
      },
    };
  }

  /** All of it: names, licences and their texts. A package that names no licence is refused. */
  text() {
    const named = [...this.#packages].sort(([a], [b]) => (a < b ? -1 : 1));
    const packages = named.map(([title, { folder, license, homepage, author }]) => {
      const files = readdirSync(folder).filter((name) =>
        /^(licen[cs]e|notice|copying)/i.test(name),
      );
      if (!license && files.length === 0) throw new Error(`${title} names no licence.`);
      const texts = files.map((name) => readFileSync(join(folder, name), "utf8").trim());
      const by = typeof author === "object" ? author.name : author;
      const lines = [title, license && `Licence: ${license}`, by && `By ${by}`, homepage, ...texts];
      return lines.filter(Boolean).join("\n\n");
    });
    const line = `\n\n${"-".repeat(80)}\n\n`;
    return `${["What this contains of others:", ...packages, ...this.#texts].join(line)}\n`;
  }

  /** Writes it into a folder. */
  write(folder) {
    writeFileSync(join(folder, FILE), this.text());
  }
}
