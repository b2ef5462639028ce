// What carries messages between ranks: MPI, TCP, or anything else that keeps their order.

/** Bytes between ranks, in order for each pair of ranks and each channel. */
export interface Link {
  /** This rank's number, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /** What carries the messages, in words, for example "Open MPI 4.1.4". */
  readonly label: string;
  /** The rank whose connection broke and ended the work, where this rank noticed it by itself. */
  readonly lost?: number | undefined;
  /** Whether this rank computes, so that what comes meanwhile may wait for some milliseconds. */
  isComputing: boolean;
  /**
   * Sends bytes to another rank and returns at once; the bytes must not change any more.
   *
   * @param channel 0 for requests and their answers, whose delay hides behind work; the number of a session for its
   *   statistics, for which everybody waits
   * @param bytes at most `longestPiece` of them
   */
  send(to: number, channel: number, bytes: Uint8Array): void;
  /**
   * The next bytes from a rank on a channel, or undefined once that rank has closed its link. They begin an
   * ArrayBuffer of their own, or are `into`.
   *
   * @param into where bytes of this length are put if they have not begun to come; it may change until this resolves
   * @param urgent resolves when this rank has nothing else to do; at once unless given
   * @throws device-failed when a rank is lost or says that it failed; closed when the channel is forgotten
   */
  receive(
    from: number,
    channel: number,
    into?: Uint8Array,
    urgent?: Promise<unknown>,
  ): Promise<Uint8Array | undefined>;
  /** Drops what has come and what still comes on a channel, and rejects who waits for it. */
  forget(channel: number): void;
  /** Tells every rank why this one cannot go on; their calls and those of this rank reject with it. */
  fail(reason: string): void;
  /** Says goodbye to every rank once everything is sent. */
  close(): Promise<void>;
}

/** The most bytes that a link is given at once; more are sent in pieces of this length. */
export const longestPiece = 2 ** 28;
