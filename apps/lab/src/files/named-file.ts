// A file by its path, wherever it lies: on the user's disk, in a dropped folder, in an archive, or behind an address.

import { fetched } from "./fetched.js";

export interface NamedFile {
  /** The path, folders included, with "/" between names. */
  readonly path: string;
  bytes(): Promise<Uint8Array>;
}

/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const namedFile = (file: File, path = file.webkitRelativePath || file.name): NamedFile => ({
  path,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
});

/** Every file that was dropped on the page, those in folders too. Must be called while the event is dispatched. */
export async function droppedFiles({ items }: DataTransfer): Promise<NamedFile[]> {
  const entries = [...items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [namedFile(file, entry.fullPath.replace(/^\//, ""))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  // A reader gives at most a hundred entries at a time, and none at its end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}

/** The run or file that `nlm lab RUN` serves beside the page; empty where the page was opened without one. */
export async function servedFiles(): Promise<NamedFile[]> {
  if (!new URLSearchParams(location.search).has("run")) return [];
  const response = await fetch("run/index.json");
  if (!response.ok) return [];
  const paths = (await response.json()) as string[];
  return paths.map((path) => ({
    path,
    bytes: async () => {
      const address = `run/${path.split("/").map(encodeURIComponent).join("/")}`;
      return new Uint8Array(await (await fetched(address, path)).arrayBuffer());
    },
  }));
}
