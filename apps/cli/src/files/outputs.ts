// Where a command writes: nothing that is there is replaced unasked.
import { access } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";

const isTaken = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Refuses files that are there already.
 *
 * @throws exists
 */
export async function requireFree(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!(await isTaken(file))) continue;
    throw new LangevinError(
      "exists",
      `There is a file ${file} already.`,
      "Choose another place with --out, or say --overwrite.",
    );
  }
}

/** The first of STEM, STEM-2, STEM-3, … that is free. */
export async function nextFreePath(stem: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? stem : `${stem}-${number}`;
    if (!(await isTaken(path))) return path;
  }
}
