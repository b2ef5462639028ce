// Arrays one behind another. Here, because every package above puts bytes or states together.

/**
 * A new array of a kind, with the values of some arrays one behind another.
 *
 * @param kind such as Float32Array
 */
export function concatenate<Kind extends Uint8Array | Float32Array>(
  kind: new (length: number) => Kind,
  parts: readonly Kind[],
): Kind {
  const whole = new kind(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
