// What several tests share: fixtures, and the code of what is thrown.
import { readFileSync } from "node:fs";
import { isLangevinError } from "@neural-langevin/core";
import { type PointSet, points } from "../src/index.js";

/** A fixture by name. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows the form of its fixture
export const fixture = (name: string): any =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));

/** Rows as points. */
export const set = (rows: number[][]): PointSet =>
  points(Float64Array.from(rows.flat()), rows[0]!.length);

/** The code of the LangevinError that some work throws. */
export const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isLangevinError(error)) return error.code;
    throw error;
  }
  return "nothing thrown";
};
