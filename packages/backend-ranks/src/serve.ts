// A rank other than 0: it does what rank 0 asks until rank 0 closes.
import { type Backend, LangevinError } from "@neural-langevin/core";
import { Host } from "./host.js";
import type { Ranks } from "./ranks.js";

/**
 * Computes for rank 0, and resolves once rank 0 has closed its ranks.
 *
 * @param create opens the inner backend, as on rank 0, by what rank 0 has chosen
 * @throws invalid-value (on rank 0), device-failed when rank 0 or another rank is lost or gives up
 */
export async function serveRank<Choice = undefined>(
  ranks: Ranks,
  create: (choice: Choice) => Promise<Backend>,
): Promise<void> {
  if (ranks.rank === 0) {
    throw new LangevinError(
      "invalid-value",
      "Rank 0 runs the program itself and cannot serve another rank.",
      "Open a backend with createRanksBackend.",
    );
  }
  const host = new Host(create as (choice: unknown) => Promise<Backend>, ranks);
  try {
    for (let next = await ranks.nextRequest(); next; next = await ranks.nextRequest()) {
      const { call, request } = next;
      const answer = host.handle(request);
      if (call === undefined) continue;
      Promise.resolve(answer).then(
        (value) => ranks.answer(call, value),
        (error: unknown) => ranks.refuse(call, error),
      );
    }
  } finally {
    await host.close();
  }
}
