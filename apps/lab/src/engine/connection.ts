// One session on one backend, and what happens when the device under it is lost: the processor goes on from what is
// known of the session.
import {
  type Backend,
  isLangevinError,
  LangevinError,
  type Session,
  type SessionSpec,
  type Slot,
} from "@neural-langevin/core";
import { type BackendName, labelOf, preferredBackend } from "./backend-entries.js";
import { type OpenedBackend, openBackend } from "./backends.js";
import type { Device, Emit } from "./protocol.js";

/** Whether an error means that a device or worker is gone, and its session with it. */
const isLoss = (error: unknown): error is LangevinError =>
  isLangevinError(error, "device-lost") || isLangevinError(error, "device-failed");

export class Connection {
  readonly #emit: Emit;
  readonly #restore: () => Promise<string>;
  #opened: OpenedBackend | undefined;
  #name: BackendName | undefined;
  #session: Session | undefined;
  /** Whether a lost session was opened anew and nothing was computed since. */
  #restored = false;
  /** What must not meet within a session, one after another. */
  #turns: Promise<unknown> = Promise.resolve();

  /** @param restore opens the session anew at what is known of it, and says where that is, such as "step 12" */
  constructor(emit: Emit, restore: () => Promise<string>) {
    this.#emit = emit;
    this.#restore = restore;
  }

  /** Throws closed when there is no session. */
  get session(): Session {
    if (this.#session) return this.#session;
    throw new LangevinError("closed", "There is no machine yet.", "Open one first.");
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** The name of the backend that computes. */
  get name(): BackendName | undefined {
    return this.#name;
  }

  /** What computes. Throws closed. */
  get opened(): OpenedBackend {
    if (this.#opened) return this.#opened;
    throw new LangevinError("closed", "Nothing computes yet.", "Choose a backend first.");
  }

  /** Lets another backend compute, from what is known of the session. */
  async use(name: BackendName): Promise<Device> {
    const before = this.#opened;
    this.#opened = await openBackend(name);
    try {
      if (this.#session) await this.#restore();
    } catch (error) {
      await this.#opened.backend.close();
      this.#opened = before;
      throw error;
    }
    await before?.backend.close();
    return this.#report(name);
  }

  /** Opens a session in place of the one that there is. */
  async open(
    spec: SessionSpec,
    slots: Partial<Record<Slot, Float32Array | undefined>>,
  ): Promise<Session> {
    const session = await this.opened.backend.open(spec);
    for (const [slot, values] of Object.entries(slots)) {
      if (values) session.write(slot as Slot, values);
    }
    await session.synchronize();
    await this.#session?.close();
    this.#session = session;
    return session;
  }

  /** Does something when nothing else that takes its turn is under way. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => {});
    return done;
  }

  /** Does something with the session, and again when the session was lost over it. */
  async survive<T>(work: () => Promise<T>): Promise<T> {
    while (true) {
      const session = this.#session;
      try {
        return await work();
      } catch (error) {
        if (!isLoss(error)) throw error;
        await this.turn(() => this.#recover(session, error));
      }
    }
  }

  /** Notes that the session computed something: another loss is worth another attempt. */
  noteProgress(): void {
    this.#restored = false;
  }

  #report(name: BackendName): Device {
    this.#name = name;
    const device = { ...this.opened.backend.device, name };
    this.#emit({ kind: "device", device });
    return device;
  }

  async #recover(lost: Session | undefined, error: LangevinError): Promise<void> {
    // Whoever met the loss first has done it; and what breaks at once again will go on doing so.
    if (lost !== this.#session) return;
    if (this.#restored) throw error;
    this.#restored = true;
    const stopped = labelOf(this.#name!);
    const before: Backend | undefined = this.#opened?.backend;
    const name = preferredBackend();
    this.#opened = await openBackend(name);
    // What is lost may not close in order, and nothing depends on that.
    await before?.close().catch(() => {});
    this.#session = undefined;
    const where = await this.#restore();
    this.#report(name);
    const message = `${stopped} stopped, and the processor goes on from ${where}: ${error.message}`;
    this.#emit({ kind: "failure", message, stopped: false });
  }
}
