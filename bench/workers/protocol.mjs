// What a contestant's process and the benchmark say to each other: one JSON object a line. A process
// answers `describe`, then for every shape `prepare`, some `run`s and `finish`.
import { createInterface } from "node:readline";

/** Answers requests with the handler of their `ask`; an error becomes an answer with `error`. */
export async function serve(handlers) {
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      const request = JSON.parse(line);
      answer = (await handlers[request.ask]?.(request)) ?? {};
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}
