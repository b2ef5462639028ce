// `nlm backends`: which backends run here, on which device, why others do not, and which one is the default.
import { unavailableReason } from "@neural-langevin/backend-testkit";
import { LangevinError } from "@neural-langevin/core";
import type { Command } from "commander";
import { chooseDefault, probeBackends, speedTestFile } from "../backends/default-backend.js";
import { type BackendEntry, backendTable, modesOf, nameOf, openMode } from "../backends/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeBackends, describeDefault, type ModeReport } from "../text/backends.js";
import { verifyCommand } from "./verify.js";

async function reportModes(entry: BackendEntry): Promise<ModeReport[]> {
  const reports: ModeReport[] = [];
  for (const one of modesOf(entry)) {
    const what = { name: nameOf(one), mode: one.mode ?? null };
    try {
      await using backend = await openMode(one);
      reports.push({ ...what, available: true, device: backend.device });
    } catch (error) {
      reports.push({ ...what, available: false, reason: unavailableReason(error) });
    }
  }
  return reports;
}

/** Opens every mode of every backend, reports its device, and names the default. */
async function backendsCommand(
  terminal: Terminal,
  options: { readonly probe: boolean },
): Promise<void> {
  const speedTest = options.probe
    ? await probeBackends(terminal, { everyMode: true })
    : await chooseDefault(terminal);
  const backends = [];
  for (const entry of backendTable) {
    const { id, description } = entry;
    const modes = await reportModes(entry);
    const first = modes.find((mode) => mode.available);
    backends.push({
      id,
      description,
      available: first !== undefined,
      device: first?.device,
      modes,
    });
  }
  const width = Math.min(terminal.columns, 80);
  const file = speedTestFile();
  terminal.result(
    { default: { ...speedTest, file }, backends },
    [...describeBackends(backends, width), ...describeDefault(speedTest, file, width)].join("\n"),
  );
}

/** Adds the command to the program. */
export function defineBackends(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
): void {
  program
    .command("backends")
    .description("show which backends run here, on which device, and why others do not")
    .option("--probe", "time every available mode and choose the default anew", false)
    .option("--verify [id...]", "test the named backends or modules, or all, against the contract")
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Examples:
  nlm backends
  nlm backends --probe
  nlm backends --verify cpu:plain reference
  nlm backends --verify ./my-backend.js`,
    )
    .action(async ({ probe, verify }) => {
      if (verify === undefined) return backendsCommand(terminal, { probe });
      if (probe) {
        throw new LangevinError("invalid-value", "--probe and --verify cannot be combined.");
      }
      end(await verifyCommand(terminal, verify === true ? [] : verify));
    });
}
