// Rank 0's view of who computes: itself, by a call, and the other ranks, by messages.
import type { Host } from "./host.js";
import type { Ranks } from "./ranks.js";
import type { Request } from "./request.js";

export class Team {
  readonly #host: Host;
  readonly #ranks: Ranks;

  constructor(host: Host, ranks: Ranks) {
    this.#host = host;
    this.#ranks = ranks;
  }

  get size(): number {
    return this.#ranks.size;
  }

  tell(rank: number, request: Request): void {
    if (rank > 0) this.#ranks.tell(rank, request);
    else void this.#host.handle(request);
  }

  /** Once a rank is lost, no session answers any more; what is this rank's own can still be closed. */
  async ask(rank: number, request: Request): Promise<unknown> {
    if (request.kind === "operate" && this.#ranks.failure !== undefined) throw this.#ranks.failure;
    return rank > 0 ? this.#ranks.ask(rank, request) : this.#host.handle(request);
  }

  askAll(request: Request): Promise<unknown>[] {
    return Array.from({ length: this.size }, (_, rank) => this.ask(rank, request));
  }
}
