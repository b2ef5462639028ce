// What runs: versions for manifests and `--version`, and the name under which the program is called.
import { readFileSync } from "node:fs";
import type { Origin } from "@neural-langevin/runs";
import { originOf } from "@neural-langevin/runs/node";

/** The version of the command line. */
export function ownVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Everything that a result may depend on besides its settings. */
export const versions = (): Record<string, string> => ({
  "neural-langevin": ownVersion(),
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
});

/** How this program is called here: by its own name, or through the clone's npm script. */
export const ownName = (): string =>
  process.env.npm_lifecycle_script?.includes("apps/cli/dist/main.js") ? "npm run nlm --" : "nlm";

/** What made something, for its record: the versions of this program and its platform, and how it was called. */
export const caller = async (): Promise<{
  readonly versions: Readonly<Record<string, string>>;
  readonly origin: Origin;
}> => ({ versions: versions(), origin: await originOf([ownName(), ...process.argv.slice(2)]) });
