// What the tests share: fixtures, folders that vanish, and failures as values.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isLangevinError, type LangevinError } from "@neural-langevin/core";
import { afterEach, beforeEach } from "vitest";

/** A file that others wrote. */
export const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** The failure of some work; one of a file says what to do about it. */
export async function errorOf(work: () => unknown): Promise<LangevinError> {
  try {
    await work();
  } catch (error) {
    if (!isLangevinError(error)) throw error;
    if (["bad-file", "unsupported", "not-found"].includes(error.code) && !error.remedy) {
      throw new Error(`This has no remedy: ${error.message}`);
    }
    return error;
  }
  throw new Error("nothing was thrown");
}

export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A folder of each test's own; `put` writes a file into it and gives its path. */
export function useFolder(): {
  readonly path: string;
  put(name: string, content: Uint8Array | string): string;
} {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "nlm-datasets-"));
  });
  afterEach(() => rmSync(path, { recursive: true }));
  return {
    get path() {
      return path;
    },
    put(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}
