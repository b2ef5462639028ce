// Where an experiment keeps its files: an interface that a folder, a browser's database or memory can offer.

/** Files by name. A name is a path with `/`, such as `arrays/samples.npz`. */
export interface ExperimentStorage {
  /** A file's bytes; undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Writes a file whole, so that nobody ever reads half of it. */
  write(name: string, content: Uint8Array | string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  /** The names of the files that lie directly in a folder, without the folder's own name. */
  list(folder: string): Promise<string[]>;
}

/** A storage that lives as long as the program. */
export interface MemoryStorage extends ExperimentStorage {
  /** All files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A storage in memory, for browsers and tests. */
export function createMemoryStorage(): MemoryStorage {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: async (name) => files.get(name),
    async write(name, content) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      files.set(name, bytes.slice());
    },
    async remove(name) {
      files.delete(name);
    },
    async list(folder) {
      return [...files.keys()]
        .filter((name) => name.startsWith(`${folder}/`))
        .map((name) => name.slice(folder.length + 1))
        .filter((name) => !name.includes("/"));
    },
  };
}
