// An experiment on disk: experiment.json says what it is, what computes it and what every finished stage took; beside
// it lie stages/, arrays/, tables/, figures/, machines/ and the report.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { readWhole, writeWhole } from "@neural-langevin/runs/node";

/** What one stage took, over all the times it was begun. */
interface StageCost {
  readonly seconds: number;
  /** Of the matrix products on the backend; 0 until the stage is finished. */
  readonly flop: number;
}

/** What experiment.json says. */
export interface ExperimentRecord {
  readonly experiment: string;
  readonly scale: string;
  readonly settings: object;
  readonly seed: number;
  readonly state: "running" | "interrupted" | "finished";
  readonly versions: Readonly<Record<string, string>>;
  readonly backend: string;
  readonly device: string;
  readonly threads: number;
  /** ISO 8601. */
  readonly started: string;
  readonly changed: string;
  readonly stages: Readonly<Record<string, StageCost>>;
}

const RECORD = "experiment.json";

/** The folder of an experiment. Every file in it is written whole. */
export class ExperimentFolder {
  readonly path: string;
  #record: ExperimentRecord;

  private constructor(path: string, record: ExperimentRecord) {
    this.path = path;
    this.#record = record;
  }

  /**
   * Begins in a folder that does not exist yet or is empty.
   *
   * @throws exists
   */
  static async create(
    path: string,
    record: ExperimentRecord,
    overwrite: boolean,
  ): Promise<ExperimentFolder> {
    const entries = await readdir(path).catch((error: NodeJS.ErrnoException): string[] => {
      if (error.code === "ENOENT") return [];
      if (error.code !== "ENOTDIR") throw error;
      throw new LangevinError("exists", `${path} is a file.`, "Choose another place with --out.");
    });
    if (entries.length > 0) {
      const own = entries.includes(RECORD);
      if (!own || !overwrite) {
        throw new LangevinError(
          "exists",
          own
            ? `There is an experiment in ${path} already.`
            : `The folder ${path} is not empty and is not an experiment.`,
          own
            ? "Resume it, say --overwrite, or choose another place with --out."
            : "Choose another place with --out.",
        );
      }
      await rm(path, { recursive: true });
    }
    await mkdir(path, { recursive: true });
    const folder = new ExperimentFolder(path, record);
    await folder.update({});
    return folder;
  }

  /** @throws not-found, bad-file */
  static async open(path: string): Promise<ExperimentFolder> {
    const file = join(path, RECORD);
    const bytes = await readWhole(file).catch((error) => {
      if (!isLangevinError(error)) throw error;
      throw new LangevinError(
        "not-found",
        `There is no experiment in ${path}: it has no ${RECORD}.`,
        "Name the folder of an experiment.",
      );
    });
    return new ExperimentFolder(path, parseJson(bytes, file) as ExperimentRecord);
  }

  get record(): ExperimentRecord {
    return this.#record;
  }

  /** Changes some entries of the record. */
  async update(patch: Partial<ExperimentRecord>): Promise<void> {
    this.#record = { ...this.#record, ...patch, changed: new Date().toISOString() };
    await this.writeJson(RECORD, this.#record);
  }

  /** Adds to what a stage took. */
  charge(stage: string, seconds: number, flop: number): Promise<void> {
    const { stages } = this.#record;
    const before = stages[stage] ?? { seconds: 0, flop: 0 };
    const cost = { seconds: before.seconds + seconds, flop: before.flop + flop };
    return this.update({ stages: { ...stages, [stage]: cost } });
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** A file's bytes, or undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined> {
    return readWhole(this.at(name)).catch((error) => {
      if (isLangevinError(error) && error.code === "not-found") return undefined;
      throw error;
    });
  }

  /** Writes a file; returns its path. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    await writeWhole(this.at(name), content);
    return this.at(name);
  }

  async readJson(name: string): Promise<unknown> {
    const bytes = await this.read(name);
    return bytes && parseJson(bytes, this.at(name));
  }

  writeJson(name: string, value: unknown): Promise<string> {
    return this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  remove(name: string): Promise<void> {
    return rm(this.at(name), { force: true });
  }
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new LangevinError("bad-file", `${file} is not JSON.`);
  }
}
