// `npm run docs`: the documentation as a static site in site/, made of the READMEs, the pages of docs/ and the comments in
// the code. Any host can serve it, and a browser can open it from the disk. A link within it that leads nowhere is a failure.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter, MinimalSourceFile } from "typedoc";
import { publishedPackages } from "../src/packages.mjs";
import { brokenLinks } from "./links.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const site = join(root, "site");
const { repository: named } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const repository = named.url.replace(/^git\+|\.git$/g, "");
const settings = join(root, "node_modules", ".docs", "tsconfig.json");

/** Every entry of every package: its name and its source. */
const entries = [...publishedPackages(root)].flatMap(([name, { folder, manifest }]) =>
  Object.entries(manifest.exports)
    .map(([entry, { types }]) => ({
      name: name + entry.slice(1),
      source: join(folder, types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts")),
      readme: entry === "." ? join(folder, "README.md") : undefined,
    }))
    .filter(({ source }) => existsSync(source)),
);

// One program of all packages, in which they see each other's sources, so that types are linked and read once.
mkdirSync(dirname(settings), { recursive: true });
writeFileSync(
  settings,
  JSON.stringify({
    extends: join(root, "tooling", "tsconfig.json"),
    compilerOptions: {
      noEmit: true,
      types: [],
      module: "esnext",
      moduleResolution: "bundler",
      paths: Object.fromEntries(entries.map(({ name, source }) => [name, [source]])),
    },
    files: entries.map(({ source }) => source),
  }),
);

const markdown = (...folder) =>
  readdirSync(join(root, ...folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, ...folder, name));
/** The pages beside those of the packages, in their order, by the heading under which they are listed. */
const pages = {
  Pages: [
    ...markdown("docs"),
    ...["apps/lab", "bench", "examples"].map((folder) => join(root, folder, "README.md")),
    ...["CONTRIBUTING.md", "SECURITY.md"].map((name) => join(root, name)),
  ],
  Decisions: markdown("docs", "adr"),
  Measurements: markdown("docs", "notes"),
};
const documents = Object.values(pages).flat();

const application = await Application.bootstrap({
  name: "Neural Langevin machines",
  tsconfig: settings,
  entryPoints: entries.map(({ source }) => source),
  customCss: fileURLToPath(new URL("site.css", import.meta.url)),
  readme: "none",
  projectDocuments: documents,
  categorizeByGroup: false,
  categoryOrder: ["Packages", ...Object.keys(pages)],
  defaultCategory: "Packages",
  navigation: { includeCategories: true, includeFolders: false },
  sort: ["source-order"],
  // `npm run check` compiles the sources with the settings of each package.
  skipErrorChecking: true,
  excludeInternal: true,
  disableGit: true,
  sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
  basePath: root,
  displayBasePath: root,
  navigationLinks: { Repository: repository },
  highlightLanguages: ["typescript", "javascript", "json", "shellscript", "python", "html"],
  logLevel: "Warn",
});

application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  // A page has its heading from the name already.
  const textOf = (file) => {
    const text = readFileSync(file, "utf8").replace(/^# .*\n/, "");
    return application.converter.parseRawComment(new MinimalSourceFile(text, file), project.files)
      .content;
  };
  project.readme = textOf(join(root, "README.md"));
  // A link to a page, or to the folder whose README it is, leads to it.
  const lead = (file, reflection) => {
    project.files.registerReflectionPath(file, reflection);
    if (basename(file) === "README.md") {
      project.files.registerReflectionPath(dirname(file), reflection);
    }
  };
  for (const module of project.children ?? []) {
    const file = module.sources?.[0]?.fullFileName;
    const { name, readme } = entries.find(({ source }) => resolve(source) === resolve(file));
    module.name = name;
    if (!readme) continue;
    module.readme = textOf(readme);
    lead(readme, module);
  }
  project.documents?.forEach((document, at) => {
    const file = documents[at];
    document.name = /^# (.*)$/m.exec(readFileSync(file, "utf8"))[1].replaceAll("`", "");
    document.frontmatter.category = Object.keys(pages).find((category) =>
      pages[category].includes(file),
    );
    lead(file, document);
  });
});

const project = await application.convert();
if (!project) throw new Error("The sources cannot be read.");
rmSync(site, { recursive: true, force: true });
await application.generateDocs(project, site);
const broken = brokenLinks(site);
for (const link of broken) process.stderr.write(`${link} leads nowhere\n`);
process.stdout.write(`${site}: ${broken.length} broken links\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
