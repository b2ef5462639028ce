// A backend of one's own: it counts the steps and draws of another backend and hands everything on. A backend for new
// hardware has the same shape, with an engine that computes; `defineBackend` keeps the contract's promises about
// arguments, order and closing, and the testkit tests the rest.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { verifyBackend } from "@neural-langevin/backend-testkit";
import type { Backend, Session } from "@neural-langevin/core";
import { defineBackend, type Engine, type EngineDraw } from "@neural-langevin/core/backend";

interface Counts {
  sessions: number;
  steps: number;
}

function countingBackend(inner: Backend, counts: Counts): Backend {
  return defineBackend({
    id: `counting-${inner.id}`,
    device: () => inner.device,
    close: () => inner.close(),
    async open(spec) {
      counts.sessions++;
      return new CountingEngine(await inner.open(spec), counts);
    },
  });
}

class CountingEngine implements Engine {
  readonly #session: Session;
  readonly #counts: Counts;

  constructor(session: Session, counts: Counts) {
    this.#session = session;
    this.#counts = counts;
  }

  advance(run: Parameters<Session["advance"]>[0]): void {
    this.#counts.steps += run.steps;
    this.#session.advance(run);
  }

  write = (...[slot, values]: Parameters<Session["write"]>) => this.#session.write(slot, values);
  read = (...[slot]: Parameters<Session["read"]>) => this.#session.read(slot);
  drawChains = ({ first, count, ...draw }: EngineDraw) =>
    this.#session.drawChains({ ...draw, only: { first, count } });
  accumulate = (...[source, weight]: Parameters<Session["accumulate"]>) =>
    this.#session.accumulate(source, weight);
  average = (...[weight]: Parameters<Session["average"]>) => this.#session.average(weight);
  update = (...[step]: Parameters<Session["update"]>) => this.#session.update(step);
  measure = (...[what, source]: Parameters<Session["measure"]>) =>
    this.#session.measure(what, source);
  synchronize = () => this.#session.synchronize();
  close = () => this.#session.close();
}

const counts: Counts = { sessions: 0, steps: 0 };
const { holds, outcomes } = await verifyBackend(async () =>
  countingBackend(await createCpuBackend(), counts),
);
const passed = outcomes.filter(({ outcome }) => outcome === "passed").length;
console.log(
  `${passed} of ${outcomes.length} scenarios passed: the contract ${holds ? "holds" : "is broken"}`,
);
console.log(
  `They opened ${counts.sessions > 0 ? "many" : "no"} sessions and took ${counts.steps > 0 ? "many" : "no"} steps`,
);
