// `nlm backends`: what can compute here, on which device, and why not.
import { LangevinError } from "@neural-langevin/core";
import { offers } from "../backends.js";
import type { Terminal } from "../terminal.js";

/** Opens every backend on offer and reports its device. */
export async function backendsCommand(terminal: Terminal): Promise<void> {
  const rows = [];
  for (const { id, says, modes, open } of offers) {
    try {
      const backend = await open(undefined, undefined);
      rows.push({ id, says, modes, available: true as const, device: backend.device });
      await backend.close();
    } catch (error) {
      if (!(error instanceof LangevinError && error.code === "unavailable")) throw error;
      const reason = [error.message, error.remedy].filter(Boolean).join(" ");
      rows.push({ id, says, modes, available: false as const, reason });
    }
  }
  const lines = rows.flatMap((row, index) => {
    const heading = `${row.id.padEnd(11)}${row.says}${index === 0 ? " (default)" : ""}`;
    const facts = row.available
      ? [`${row.device.label}, ${row.device.precision}`, ...row.device.details]
      : [`unavailable: ${row.reason}`];
    const modes = row.modes.length > 0 ? [`modes ${row.modes.join(", ")}`] : [];
    return [heading, ...[...facts, ...modes].map((fact) => `           ${fact}`)];
  });
  terminal.result(rows, lines.join("\n"));
}
