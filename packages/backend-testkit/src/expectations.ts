// What scenarios expect, as plain assertions, so that the contract runs with any test runner or none.
import { isLangevinError } from "@neural-langevin/core";

/** Fails with this sentence unless the condition holds. */
export function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}

/** Every element agrees within tolerance · max(1, max |expected|). */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(
    found.length === expected.length,
    `${what} has ${found.length} values, not ${expected.length}.`,
  );
  let scale = 1;
  for (let at = 0; at < expected.length; at++) scale = Math.max(scale, Math.abs(expected[at]!));
  for (let at = 0; at < expected.length; at++) {
    const difference = Math.abs(found[at]! - expected[at]!);
    expect(
      difference <= tolerance * scale,
      `${what}[${at}] is ${found[at]}, not ${expected[at]} within ${tolerance * scale}.`,
    );
  }
}

/** Every element has the same bits. */
export function expectSame(found: Float32Array, expected: Float32Array, what: string): void {
  expect(
    found.length === expected.length,
    `${what} has ${found.length} values, not ${expected.length}.`,
  );
  for (let at = 0; at < expected.length; at++) {
    expect(
      Object.is(found[at], expected[at]),
      `${what}[${at}] is ${found[at]}, not exactly ${expected[at]}.`,
    );
  }
}

/** The work throws or rejects with a LangevinError of this code. */
export async function expectCode(code: string, what: string, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    const found = isLangevinError(error) ? error.code : String(error);
    expect(found === code, `${what} is refused with ${found}, not ${code}.`);
    return;
  }
  throw new Error(`${what} is not refused, where ${code} is due.`);
}
