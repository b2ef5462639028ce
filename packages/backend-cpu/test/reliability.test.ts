// What happens to those who wait when a worker ends or a session is closed, and what is left of backends and
// sessions that are gone.
import { readdirSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Backend, isLangevinError, type Session } from "@neural-langevin/core";
import { afterEach, describe, expect, it } from "vitest";

const opened: Backend[] = [];
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

const isNative = ({ device }: Backend): boolean =>
  device.details.some((one) => one.startsWith("native"));

/** A backend and its workers, by the messages that start them. */
async function openWithWorkers(options: Parameters<typeof createCpuBackend>[0]) {
  const workers: Worker[] = [];
  const { prototype } = Worker;
  const { postMessage } = prototype;
  prototype.postMessage = function (this: Worker, ...given) {
    if (!workers.includes(this)) workers.push(this);
    return postMessage.apply(this, given);
  };
  try {
    const backend = await createCpuBackend(options);
    opened.push(backend);
    return { backend, workers };
  } finally {
    prototype.postMessage = postMessage;
  }
}

const MINUTES = 1_000_000;

/** Langevin steps, enough of them for minutes of work. */
const work = (session: Session, steps: number) =>
  session.advance({
    firstStep: 0,
    steps,
    dt: 0.01,
    temperature: 1,
    integrator: "euler-maruyama",
  });

async function busySession(backend: Backend, steps = MINUTES): Promise<Session> {
  const session = await backend.open({ units: 300, chains: 300, seed: 1 });
  session.drawChains({ stream: 1, step: 0 });
  work(session, steps);
  return session;
}

/** The code that a promise is rejected with, if that comes long before the work would be done. */
const promptCodeOf = (call: Promise<unknown>) =>
  Promise.race([
    call.then(
      () => "nothing was thrown",
      (error) => (isLangevinError(error) ? error.code : String(error)),
    ),
    new Promise((resolve) => setTimeout(resolve, 10_000, "still waiting").unref()),
  ]);
const underWay = () => new Promise((resolve) => setTimeout(resolve, 200));

describe("a worker that ends in the middle of its work", () => {
  it.each([0, 1])("rejects what waits, and all that comes later (worker %i)", async (rank) => {
    const { backend, workers } = await openWithWorkers({ threads: 2, build: "relaxed" });
    const pending = (await busySession(backend)).read("chains");
    const code = promptCodeOf(pending);
    await underWay();
    await workers[rank]!.terminate();
    expect(await code).toBe("device-failed");
    expect(await promptCodeOf(backend.open({ units: 2, chains: 2, seed: 1 }))).toBe(
      "device-failed",
    );
  });

  it("rejects what waits, whatever computes", async () => {
    const { backend, workers } = await openWithWorkers({ threads: 2 });
    const session = await busySession(backend, 1);
    await session.synchronize();
    // An operation on a session that does not exist makes the worker fail from within.
    workers[1]!.postMessage([{ kind: "advance", session: 99 }]);
    work(session, MINUTES);
    expect(await promptCodeOf(session.read("chains"))).toBe("device-failed");
  });
});

describe("threads that have called native kernels", () => {
  const energies = async (backend: Backend) => {
    const session = await backend.open({ units: 40, chains: 9, seed: 3 });
    session.drawChains({ stream: 1, step: 0 });
    work(session, 20);
    const measured = await session.measure("energy", "chains");
    await session.close();
    return measured;
  };

  it("compute for the next backend, with the same bits, and those that failed do not", async () => {
    const first = await openWithWorkers({ threads: 2 });
    const expected = await energies(first.backend);
    // Closed in the middle of work, they let it go.
    const pending = promptCodeOf((await busySession(first.backend)).read("chains"));
    await underWay();
    await first.backend.close();
    expect(await pending).toBe("closed");
    const second = await openWithWorkers({ threads: 2 });
    expect(await energies(second.backend)).toEqual(expected);
    const shared = second.workers.filter((worker) => first.workers.includes(worker));
    expect(shared).toHaveLength(isNative(second.backend) ? 2 : 0);
    const session = await busySession(second.backend, 1);
    await session.synchronize();
    second.workers[1]!.postMessage([{ kind: "advance", session: 99 }]);
    work(session, MINUTES);
    expect(await promptCodeOf(session.read("chains"))).toBe("device-failed");
    await second.backend.close();
    const third = await openWithWorkers({ threads: 2 });
    expect(third.workers.filter((worker) => second.workers.includes(worker))).toEqual([]);
    expect(await energies(third.backend)).toEqual(expected);
  });
});

describe("close() during work", () => {
  it.each([undefined, "plain"] as const)("of a session rejects what waits (%s)", async (build) => {
    const { backend } = await openWithWorkers({ threads: 2, ...(build ? { build } : {}) });
    const session = await busySession(backend);
    const code = promptCodeOf(session.read("chains"));
    await underWay();
    await session.close();
    expect(await code).toBe("closed");
  });

  it.each([undefined, "plain"] as const)(
    "of the backend rejects what waits (%s)",
    async (build) => {
      const { backend } = await openWithWorkers({ threads: 2, ...(build ? { build } : {}) });
      const session = await busySession(backend);
      const codes = [session.read("chains"), session.measure("energy", "chains")].map(promptCodeOf);
      await underWay();
      expect(await promptCodeOf(backend.close())).toBe("nothing was thrown");
      expect(await Promise.all(codes)).toEqual(["closed", "closed"]);
    },
  );
});

describe("200 cycles of open and close", () => {
  const residentBytes = () => process.memoryUsage().rss;
  /** Threads of this process, where the system lists them. */
  const threadCount = () =>
    process.platform === "linux" ? readdirSync("/proc/self/task").length : 0;

  const use = async (backend: Backend, units: number) => {
    const session = await backend.open({ units, chains: 8, seed: 1 });
    session.drawChains({ stream: 1, step: 0 });
    await session.synchronize();
    await session.close();
  };

  it("of backends leave neither memory nor threads", { timeout: 120_000 }, async () => {
    const threads = new Set<Worker>();
    let callsNative = false;
    const cycle = async () => {
      const { backend, workers } = await openWithWorkers({ threads: 2 });
      for (const worker of workers) threads.add(worker);
      callsNative = isNative(backend);
      await use(backend, 64);
      await backend.close();
    };
    for (let round = 0; round < 10; round++) await cycle();
    const [bytes, count] = [residentBytes(), threadCount()];
    for (let round = 0; round < 200; round++) await cycle();
    expect(residentBytes() - bytes).toBeLessThan(64 * 2 ** 20);
    // A thread that has just ended, or one that the engine itself began meanwhile, may be counted; one of each cycle is not.
    expect(threadCount()).toBeLessThanOrEqual(count + 2);
    // Those that call native kernels stay, because koffi keeps memory of every thread that ended.
    expect(threads.size).toBe(callsNative ? 2 : 420);
  });

  it.each([undefined, "relaxed"] as const)(
    "of sessions leave no memory (%s)",
    { timeout: 120_000 },
    async (build) => {
      const { backend } = await openWithWorkers({ threads: 2, ...(build ? { build } : {}) });
      for (let round = 0; round < 10; round++) await use(backend, 512);
      const bytes = residentBytes();
      // More than a gigabyte, if all of it stayed.
      for (let round = 0; round < 200; round++) await use(backend, 512);
      expect(residentBytes() - bytes).toBeLessThan(512 * 2 ** 20);
    },
  );
});
