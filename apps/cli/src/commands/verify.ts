// `nlm backends --verify`: backends against the contract, as a table of scenarios and backends.
import { scenarios, unavailableReason, verifyBackend } from "@neural-langevin/backend-testkit";
import { backendTable, modesNamed, modesOf, nameOf, openMode } from "../backends/table.js";
import { showProgress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { type ContractVerdict, describeVerdicts } from "../text/contract.js";

/**
 * Tests the named backends, every mode of a bare name, or all, against the contract.
 *
 * @returns the exit status: 1 when something failed, or a named backend is unavailable in all its modes
 * @throws invalid-value, aborted
 */
export async function verifyCommand(terminal: Terminal, names: readonly string[]): Promise<number> {
  const modes =
    names.length > 0 ? names.flatMap((name) => modesNamed(name)) : backendTable.flatMap(modesOf);
  const unique = [...new Map(modes.map((mode) => [nameOf(mode), mode])).values()];
  const total = unique.length * scenarios.length;
  const onProgress = showProgress(terminal);
  const verdicts: ContractVerdict[] = [];
  for (const [index, mode] of unique.entries()) {
    const name = nameOf(mode);
    const first = index * scenarios.length;
    try {
      const { device, holds, outcomes } = await verifyBackend(() => openMode(mode), {
        knownGaps: mode.entry.knownGaps?.(mode.mode),
        signal: terminal.interrupted,
        onProgress: (progress) => onProgress({ ...progress, done: first + progress.done, total }),
      });
      verdicts.push({ name, available: true, label: device.label, holds, outcomes });
    } catch (error) {
      verdicts.push({ name, available: false, reason: unavailableReason(error) });
    }
  }
  const missing = names.filter((name) => {
    const own = modesNamed(name).map(nameOf);
    return !verdicts.some((verdict) => own.includes(verdict.name) && verdict.available);
  });
  const holds = verdicts.every((verdict) => !verdict.available || verdict.holds);
  terminal.result(
    { holds: holds && missing.length === 0, missing, backends: verdicts },
    describeVerdicts(verdicts, Math.min(terminal.columns, 80)),
  );
  return holds && missing.length === 0 ? 0 : 1;
}
