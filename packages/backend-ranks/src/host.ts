// What one rank computes: the inner backends and its shards of their sessions, by the numbers that rank 0 gave them.
import type { Backend, DeviceReport } from "@neural-langevin/core";
import { closedError } from "@neural-langevin/core/backend";
import type { Ranks } from "./ranks.js";
import type { Request } from "./request.js";
import { LocalShards } from "./shards.js";

/** What rank 0 is told of the backend of a rank. */
export type InnerDevice = { readonly id: string } & DeviceReport;

export class Host {
  readonly #create: (choice: unknown) => Promise<Backend>;
  readonly #ranks: Ranks;
  readonly #backends = new Map<number, Backend>();
  readonly #sessions = new Map<number, LocalShards>();

  constructor(create: (choice: unknown) => Promise<Backend>, ranks: Ranks) {
    this.#create = create;
    this.#ranks = ranks;
  }

  backend(number: number): Backend {
    const backend = this.#backends.get(number);
    if (!backend) throw closedError("backend");
    return backend;
  }

  /** Does what is asked; resolves to the answer, or returns undefined where there is none. */
  handle(request: Request): Promise<unknown> | undefined {
    switch (request.kind) {
      case "operate":
        return this.#sessions.get(request.session)?.operate(request.operation);
      case "create":
        return this.#open(request.backend, request.choice);
      case "dispose":
        return this.#dispose(request.backend);
      case "open":
        return this.#openSession(request);
      case "close": {
        const session = this.#sessions.get(request.session);
        this.#sessions.delete(request.session);
        return session?.close() ?? Promise.resolve();
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    await Promise.all([...this.#backends.values()].map((backend) => backend.close()));
  }

  async #open(number: number, choice: unknown): Promise<InnerDevice> {
    const backend = await this.#create(choice);
    this.#backends.set(number, backend);
    return { id: backend.id, ...backend.device };
  }

  async #dispose(number: number): Promise<void> {
    const backend = this.#backends.get(number);
    this.#backends.delete(number);
    await backend?.close();
  }

  /** Resolves to the order of the statistics, null where they cannot be reached. */
  async #openSession(request: Extract<Request, { kind: "open" }>): Promise<string | null> {
    const { backend, session, spec, shards } = request;
    const opened = await LocalShards.open(
      this.backend(backend),
      spec,
      shards,
      this.#ranks,
      session,
    );
    this.#sessions.set(session, opened);
    return opened.order ?? null;
  }
}
