// A whole release on this machine, to a registry of its own: versions, publishing, a stranger's installation with an
// empty cache who runs the programs of every README; then a patch of one package and a new minor version of core. It works
// on a copy of the working tree as it is, commits or not, and leaves nothing behind. Packages of others come from the
// registry that npm is set up with.
//
//   npm run release:rehearse
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { root } from "./run.mjs";
import { nameSoftwareVulkan } from "./src/chromium.mjs";
import { publishedPackages } from "./src/packages.mjs";
import { readmeExamples } from "./src/readme-examples.mjs";

const temporary = mkdtempSync(join(tmpdir(), "nlm-rehearsal-"));
const copy = join(temporary, "repository");
const strict = process.env.NLM_REQUIRE_ALL === "1";
const shell = process.platform === "win32";
// What npm tells its scripts is about this repository and would reach the npm of the copy and of the stranger.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
);
nameSoftwareVulkan(environment);
const upstream = execFileSync("npm", ["config", "get", "registry"], {
  encoding: "utf8",
  shell,
  env: environment,
}).trim();

/** Runs a program and returns what it prints. */
function run(folder, program, ...args) {
  try {
    return execFileSync(program, args, {
      cwd: folder,
      encoding: "utf8",
      shell,
      env: environment,
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout}${error.stderr}`);
  }
}

const began = Date.now();
const tell = (text) =>
  process.stdout.write(
    `${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}\n`,
  );
const require = (condition, sentence) => {
  if (!condition) throw new Error(sentence);
};

/** Starts a registry that holds our packages and fetches those of others; returns its process. */
async function startRegistry() {
  const place = join(temporary, "registry");
  mkdirSync(place);
  // A dependency asks for node-fetch by a tag that some mirrors of the registry do not have.
  const manifest = { private: true, overrides: { "node-fetch": "2.7.0" } };
  writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
  // The newest that runs on the oldest supported Node.
  run(place, "npm", "install", "verdaccio@6.8.0", "--ignore-scripts", "--no-audit", "--no-fund");
  const ours = { access: "$all", publish: "$all" };
  const settings = {
    storage: join(place, "storage"),
    auth: { htpasswd: { file: join(place, "users"), max_users: -1 } },
    uplinks: { upstream: { url: upstream, timeout: "60s", cache: true } },
    packages: {
      "@neural-langevin/*": ours,
      "neural-langevin": ours,
      "**": { access: "$all", proxy: "upstream" },
    },
    max_body_size: "100mb",
    log: { type: "file", path: join(place, "log"), level: "warn" },
  };
  // YAML contains JSON.
  writeFileSync(join(place, "settings.yaml"), JSON.stringify(settings));
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const program = join(place, "node_modules", "verdaccio", "bin", "verdaccio");
  const args = [program, "--config", join(place, "settings.yaml"), "--listen", `localhost:${port}`];
  const registry = spawn(process.execPath, args, { env: environment, stdio: "ignore" });
  const address = `http://localhost:${port}/`;
  const patience = Date.now() + 60_000;
  for (;;) {
    if (
      await fetch(`${address}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    require(registry.exitCode === null && Date.now() < patience, "The registry does not start.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // From here on, npm belongs to somebody who has never used it.
  const home = join(temporary, "home");
  mkdirSync(home);
  writeFileSync(
    join(home, ".npmrc"),
    `registry=${address}\n//localhost:${port}/:_authToken=rehearsal\n`,
  );
  Object.assign(environment, {
    NPM_CONFIG_USERCONFIG: join(home, ".npmrc"),
    NPM_CONFIG_CACHE: join(home, "cache"),
    NPM_CONFIG_UPDATE_NOTIFIER: "false",
  });
  return registry;
}

/** Copies what git would commit, installs it, and makes it a repository of its own. */
function copyRepository() {
  const listed = run(root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const file of new Set(listed.split("\0").filter(Boolean))) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
  }
  run(copy, "git", "init", "--quiet", "--initial-branch=main");
  run(copy, "git", "config", "user.name", "Rehearsal");
  run(copy, "git", "config", "user.email", "rehearsal@localhost");
  commit("Begin");
  run(copy, process.execPath, "tooling/setup.mjs");
}

function commit(message) {
  run(copy, "git", "add", "--all");
  run(copy, "git", "commit", "--quiet", "--message", message);
}

/** What the workflow does between two pushes to main; returns the versions that were published. */
function release() {
  run(copy, process.execPath, "tooling/version.mjs");
  commit("Release new versions");
  run(copy, process.execPath, "tooling/setup.mjs");
  const folder = join(temporary, "native-packages");
  rmSync(folder, { recursive: true, force: true });
  run(copy, process.execPath, "tooling/native-package.mjs", folder);
  const printed = run(copy, process.execPath, "tooling/release.mjs", folder);
  require(run(copy, "git", "status", "--porcelain") === "", "The release changed its repository.");
  return [...printed.matchAll(/New tag:\s+(\S+)@(\S+)/g)].map(([, name, version]) => {
    tell(`published ${name} ${version}`);
    return name;
  });
}

function addChangeset(name, kind) {
  const text = `---\n"${name}": ${kind}\n---\n\nRehearsed.\n`;
  writeFileSync(join(copy, ".changeset", "rehearsed.md"), text);
  commit("Rehearse a change");
}

/** Installs packages in an empty folder. */
function install(folder, ...names) {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  run(folder, "npm", "install", "--no-audit", "--no-fund", ...names);
}

/** Runs the programs of a README in a folder where its packages are installed; returns how many ran. */
function runReadme(folder, readme) {
  let count = 0;
  for (const { javascript, output } of readmeExamples(readFileSync(readme, "utf8"))) {
    writeFileSync(join(folder, "example.js"), javascript);
    let printed;
    try {
      printed = run(folder, process.execPath, "example.js");
    } catch (error) {
      if (strict || !error.message.includes("code: 'unavailable'")) throw error;
      tell(`not run: a program of ${relative(root, readme)} needs what this machine lacks`);
      continue;
    }
    count++;
    require(output === null ||
      printed.trimEnd() ===
        output.trimEnd(), `${readme}: an example prints\n${printed}and not\n${output}`);
  }
  return count;
}

/** Names and versions beside our own that READMEs tell to install, in the versions that are tested. */
function peersOf(packages) {
  const peers = new Set();
  for (const { folder, manifest } of packages.values()) {
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    for (const [, names] of readme.matchAll(/^npm install ([^#\n]*)/gm)) {
      for (const name of names.trim().split(" ")) {
        const version = manifest.devDependencies?.[name];
        if (version && !packages.has(name)) peers.add(`${name}@${version}`);
      }
    }
  }
  return peers;
}

/** How many copies of core an installation has. */
function copiesOfCore(folder) {
  const listed = run(folder, "npm", "ls", "@neural-langevin/core", "--all", "--parseable");
  return new Set(listed.trim().split("\n")).size;
}

let registry;
try {
  copyRepository();
  tell("copied, installed and built");
  registry = await startRegistry();
  tell("a registry runs");

  const packages = publishedPackages(root);
  const native = `@neural-langevin/native-${process.platform}-${process.arch}`;
  const first = release();
  const missing = [...packages.keys()].filter((name) => !first.includes(name));
  require(missing.length === 0, `Not released: ${missing.join(", ")}`);
  const again = run(
    copy,
    process.execPath,
    "tooling/release.mjs",
    join(temporary, "native-packages"),
  );
  require(!again.includes("New tag"), "What is published already was published again.");

  const stranger = join(temporary, "stranger");
  install(stranger, ...packages.keys(), ...peersOf(packages));
  tell("installed by a stranger, with an empty cache");
  require(copiesOfCore(stranger) === 1, "There are several copies of core.");
  require(existsSync(
    join(stranger, "node_modules", native),
  ), `The optional package ${native} was not installed.`);
  let programs = runReadme(stranger, join(root, "README.md"));
  for (const { folder } of packages.values())
    programs += runReadme(stranger, join(folder, "README.md"));
  tell(`${programs} programs of READMEs ran`);
  const nlm = (...args) => run(stranger, "npx", "nlm", ...args);
  require(/native kernel/.test(nlm("backends")), "The native kernel does not compute.");
  nlm("sample", "zoo:ten-digits", "--label", "6", "--chains", "4", "--out", "six");
  tell("nlm drew a six");

  addChangeset("@neural-langevin/figures", "patch");
  const second = release();
  const others = second.filter(
    (name) => !["@neural-langevin/figures", "@neural-langevin/lab"].includes(name),
  );
  require(second.includes("@neural-langevin/figures") &&
    others.length === 0, `A patch of figures released ${second.join(", ")}.`);

  const core = "@neural-langevin/core";
  const withPeer = [...packages.values()].filter(
    ({ manifest }) => manifest.peerDependencies?.[core],
  );
  addChangeset(core, "minor");
  const third = release();
  for (const name of [core, ...withPeer.map(({ manifest }) => manifest.name)])
    require(third.includes(name), `With the new core, ${name} was not released.`);
  for (const { manifest } of withPeer) {
    const peers = JSON.parse(
      run(temporary, "npm", "view", manifest.name, "peerDependencies", "--json"),
    );
    require(peers[core] === "^0.2.0", `${manifest.name} asks for core ${peers[core]}.`);
  }
  const mixed = join(temporary, "mixed");
  let refusal = "";
  try {
    install(mixed, `${core}@0.2.0`, "@neural-langevin/backend-cpu@0.1.0");
  } catch (error) {
    refusal = error.message;
  }
  require(refusal.includes(
    "ERESOLVE",
  ), "npm installs a backend beside a core that it was not made for.");
  tell("npm refuses the new core beside a backend of the old one");
  const later = join(temporary, "later");
  install(later, ...packages.keys());
  require(copiesOfCore(later) === 1, "After a new core, there are several copies of it.");
  runReadme(later, join(root, "README.md"));
  tell("the newest versions install together and run");
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  registry?.kill();
  rmSync(temporary, { recursive: true, force: true });
}
process.stdout.write(`rehearsal: ${process.exitCode ? "failed" : "passed"}\n`);
