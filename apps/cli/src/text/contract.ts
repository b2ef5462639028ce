// Backends against the contract, in words: the table of scenarios × backends.
import { type ScenarioOutcome, scenarios } from "@neural-langevin/backend-testkit";
import { describeTerm, wrapText } from "./format.js";

/** How one backend did against the contract. */
export type ContractVerdict =
  | {
      readonly name: string;
      readonly available: true;
      readonly label: string;
      readonly holds: boolean;
      readonly outcomes: readonly ScenarioOutcome[];
    }
  | { readonly name: string; readonly available: false; readonly reason: string };

const symbols: Readonly<Record<ScenarioOutcome["outcome"] | "unavailable", string>> = {
  passed: "✓",
  failed: "✗",
  "known-gap": "~",
  "closed-gap": "!",
  "not-held": "·",
  unavailable: "–",
};

/** The table of scenarios × backends, with one letter for each backend, and the reasons of failures. */
export function describeVerdicts(verdicts: readonly ContractVerdict[], width: number): string {
  const letter = (index: number) => String.fromCharCode(97 + index);
  const lines = verdicts.map((verdict, index) =>
    describeTerm(
      `${letter(index)}  ${verdict.name}`,
      verdict.available ? verdict.label : `unavailable: ${verdict.reason}`,
      22,
      width,
    ),
  );
  if (verdicts.every(({ available }) => !available)) return lines.join("\n");
  const names = scenarios.map(({ key }) => key.slice(key.indexOf("/") + 1));
  const room = Math.max(...names.map((name) => name.length)) + 2;
  lines.push("");
  let group = "";
  for (const [index, { key }] of scenarios.entries()) {
    const own = key.slice(0, key.indexOf("/"));
    if (own !== group) {
      lines.push(`${own.padEnd(room)}  ${verdicts.map((_, at) => letter(at)).join(" ")}`);
      group = own;
    }
    const marks = verdicts.map((verdict) => {
      if (!verdict.available) return symbols.unavailable;
      return symbols[verdict.outcomes.find((outcome) => outcome.key === key)!.outcome];
    });
    lines.push(`  ${names[index]!.padEnd(room)}${marks.join(" ")}`);
  }
  lines.push(
    "",
    wrapText(
      "✓ passed, ✗ failed, ~ known gap, ! closed gap, · needs the shared noise, – unavailable",
      width,
    ),
  );
  for (const verdict of verdicts) {
    if (!verdict.available) continue;
    for (const { key, outcome, reason } of verdict.outcomes) {
      if (outcome !== "failed" && outcome !== "closed-gap") continue;
      const why = reason ?? "it is listed as a known gap but passes: take it off the list";
      lines.push(wrapText(`${verdict.name}, ${key}: ${why}`, width));
    }
  }
  const held = verdicts.filter((verdict) => verdict.available && verdict.holds).length;
  const here = verdicts.filter((verdict) => verdict.available).length;
  lines.push(`The contract holds on ${held} of the ${here} available.`);
  return lines.join("\n");
}
