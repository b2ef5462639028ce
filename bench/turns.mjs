// The processor time of several ways to do one thing, in turns in one process, beside that of the first.
import { ratio } from "./statistics.mjs";

/**
 * Prints the least milliseconds of a step of each way, and the median of how many times the first way's it takes.
 *
 * @param work name → function that takes `steps` steps, and may be asynchronous
 */
export async function printTurns(work, { steps, rounds }) {
  const names = Object.keys(work);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, once] of Object.entries(work)) {
      const before = process.cpuUsage();
      await once();
      const { user, system } = process.cpuUsage(before);
      times[name].push((user + system) / 1000 / steps);
    }
  }
  for (const [name, milliseconds] of Object.entries(times)) {
    const least = Math.min(...milliseconds).toFixed(1);
    const { median } = ratio(milliseconds, times[names[0]]);
    console.log(`${name}: ${least} ms at least, ${median.toFixed(2)} times the ${names[0]}`);
  }
}
