// Where something is written when nobody says where.
import { access } from "node:fs/promises";

/** The first of STEM, STEM-2, STEM-3, … that is free. */
export async function freePlace(stem: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? stem : `${stem}-${number}`;
    const taken = await access(path).then(
      () => true,
      () => false,
    );
    if (!taken) return path;
  }
}
