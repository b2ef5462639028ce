// Labels that lie in a file of their own: NPY, IDX, or a table.

import { badFile, type DataSet } from "./data-set.js";
import { readWholeFile } from "./disk.js";
import { recognizeFormat, wrongFormat } from "./format.js";
import { readIdx } from "./idx-files.js";
import { type NpyArray, parseNpy } from "./npy.js";
import { type Labels, parseLabelTable, type TableOptions } from "./table.js";

/**
 * Gives data the labels of a file: whole numbers from 0 to 255 in an NPY or IDX file, or numbers or words in a table,
 * one a line or in a column with a name.
 *
 * @throws not-found; bad-file, also for another number of labels than samples; unsupported
 */
export async function withLabelsOf<Set extends DataSet>(
  set: Set,
  file: string,
  options: TableOptions = {},
): Promise<Set> {
  const { labels, classes } = await readLabels(file, set.count, options);
  if (labels.length === set.count) return { ...set, labels, classes };
  throw badFile(
    file,
    `has ${labels.length} labels, but ${set.count} are expected, one per sample of ${set.source}`,
    "Give every sample its label, in the same order.",
  );
}

async function readLabels(file: string, count: number, options: TableOptions): Promise<Labels> {
  const bytes = await readWholeFile(file);
  const format = recognizeFormat(bytes, file);
  if (format === "npy") return { labels: labelsOfArray(parseNpy(bytes, file), count, file) };
  if (format === "idx" || format === "gzip") {
    return { labels: labelsOfArray(await readIdx(file), count, file) };
  }
  if (format !== "unknown" && format !== "table") throw wrongFormat(bytes, file, "labels");
  return parseLabelTable(textOf(bytes, file), file, options);
}

/** The text of a file. Throws `bad-file` where it is none. */
function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badFile(file, "is neither a format that is known nor text", "Save it as UTF-8.");
  }
}

/**
 * Labels in a row or a column.
 *
 * @throws bad-file
 */
export function labelsOfArray(
  { shape, values }: Pick<NpyArray, "shape" | "values">,
  count: number,
  name: string,
): Uint8Array {
  if (values.length !== count || shape[0] !== count) {
    throw badFile(
      name,
      `has the shape (${shape.join(", ")}), but ${count} labels are expected, one per sample`,
      "Give every sample its label, in the same order.",
    );
  }
  const place = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 255);
  if (place < 0) return Uint8Array.from(values);
  throw badFile(
    name,
    `has ${values[place]} at [${place}], but a label is a whole number from 0 to 255`,
    "Number the kinds from 0, or name them by words in a table.",
  );
}
