// The files of machines, in Node.
import { readFile } from "node:fs/promises";

export const readMachineFile = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../machines/${name}.bin`, import.meta.url)));
