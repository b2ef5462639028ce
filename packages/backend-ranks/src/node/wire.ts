// One connection between two ranks: bytes that are asked for by number, first in the handshake, then for frames.
import type { Socket } from "node:net";

interface Wanted {
  readonly bytes: Uint8Array;
  filled: number;
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

export class Wire {
  readonly socket: Socket;
  /** Of the other side. */
  readonly address: string;
  readonly #come: Buffer[] = [];
  #wanted: Wanted | undefined;
  #ended: Error | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.address = socket.remoteAddress ?? "an unknown address";
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on("data", (bytes) => {
      this.#come.push(bytes);
      this.#fill();
      // What nobody asked for waits in the system, so a stranger cannot fill this process.
      if (this.#come.length > 0) socket.pause();
    });
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the connection was closed")));
  }

  /** The next bytes, exactly so many; they begin an ArrayBuffer of their own. Rejects when the connection ends. */
  take(length: number): Promise<Uint8Array> {
    return this.fill(new Uint8Array(length));
  }

  /** Fills an array with the next bytes. Rejects when the connection ends. */
  fill(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#wanted = { bytes, filled: 0, resolve, reject };
      this.#fill();
    });
  }

  #fill(): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    while (wanted.filled < wanted.bytes.length && this.#come.length > 0) {
      const next = this.#come[0]!;
      const count = Math.min(next.length, wanted.bytes.length - wanted.filled);
      wanted.bytes.set(next.subarray(0, count), wanted.filled);
      wanted.filled += count;
      if (count === next.length) this.#come.shift();
      else this.#come[0] = next.subarray(count);
    }
    if (wanted.filled === wanted.bytes.length) {
      this.#wanted = undefined;
      wanted.resolve(wanted.bytes);
    } else if (this.#ended) {
      this.#wanted = undefined;
      wanted.reject(this.#ended);
    } else if (this.socket.isPaused()) this.socket.resume();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#fill();
  }
}
