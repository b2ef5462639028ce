// `nlm backends`: what can compute here, on which device, why not, and which one is the default.
import { type DeviceReport, LangevinError } from "@neural-langevin/core";
import type { Command } from "commander";
import { choicesOf, nameOf, type Offer, offers, openChoice, reasonOf } from "../backends.js";
import { chooseDefault, type Probe, probe, probeFile } from "../default-backend.js";
import { readable, type Terminal, wrap } from "../terminal.js";
import { verifyCommand } from "./verify.js";

type ModeRow =
  | { name: string; mode: string | null; available: true; device: DeviceReport }
  | { name: string; mode: string | null; available: false; reason: string };

async function modeRows(offer: Offer): Promise<ModeRow[]> {
  const rows: ModeRow[] = [];
  for (const choice of choicesOf(offer)) {
    const what = { name: nameOf(choice), mode: choice.mode ?? null };
    try {
      const backend = await openChoice(choice);
      rows.push({ ...what, available: true, device: backend.device });
      await backend.close();
    } catch (error) {
      rows.push({ ...what, available: false, reason: reasonOf(error) });
    }
  }
  return rows;
}

/** Opens every mode of every backend on offer, reports its device, and says what the default is. */
async function backendsCommand(
  terminal: Terminal,
  options: { readonly probe: boolean },
): Promise<void> {
  const chosen = options.probe
    ? await probe(terminal, { everyMode: true })
    : await chooseDefault(terminal);
  const backends = [];
  for (const offer of offers) {
    const modes = await modeRows(offer);
    const first = modes.find((row) => row.available);
    backends.push({
      ...{ id: offer.id, says: offer.says, available: first !== undefined },
      ...(first && { device: first.device }),
      modes,
    });
  }
  const width = Math.min(terminal.columns, 80);
  const indent = " ".repeat(14);
  const hanging = (head: string, text: string) =>
    `${head.padEnd(14)}${wrap(text, width - 14).replaceAll("\n", `\n${indent}`)}`;
  const lines = backends.flatMap(({ id, says, modes }) => [
    hanging(id, says),
    ...modes.map((row) => {
      const text = row.available
        ? [row.device.label, row.device.precision, ...row.device.details].join(", ")
        : `unavailable: ${row.reason}`;
      return hanging(row.mode === null ? "" : `  :${row.mode}`, text);
    }),
    "",
  ]);
  const file = probeFile();
  terminal.result(
    { default: { ...chosen, file }, backends },
    [
      ...lines,
      ...describeDefault(chosen, file).map((line) =>
        line.startsWith(" ") ? line : wrap(line, width),
      ),
    ].join("\n"),
  );
}

function describeDefault(chosen: Probe, file: string): string[] {
  const { candidates, units, chains, measured } = chosen;
  const alone = candidates[0]!.stepsPerSecond === null;
  return [
    alone
      ? `Default: ${chosen.chosen}, the only fast backend here.`
      : `Default: ${chosen.chosen}, the fastest with ${units} units and ${chains} chains:`,
    ...(alone
      ? []
      : candidates.map(
          ({ name, stepsPerSecond }) =>
            `  ${name.padEnd(20)} ${readable(stepsPerSecond!).padStart(9)} steps/s`,
        )),
    `Found ${measured.slice(0, 16).replace("T", " ")} UTC, kept in ${file}`,
    "Measure every mode anew with --probe; choose with --backend ID[:MODE].",
  ];
}

/** Adds the command to the program. */
export function defineBackends(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
): void {
  program
    .command("backends")
    .description("say what can compute here, on which device, and why not")
    .option("--probe", "measure every mode that is here anew, and choose the default", false)
    .option("--verify [id...]", "run the contract on the named backends, or on all")
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Examples:
  nlm backends
  nlm backends --probe
  nlm backends --verify cpu:plain reference`,
    )
    .action(async ({ probe, verify }) => {
      if (verify === undefined) return backendsCommand(terminal, { probe });
      if (probe) {
        throw new LangevinError("invalid-value", "--probe and --verify are two different things.");
      }
      end(await verifyCommand(terminal, verify === true ? [] : verify));
    });
}
