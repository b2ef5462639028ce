// Errors that escape: thrown where nobody can catch them, or rejected where nobody looks. A backend that throws from a
// microtask ends the process of its user, so a scenario fails by it.

type Listener = (error: unknown) => void;
interface Emitter {
  listeners(event: string): Listener[];
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
}
interface EscapeEvent {
  readonly reason?: unknown;
  readonly error?: unknown;
  preventDefault(): void;
}
interface Target {
  addEventListener(event: string, listener: (event: EscapeEvent) => void): void;
  removeEventListener(event: string, listener: (event: EscapeEvent) => void): void;
}

// What Node and browsers have; the package is compiled without either's types.
const { process, addEventListener, removeEventListener, setTimeout } =
  globalThis as unknown as Partial<Target> & {
    process?: Partial<Emitter>;
    setTimeout(work: () => void, milliseconds: number): void;
  };

/**
 * Does the work, and fails with what escaped meanwhile, unless the work itself failed.
 *
 * In Node other listeners are set aside as long as it takes, so that a test runner counts the failure once.
 */
export async function withoutEscapes(work: () => Promise<void>): Promise<void> {
  const escaped: unknown[] = [];
  const stop = process?.on ? watchNode(process as Emitter, escaped) : watchPage(escaped);
  try {
    await work();
    // Rejections are reported after the microtasks, in a turn of their own.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  } finally {
    stop();
  }
  if (escaped.length === 0) return;
  const [first] = escaped;
  const reason = first instanceof Error ? first.message : String(first);
  throw new Error(`An error was thrown or rejected where nobody can catch it: ${reason}`, {
    cause: first,
  });
}

function watchNode(emitter: Emitter, escaped: unknown[]): () => void {
  const listener: Listener = (error) => escaped.push(error);
  const events = ["unhandledRejection", "uncaughtException"].map((event) => ({
    event,
    others: emitter.listeners(event),
  }));
  for (const { event, others } of events) {
    for (const other of others) emitter.off(event, other);
    emitter.on(event, listener);
  }
  return () => {
    for (const { event, others } of events) {
      emitter.off(event, listener);
      for (const other of others) emitter.on(event, other);
    }
  };
}

function watchPage(escaped: unknown[]): () => void {
  const listener = (event: EscapeEvent) => {
    event.preventDefault();
    escaped.push(event.reason ?? event.error);
  };
  const events = ["unhandledrejection", "error"];
  for (const event of events) addEventListener?.(event, listener);
  return () => {
    for (const event of events) removeEventListener?.(event, listener);
  };
}
