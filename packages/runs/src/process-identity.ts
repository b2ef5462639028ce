// Which process did something, so that another one can tell later whether that process is over.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** A process on some machine. */
export interface ProcessIdentity {
  readonly host: string;
  readonly process: number;
  /** When it began, in the kernel's ticks; null where the system does not say. It tells reused numbers apart. */
  readonly began: string | null;
}

/** The process that runs. */
export const thisProcess = (): ProcessIdentity => ({
  host: hostname(),
  process: process.pid,
  began: beginning(process.pid),
});

/** Whether a process is known to be over: only on its own machine. */
export function isOver({ host, process: id, began }: Partial<ProcessIdentity>): boolean {
  if (host !== hostname() || id === undefined) return false;
  try {
    process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = beginning(id);
  return typeof began === "string" && now !== null && now !== began;
}

function beginning(id: number): string | null {
  try {
    // The command in parentheses may hold spaces; the beginning is the 20th field after it.
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
