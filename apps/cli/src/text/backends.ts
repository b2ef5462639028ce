// Backends, their devices and the default, in words.
import type { SpeedTest } from "@neural-langevin/backend-testkit";
import type { DeviceReport } from "@neural-langevin/core";
import { describeTerm, formatNumber, wrapText } from "./format.js";

/** One mode of a backend, on its device or with the reason why it is unavailable. */
export type ModeReport = { readonly name: string; readonly mode: string | null } & (
  | { readonly available: true; readonly device: DeviceReport }
  | { readonly available: false; readonly reason: string }
);

const nameOf = ({ mode }: ModeReport): string => (mode === null ? "" : `  :${mode}`);

/** Every backend with its modes in lines, beside a column that is as wide as the widest name. */
export function describeBackends(
  backends: readonly {
    readonly id: string;
    readonly description: string;
    readonly modes: readonly ModeReport[];
  }[],
  width: number,
): string[] {
  const names = backends.flatMap(({ id, modes }) => [id, ...modes.map(nameOf)]);
  const room = Math.max(...names.map((name) => name.length)) + 1;
  return backends.flatMap(({ id, description, modes }) => [
    describeTerm(id, description, room, width),
    ...modes.map((report) => {
      const text = report.available
        ? [report.device.label, report.device.precision, ...report.device.details].join(", ")
        : `unavailable: ${report.reason}`;
      return describeTerm(nameOf(report), text, room, width);
    }),
    "",
  ]);
}

/** The default, what it was measured against, and where the measurement is kept. */
export function describeDefault(speedTest: SpeedTest, file: string, width: number): string[] {
  const { chosen, candidates, units, chains, measured } = speedTest;
  const speeds = candidates.flatMap(({ name, stepsPerSecond }) =>
    stepsPerSecond === null
      ? []
      : [`  ${name.padEnd(20)} ${formatNumber(stepsPerSecond).padStart(9)} steps/s`],
  );
  const why =
    speeds.length === 0
      ? "the only fast backend here."
      : `the fastest with ${units} units and ${chains} chains:`;
  const when = measured.slice(0, 16).replace("T", " ");
  return [
    wrapText(`Default: ${chosen}, ${why}`, width),
    ...speeds,
    wrapText(`Measured ${when} UTC, kept in ${file}`, width),
    wrapText("Time every mode with --probe; choose one with --backend ID[:MODE].", width),
  ];
}
