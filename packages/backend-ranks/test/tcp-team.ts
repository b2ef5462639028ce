// Ranks that meet by TCP: this process is rank 0, the others are processes of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Ranks } from "@neural-langevin/backend-ranks";
import { joinRanks } from "@neural-langevin/backend-ranks/node";

const member = fileURLToPath(new URL("member.js", import.meta.url));
const secret = "a secret of the tests";

/** How a process ended. */
interface Ending {
  readonly code: number | null;
  readonly words: string;
}

export interface Member {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts rank number `rank`. */
export function startMember(
  port: number,
  rank: number,
  size: number,
  given: { inner?: string; secret?: string; command?: string; patience?: number | undefined } = {},
): Member {
  const child = spawn(process.execPath, [member, given.inner ?? "cpu", given.command ?? "test"], {
    env: {
      ...process.env,
      NLM_RANK: String(rank),
      NLM_RANKS: String(size),
      NLM_RANKS_AT: `127.0.0.1:${port}`,
      NLM_RANKS_SECRET: given.secret ?? secret,
      NLM_RANKS_PATIENCE: String(given.patience ?? 20),
    },
  });
  let words = "";
  child.stderr.on("data", (text) => {
    words += text;
  });
  const ended = new Promise<Ending>((resolve) =>
    child.once("close", (code) => resolve({ code, words })),
  );
  return { process: child, ended };
}

/** Rank 0, in this process. */
export const joinAsRankZero = (port: number, size: number, patience = 20): Promise<Ranks> =>
  joinRanks({
    transport: "tcp",
    place: { rank: 0, size },
    at: `127.0.0.1:${port}`,
    secret,
    patience,
    agreement: { command: "test" },
  });

/** A whole team. */
export async function startTeam(
  size: number,
  inner = "cpu",
  patience?: number,
): Promise<{ ranks: Ranks; members: Member[] }> {
  const port = await freePort();
  const members = Array.from({ length: size - 1 }, (_, at) =>
    startMember(port, at + 1, size, { inner, patience }),
  );
  return { ranks: await joinAsRankZero(port, size, patience), members };
}
