// A contestant's process, asked one thing at a time. It stands still while it is not asked: the threads of some
// libraries spin for a tenth of a second after their work, in other contestants' time.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Processes that run: one that stands still would outlive a benchmark that is cut short. */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

export class Contestant {
  #child;
  #answers = [];
  #errors = "";
  #ended;

  constructor({ command, env = {} }) {
    const [program, ...args] = command;
    const whole = Object.entries({ ...process.env, ...env }).filter(
      ([, value]) => value !== undefined,
    );
    this.#child = spawn(program, args, { env: Object.fromEntries(whole) });
    running.add(this.#child);
    this.#child.on("exit", () => running.delete(this.#child));
    this.#child.stderr.on("data", (text) => {
      this.#errors = `${this.#errors}${text}`.slice(-2000);
    });
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("exit", (status, signal) =>
      this.#end(`it ended with ${signal ?? `status ${status}`}. ${this.#errors.trim()}`),
    );
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) this.#answers.shift()?.(JSON.parse(line));
    });
  }

  /** Whether it has ended, so that nothing more can be asked of it. */
  get gone() {
    return this.#ended !== undefined;
  }

  /** The answer; an Error when there is none within some seconds, after which the process is ended. */
  async ask(request, seconds = 60) {
    if (this.#ended) throw new Error(this.#ended);
    this.#stand(false);
    const answer = await new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#end(`it did not answer within ${seconds} s`),
        1000 * seconds,
      );
      this.#answers.push((value) => {
        clearTimeout(timer);
        resolve(value);
      });
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    this.#stand(true);
    // Some peers explain themselves at length.
    if (answer.error) throw new Error(answer.error.split("\n")[0].slice(0, 200));
    return answer;
  }

  /** Lets the process leave by itself; it is given two seconds. */
  end() {
    this.#ended ??= "it was ended";
    this.#stand(false);
    this.#child.stdin.end();
    setTimeout(() => this.#child.kill("SIGKILL"), 2000).unref();
  }

  /** Windows has no such signals. */
  #stand(still) {
    if (process.platform !== "win32") this.#child.kill(still ? "SIGSTOP" : "SIGCONT");
  }

  #end(reason) {
    this.#ended ??= reason;
    for (const answer of this.#answers.splice(0)) answer({ error: reason });
    this.#child.kill("SIGKILL");
  }
}
