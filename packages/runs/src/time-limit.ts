// How long a training may take, as batch systems write it.
import { LangevinError } from "@neural-langevin/core";

/**
 * Seconds of h:mm:ss, mm:ss or a number of seconds.
 *
 * @throws invalid-value
 */
export function readTimeLimit(text: string): number {
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+)$/.exec(text);
  const [hours = 0, minutes = 0, seconds = 0] = (match?.slice(1) ?? []).map((part) =>
    Number(part ?? 0),
  );
  const total = 3600 * hours + 60 * minutes + seconds;
  if (match && total > 0) return total;
  throw new LangevinError(
    "invalid-value",
    `--time-limit takes hours, minutes and seconds, such as 2:55:00, not ${JSON.stringify(text)}.`,
  );
}
