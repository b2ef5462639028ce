// Rows of numbers that a run appends as they come, one a line: its metrics, evaluations and times.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError } from "@neural-langevin/core";
import { systemFailure } from "@neural-langevin/datasets/node";
import type { OwnFolder } from "./own-folder.js";
import { type MetricsRow, metricsText, parseMetrics } from "./run-layout.js";
import { readWhole } from "./whole-file.js";

/** A file of rows in a folder of our own. */
export class RowFile {
  readonly #folder: OwnFolder;
  readonly #name: string;
  #rows: MetricsRow[];

  private constructor(folder: OwnFolder, name: string, rows: MetricsRow[]) {
    this.#folder = folder;
    this.#name = name;
    this.#rows = rows;
  }

  /** The file of no rows yet, which need not be there. */
  static empty(folder: OwnFolder, name: string): RowFile {
    return new RowFile(folder, name, []);
  }

  /**
   * Opens a file of rows.
   *
   * @throws not-found, bad-file
   */
  static async open(folder: OwnFolder, name: string): Promise<RowFile> {
    const file = join(folder.path, name);
    return new RowFile(folder, name, parseMetrics(await readText(file), file));
  }

  /** Opens a file of rows that a run need not have. Throws `bad-file`. */
  static async openIfThere(folder: OwnFolder, name: string): Promise<RowFile> {
    return (await RowFile.open(folder, name).catch(noneThere)) ?? RowFile.empty(folder, name);
  }

  /** All rows so far, in order. */
  get rows(): readonly MetricsRow[] {
    return this.#rows;
  }

  /** Adds a row. */
  async add(row: MetricsRow): Promise<void> {
    this.#rows.push(row);
    await this.#folder.append(this.#name, metricsText([row]));
  }

  /** Makes the rows durable. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const file = join(this.#folder.path, this.#name);
    try {
      const handle = await open(file, "r+");
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }

  /** Forgets the rows of later updates, and what is left of a row that was half written. */
  async forgetAfter(update: number): Promise<void> {
    this.#rows = this.#rows.filter((row) => row.update <= update);
    const text = metricsText(this.#rows);
    const there = await readText(join(this.#folder.path, this.#name)).catch(noneThere);
    if (text !== (there ?? "")) await this.#folder.write(this.#name, text);
  }
}

const readText = async (file: string): Promise<string> =>
  new TextDecoder().decode(await readWhole(file));

/** Undefined for a file that is not there. */
function noneThere(error: unknown): undefined {
  if (!isLangevinError(error, "not-found")) throw error;
}
