// What a session may cost in textures and reads.
import { expect } from "vitest";

interface Count {
  textures: number;
  reads: number;
}

/** What `endurance` returns. */
export interface Endurance {
  opened: Count;
  warm: Count;
  advanced: Count;
  learned: Count;
  read: Count;
  closed: Count;
  alive: boolean;
}

export function expectEndurance(counts: Endurance): void {
  const { opened, warm, advanced, learned, read, closed, alive } = counts;
  expect(alive).toBe(true);
  // Nothing comes back to the host before it is asked for.
  expect(learned.reads).toBe(opened.reads);
  expect(read.reads).toBeGreaterThan(learned.reads);
  // As many textures after a thousand steps and a hundred updates as before, and none of the session's in the end.
  expect(warm.textures).toBeGreaterThan(opened.textures);
  expect(advanced.textures).toBe(warm.textures);
  expect(learned.textures).toBe(warm.textures);
  expect(closed.textures).toBe(opened.textures);
}
