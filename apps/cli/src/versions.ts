// Versions of what runs, for manifests and `--version`.
import { readFileSync } from "node:fs";

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
