/** ‖values‖ in float64; a plain loop, because it passes over N² numbers while a device waits. */
export function norm(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]! * values[at]!;
  return Math.sqrt(sum);
}
