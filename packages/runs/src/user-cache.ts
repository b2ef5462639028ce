// What may be computed again, kept for the user of this computer with what it depends on.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeWhole } from "./whole-file.js";

/** The folder for what may be computed again: NLM_CACHE, or the user's cache folder of the platform. */
function cacheFolder(): string {
  const { NLM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (NLM_CACHE) return NLM_CACHE;
  if (process.platform === "win32") {
    return join(LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "neural-langevin", "Cache");
  }
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "neural-langevin");
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "neural-langevin");
}

/** The file of what is kept under a name; what depends on something else, as on another computer, has its own. */
export function cacheFile(name: string, key: object): string {
  const hash = createHash("sha256").update(JSON.stringify(key));
  return join(cacheFolder(), `${name}-${hash.digest("hex").slice(0, 12)}.json`);
}

/** What is kept under a name for the same key; undefined where there is nothing, and for a file that is damaged. */
export async function readCached(name: string, key: object): Promise<unknown> {
  try {
    const { key: own, ...kept } = JSON.parse(await readFile(cacheFile(name, key), "utf8"));
    return isDeepStrictEqual(own, key) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps something under a name, with the key that it depends on.
 *
 * @throws invalid-value, not-found, exists, unavailable, for what the system refuses
 */
export async function keepCached(name: string, key: object, value: object): Promise<void> {
  const text = JSON.stringify({ key, ...value }, null, 2);
  await writeWhole(cacheFile(name, key), `${text}\n`);
}
