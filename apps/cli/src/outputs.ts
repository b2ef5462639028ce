// Files that a command writes: nothing that is there is replaced unasked.
import { access } from "node:fs/promises";
import { LangevinError } from "@neural-langevin/core";

/**
 * Refuses names that are taken.
 *
 * @throws exists
 */
export async function requireFree(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const taken = await access(file).then(
      () => true,
      () => false,
    );
    if (taken) {
      throw new LangevinError(
        "exists",
        `There is a file ${file} already.`,
        "Choose another place with --out, or say --overwrite.",
      );
    }
  }
}
