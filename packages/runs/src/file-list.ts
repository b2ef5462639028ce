// The list of the files that we wrote into a folder, as text: the same on a disk and in a browser.

/** The name of the list. */
export const FILE_LIST = "files.txt";

/** What a folder holds. */
export type FolderKind = "run" | "experiment";

/** The first line of a list. */
const titleOf = (kind: FolderKind): string => `neural-langevin ${kind}: the files written here`;

/** files.txt: what the folder holds, then the names of its files as paths below it, one a line. */
export const fileListText = (kind: FolderKind, names: readonly string[]): string =>
  `${[titleOf(kind), ...names].join("\n")}\n`;

/** The names in a list, without one that was only half written; undefined for a text that is not a list of this kind. */
export function parseFileList(text: string, kind: FolderKind): string[] | undefined {
  const [title, ...names] = text.split("\n").slice(0, -1);
  return title === titleOf(kind) ? names.filter((name) => name !== "") : undefined;
}
