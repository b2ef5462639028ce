// Lets whoever waits for the calling thread have it in the middle of long work: timers, messages, and what stops the work.

/** What platforms have in place of each other; the package is compiled without either's types. */
export const platform = globalThis as unknown as {
  readonly performance: { now(): number };
  setImmediate?(work: () => void): unknown;
  readonly MessageChannel: new () => {
    readonly port1: { onmessage: (() => void) | null; close(): void };
    readonly port2: { postMessage(message: unknown): void };
  };
};

/** One turn of the event loop; a timer would wait for milliseconds in a browser. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (platform.setImmediate) {
      platform.setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new platform.MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
