// Reading SVG documents back, for tests.
import { isLangevinError } from "@neural-langevin/core";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect } from "vitest";

/** The code of the failure that some work ends with. */
export const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isLangevinError(error)) return error.code;
  }
  return "nothing thrown";
};

interface Element {
  [name: string]: unknown;
}

/** All elements of one kind in an SVG document. */
export function elements(svg: string, kind: string): Element[] {
  expect(XMLValidator.validate(svg)).toBe(true);
  const found: Element[] = [];
  const visit = (node: unknown) => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === "object" && node !== null) {
      for (const [name, value] of Object.entries(node)) {
        if (name === kind) found.push(...(Array.isArray(value) ? value : [value]));
        visit(value);
      }
    }
  };
  visit(new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(svg));
  return found;
}

/** The corners of a path. */
export const corners = (path: string): number[][] =>
  path
    .split(/(?=[ML])/)
    .map((part) => part.slice(1).split(",").map(Number))
    .filter((point) => point.length === 2);
