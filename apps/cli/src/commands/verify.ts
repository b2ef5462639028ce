// `nlm backends --verify`: the contract on every backend, as a table of scenarios and backends.
import { type ScenarioOutcome, scenarios, verifyBackend } from "@neural-langevin/backend-testkit";
import { LangevinError } from "@neural-langevin/core";
import { choicesNamed, choicesOf, nameOf, offers, openChoice, reasonOf } from "../backends.js";
import { Progress } from "../progress.js";
import { type Terminal, wrap } from "../terminal.js";

/** What the contract said of one backend. */
export type Verdict =
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

/**
 * Runs the contract on the named backends, every mode of a bare name, or on all that are offered.
 *
 * @returns the exit status: 1 when something failed, or a named backend is unavailable in all its modes
 * @throws invalid-value, aborted
 */
export async function verifyCommand(terminal: Terminal, names: readonly string[]): Promise<number> {
  const choices =
    names.length > 0 ? names.flatMap((name) => choicesNamed(name)) : offers.flatMap(choicesOf);
  const unique = [...new Map(choices.map((choice) => [nameOf(choice), choice])).values()];
  const total = unique.length * scenarios.length;
  const progress = new Progress(terminal, "Verifying", "scenarios", 0, total);
  const verdicts: Verdict[] = [];
  for (const [index, choice] of unique.entries()) {
    const name = nameOf(choice);
    let done = index * scenarios.length;
    try {
      const { device, holds, outcomes } = await verifyBackend(() => openChoice(choice), {
        knownGaps: choice.offer.knownGaps?.(choice.mode) ?? [],
        onOutcome({ key }) {
          if (terminal.interrupted.aborted) {
            progress.leave();
            throw new LangevinError("aborted", `The verification was stopped at ${name}, ${key}.`);
          }
          done++;
          progress.show(done, `${name} ${key}`);
        },
      });
      verdicts.push({ name, available: true, label: device.label, holds, outcomes });
    } catch (error) {
      verdicts.push({ name, available: false, reason: reasonOf(error) });
      progress.show((index + 1) * scenarios.length, name);
    }
  }
  const missing = names.filter((name) => {
    const own = choicesNamed(name).map(nameOf);
    return !verdicts.some((verdict) => own.includes(verdict.name) && verdict.available);
  });
  const holds = verdicts.every((verdict) => !verdict.available || verdict.holds);
  terminal.result(
    { holds: holds && missing.length === 0, missing, backends: verdicts },
    drawVerdicts(verdicts, Math.min(terminal.columns, 80)),
  );
  return holds && missing.length === 0 ? 0 : 1;
}

/** The table of scenarios × backends, with one letter for each backend, and why what failed did. */
export function drawVerdicts(verdicts: readonly Verdict[], width: number): string {
  const letter = (index: number) => String.fromCharCode(97 + index);
  const hanging = (head: string, text: string) =>
    `${head}${wrap(text, width - head.length).replaceAll("\n", `\n${" ".repeat(head.length)}`)}`;
  const lines = verdicts.map((verdict, index) =>
    hanging(
      `${letter(index)}  ${verdict.name.padEnd(18)} `,
      verdict.available ? verdict.label : `unavailable: ${verdict.reason}`,
    ),
  );
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
    wrap(
      "✓ passed, ✗ failed, ~ known gap, ! known gap that is closed, · needs the shared noise, – unavailable",
      width,
    ),
  );
  for (const verdict of verdicts) {
    if (!verdict.available) continue;
    for (const { key, outcome, reason } of verdict.outcomes) {
      if (outcome !== "failed" && outcome !== "closed-gap") continue;
      const why = reason ?? "it is called a known gap and passes: take it off the list";
      lines.push(wrap(`${verdict.name}, ${key}: ${why}`, width));
    }
  }
  const held = verdicts.filter((verdict) => verdict.available && verdict.holds).length;
  const here = verdicts.filter((verdict) => verdict.available).length;
  lines.push(`The contract holds on ${held} of ${here} that are available.`);
  return lines.join("\n");
}
