// How ranks find each other by TCP: all connect to rank 0, whose address they know, and it tells each where the others
// listen.
import { lookup } from "node:dns/promises";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import type { Frames } from "./frames.js";
import { accept, introduce, type Member } from "./handshake.js";
import { TcpLink } from "./tcp-link.js";
import { Wire } from "./wire.js";

/** A process among ranks that meet by TCP. */
export interface TcpMember extends Member {
  /** Where rank 0 listens. */
  readonly host: string;
  readonly port: number;
  /** The address or the interface on which this process listens, for example "eth0". */
  readonly listenOn: string | undefined;
  /** Seconds that ranks wait for each other, at the start and later. */
  readonly patience: number;
}

/** Where a rank listens. */
interface Address {
  readonly address: string;
  readonly port: number;
}

/** Milliseconds between attempts to reach rank 0. */
const RETRY = 100;
/** Milliseconds that a process which connects has to prove who it is. */
const HANDSHAKE = 10_000;
/**
 * Connects this rank with all others.
 *
 * @throws invalid-value (another secret, another number of ranks), unavailable (an address where nobody can listen, ranks
 *   that do not come in time)
 */
export async function openTcp(me: TcpMember): Promise<TcpLink> {
  const lines: (Frames | undefined)[] = Array.from({ length: me.size });
  const meeting = new Meeting(me, lines);
  try {
    await meeting.within(me.rank === 0 ? gather(me, meeting) : attend(me, meeting));
  } catch (error) {
    for (const line of lines) line?.wire.socket.destroy();
    throw error;
  } finally {
    meeting.end();
  }
  return new TcpLink(me.rank, lines, `TCP at ${me.host}:${me.port}`, me.patience);
}

/** Rank 0: takes the others in, and tells them where they listen. */
async function gather(me: TcpMember, meeting: Meeting): Promise<void> {
  const { lines } = meeting;
  await meeting.listen(await addressToListenOn(me.listenOn ?? me.host), me.port);
  await meeting.everybodyFrom(1);
  const others = [...lines.entries()].slice(1) as [number, Frames][];
  const addresses: Address[] = [];
  for (const [rank, line] of others) {
    const { port } = (await receiveJson(line, rank)) as { port: number };
    addresses.push({ address: line.wire.address, port });
  }
  for (const [, line] of others) sendJson(line, addresses);
  for (const [rank, line] of others) await receiveJson(line, rank);
  for (const [, line] of others) sendJson(line, "go");
}

/** Any other rank: reports to rank 0, and connects with those between. */
async function attend(me: TcpMember, meeting: Meeting): Promise<void> {
  const zero = await meeting.reach(0, { address: me.host, port: me.port });
  const listenOn = me.listenOn && (await addressToListenOn(me.listenOn));
  // On the side that rank 0 sees, unless named.
  const port = await meeting.listen(listenOn ?? zero.wire.socket.localAddress!, 0);
  sendJson(zero, { port });
  const addresses = (await receiveJson(zero, 0)) as Address[];
  for (let other = 1; other < me.rank; other++) await meeting.reach(other, addresses[other - 1]!);
  await meeting.everybodyFrom(me.rank + 1);
  sendJson(zero, "ready");
  await receiveJson(zero, 0);
}

/** Ranks on their way to each other: who has come, and who is waited for how long. */
class Meeting {
  /** To each rank that has come. */
  readonly lines: (Frames | undefined)[];
  readonly #me: TcpMember;
  /** Connections whose other side is not known yet. */
  readonly #unknown = new Set<Socket>();
  #server: Server | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refuse: (error: unknown) => void = () => {};
  #arrived: () => void = () => {};
  #isOver = false;

  constructor(me: TcpMember, lines: (Frames | undefined)[]) {
    this.#me = me;
    this.lines = lines;
  }

  /** What the work gives, unless a rank is refused or does not come in time. */
  within(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#refuse = reject;
      this.#timer = setTimeout(() => reject(this.#tooLate()), this.#me.patience * 1000);
      work.then(resolve, reject);
    });
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    for (const socket of this.#unknown) socket.destroy();
  }

  /** Listens for ranks above this one, and returns the port. */
  async listen(address: string, port: number): Promise<number> {
    const server = createServer((socket) => void this.#welcome(socket));
    this.#server = server;
    server.maxConnections = 2 * this.#me.size + 16;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(
          new LangevinError(
            "unavailable",
            `Rank ${this.#me.rank} cannot listen at ${address}:${port}: ${error.message}.`,
            "Name an address of this machine and a port that is free.",
          ),
        ),
      );
      server.listen(port, address, resolve);
    });
    return (server.address() as { port: number }).port;
  }

  /** Connects with a rank, again and again while nobody listens there. */
  async reach(rank: number, { address, port }: Address): Promise<Frames> {
    for (;;) {
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const attempt = dial({ host: address, port });
        attempt.once("connect", () => resolve(attempt));
        attempt.once("error", () => resolve(undefined));
      });
      if (socket) {
        this.#unknown.add(socket);
        const line = await introduce(new Wire(socket), this.#me, rank);
        this.#unknown.delete(socket);
        this.lines[rank] = line;
        return line;
      }
      if (this.#isOver) throw this.#tooLate();
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }

  /** Resolves when all ranks from this number on have come. */
  everybodyFrom(first: number): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived = () => {
        if (this.#missing(first).length === 0) resolve();
      };
      this.#arrived();
    });
  }

  async #welcome(socket: Socket): Promise<void> {
    this.#unknown.add(socket);
    socket.setTimeout(HANDSHAKE, () => socket.destroy());
    const wire = new Wire(socket);
    try {
      const isFree = (rank: number) =>
        rank > this.#me.rank && rank < this.#me.size && !this.lines[rank];
      const guest = await accept(wire, this.#me, isFree);
      if (guest === undefined || this.#isOver) return void socket.destroy();
      socket.setTimeout(0);
      this.lines[guest.rank] = guest.frames;
      this.#arrived();
    } catch (error) {
      socket.end();
      // Who leaves in the middle of the handshake is a stranger; who finishes it and does not belong ends the job.
      if (isLangevinError(error)) this.#refuse(error);
    } finally {
      this.#unknown.delete(socket);
    }
  }

  #missing(first: number): number[] {
    const numbers = Array.from({ length: this.#me.size }, (_, rank) => rank);
    return numbers.filter((rank) => rank >= first && !this.lines[rank]);
  }

  #tooLate(): LangevinError {
    const { rank, host, port, patience } = this.#me;
    const missing = this.#missing(rank + 1);
    const seconds = `within ${patience} seconds`;
    if (rank > 0 && !this.lines[0]) {
      return new LangevinError(
        "unavailable",
        `Rank ${rank} did not reach rank 0 at ${host}:${port} ${seconds}.`,
        "Is rank 0 running, and is this its address?",
      );
    }
    const names = missing.length > 1 ? `Ranks ${missing.join(", ")}` : `Rank ${missing[0] ?? 0}`;
    return new LangevinError("unavailable", `${names} did not arrive ${seconds}.`);
  }
}

/** An address of this machine by its name, or that of an interface. */
async function addressToListenOn(name: string): Promise<string> {
  const found = networkInterfaces()[name]?.find(({ family }) => family === "IPv4");
  if (found) return found.address;
  try {
    return (await lookup(name)).address;
  } catch {
    throw new LangevinError(
      "unavailable",
      `"${name}" is neither an interface of this machine nor an address.`,
    );
  }
}

function sendJson(line: Frames, value: unknown): void {
  line.send("message", 0, Buffer.from(JSON.stringify(value)));
}

async function receiveJson(line: Frames, from: number): Promise<unknown> {
  try {
    return JSON.parse(Buffer.from((await line.next()).bytes).toString());
  } catch (cause) {
    throw new LangevinError(
      "device-failed",
      `Rank ${from} left before all ranks had arrived.`,
      "Its own output says why.",
      { cause },
    );
  }
}
