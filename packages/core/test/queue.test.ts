// The work queue with a device of paper: order, failures, closing, pace and loss.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { type DeviceOperations, queueOperations } from "@neural-langevin/core/backend";
import { describe, expect, it } from "vitest";

const run = {
  firstStep: 0,
  steps: 3,
  dt: 0.1,
  temperature: 1,
  integrator: "euler-maruyama",
} as const;
const sgd = { optimizer: { kind: "sgd" }, learningRate: 1, temperature: 1, update: 1 } as const;
const values = Float32Array.of(1, 2);
const draw = { stream: 1, step: 0, mean: undefined, spread: 1, first: 0, count: 1 };

/** A device that writes down what it is asked to do, with some operations of a test's own. */
function paper(own: Partial<DeviceOperations> = {}) {
  const log: string[] = [];
  const operations: DeviceOperations = {
    subject: "The paper",
    write: (slot) => void log.push(`write ${slot}`),
    read: (slot) => {
      log.push(`read ${slot}`);
      return values;
    },
    drawChains: ({ stream }) => void log.push(`draw ${stream}`),
    *advance({ firstStep, steps }) {
      for (let step = firstStep; step < firstStep + steps; step++) {
        log.push(`step ${step}`);
        yield 0;
      }
    },
    accumulate: (source) => void log.push(`accumulate ${source}`),
    update: () => void log.push("update"),
    average: () => void log.push("average"),
    measure: async (what) => {
      log.push(`measure ${what}`);
      return values;
    },
    free: () => void log.push("free"),
    ...own,
  };
  return { log, engine: queueOperations(operations) };
}

const failureOf = (work: Promise<unknown>): Promise<LangevinError> =>
  work.then(
    () => {
      throw new Error("Nothing failed.");
    },
    (error) => {
      expect(isLangevinError(error)).toBe(true);
      return error;
    },
  );
const broken = () => {
  throw new Error("out of ink");
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** A promise that is settled by hand. */
function byHand<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

describe("order", () => {
  it("is that of the calls, and nothing is done before the caller goes on", async () => {
    const { engine, log } = paper();
    engine.drawChains(draw);
    engine.advance(run);
    const energies = engine.measure("energy", "chains");
    engine.write("chains", values);
    engine.accumulate("chains", 1);
    engine.update(sgd);
    engine.average(1);
    const states = engine.read("chains");
    expect(log).toEqual([]);
    expect(await Promise.all([energies, states])).toEqual([values, values]);
    expect(log).toEqual([
      "draw 1",
      "step 0",
      "step 1",
      "step 2",
      "measure energy",
      "write chains",
      "accumulate chains",
      "update",
      "average",
      "read chains",
    ]);
  });

  it("makes later work wait for an answer, unless the device overlaps them", async () => {
    for (const overlapsReads of [false, true]) {
      const copy = byHand<Float32Array>();
      const { engine, log } = paper({ overlapsReads, read: () => copy.promise });
      const answer = engine.read("chains");
      engine.update(sgd);
      await pause(5);
      expect(log).toEqual(overlapsReads ? ["update"] : []);
      copy.resolve(values);
      expect(await answer).toBe(values);
      await engine.synchronize();
      expect(log).toEqual(["update"]);
    }
  });

  it("gives others their turn in a long run, and in a row of answers", async () => {
    const { engine } = paper({
      *advance() {
        const end = performance.now() + 300;
        while (performance.now() < end) yield 0;
      },
    });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    engine.advance(run);
    await engine.synchronize();
    const inRun = ticks;
    const end = performance.now() + 300;
    while (performance.now() < end) await engine.read("chains");
    clearInterval(timer);
    expect(inRun).toBeGreaterThan(2);
    expect(ticks - inRun).toBeGreaterThan(2);
  });
});

describe("a failure", () => {
  it("sticks, ends what follows, and rejects what is awaited then and later", async () => {
    const { engine, log } = paper({ accumulate: broken });
    const before = engine.read("bias");
    engine.accumulate("chains", 1);
    const pending = failureOf(engine.synchronize());
    engine.update(sgd);
    expect(await before).toBe(values);
    const failure = await pending;
    expect(failure).toMatchObject({
      code: "device-failed",
      message: "The paper failed: out of ink",
      cause: { message: "out of ink" },
    });
    engine.drawChains(draw);
    expect(await failureOf(engine.read("chains"))).toBe(failure);
    expect(log).toEqual(["read bias"]);
    await engine.close();
    expect(log).toEqual(["read bias", "free"]);
  });

  it("may come from a step, from an answer that comes or is refused, and from asking for the pace", async () => {
    const inStep = paper({
      *advance() {
        yield 0;
        broken();
      },
    });
    inStep.engine.advance(run);
    expect((await failureOf(inStep.engine.synchronize())).code).toBe("device-failed");

    for (const overlapsReads of [false, true]) {
      const refused = paper({ overlapsReads, measure: async () => broken() });
      expect((await failureOf(refused.engine.measure("energy", "chains"))).code).toBe(
        "device-failed",
      );
      expect((await failureOf(refused.engine.read("chains"))).code).toBe("device-failed");
    }

    const lost = new LangevinError("device-lost", "The paper is gone.");
    const noticed = paper({ failure: () => lost });
    expect(await failureOf(noticed.engine.read("chains"))).toBe(lost);

    const pace = paper({
      finish: async () => broken(),
      *advance() {
        for (;;) yield 1;
      },
    });
    pace.engine.advance(run);
    expect((await failureOf(pace.engine.read("chains"))).code).toBe("device-failed");
  });

  it("that is the project's own stays as it is", async () => {
    const own = new LangevinError("unsupported", "The paper is too small.");
    const { engine } = paper({
      update: () => {
        throw own;
      },
    });
    engine.update(sgd);
    expect(await failureOf(engine.synchronize())).toBe(own);
  });
});

describe("closing", () => {
  it("ends a run at its next piece, rejects what waits, and frees the memory last", async () => {
    let ended = false;
    const { engine, log } = paper({
      *advance() {
        try {
          for (;;) yield 0;
        } finally {
          ended = true;
        }
      },
    });
    engine.advance(run);
    const pending = failureOf(engine.read("chains"));
    await pause(30);
    const start = performance.now();
    await engine.close();
    expect(performance.now() - start).toBeLessThan(1000);
    expect((await pending).code).toBe("closed");
    expect(ended).toBe(true);
    expect(log).toEqual(["free"]);
  });

  it("waits for the answer in progress before it frees the memory", async () => {
    const copy = byHand<Float32Array>();
    const { engine, log } = paper({ read: () => copy.promise });
    const pending = failureOf(engine.read("chains"));
    await pause(5);
    const closing = engine.close();
    expect((await pending).code).toBe("closed");
    await pause(5);
    expect(log).toEqual([]);
    copy.resolve(values);
    await closing;
    expect(log).toEqual(["free"]);
  });
});

describe("the pace", () => {
  it("keeps the host within two portions of the device", async () => {
    const asked: ReturnType<typeof byHand<void>>[] = [];
    let pieces = 0;
    const { engine } = paper({
      finish() {
        asked.push(byHand<void>());
        return asked.at(-1)!.promise;
      },
      *advance() {
        for (;;) {
          pieces++;
          yield 1 / 4;
        }
      },
    });
    engine.advance(run);
    await pause(50);
    // Asked after the first portion, and waiting after the second.
    expect(asked).toHaveLength(2);
    expect(pieces).toBeLessThanOrEqual(8);
    const before = pieces;
    asked[0]!.resolve();
    await pause(50);
    expect(asked).toHaveLength(3);
    expect(pieces).toBeGreaterThan(before);
    expect(pieces).toBeLessThanOrEqual(12);
    for (const one of asked) one.resolve();
    const closing = engine.close();
    for (const one of asked) one.resolve();
    await closing;
  });

  it("counts every operation, however small", async () => {
    let asked = 0;
    const { engine } = paper({
      finish: async () => void asked++,
    });
    for (let update = 0; update < 640; update++) engine.update(sgd);
    await engine.read("chains");
    expect(asked).toBeGreaterThanOrEqual(10);
  });
});

describe("a lost device", () => {
  const lost = new LangevinError("device-lost", "The paper is gone.");
  const losing = (own: Partial<DeviceOperations>) => {
    const callbacks = new Set<(error: LangevinError) => void>();
    const onLost = (callback: (error: LangevinError) => void) => {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    };
    const lose = () => {
      for (const callback of callbacks) callback(lost);
    };
    return { ...paper({ onLost, ...own }), lose, callbacks };
  };
  const never = () => new Promise<never>(() => {});

  it("rejects the calls that it never answers, and can be closed", async () => {
    for (const overlapsReads of [false, true]) {
      const { engine, log, lose, callbacks } = losing({ overlapsReads, read: never });
      const pending = [failureOf(engine.read("chains")), failureOf(engine.read("bias"))];
      await pause(5);
      lose();
      expect(await Promise.all(pending)).toEqual([lost, lost]);
      expect(await failureOf(engine.synchronize())).toBe(lost);
      await engine.close();
      expect(log).toEqual(["free"]);
      expect(callbacks.size).toBe(0);
    }
  });

  it("ends a run that waits for the pace, also where the session is being closed", async () => {
    for (const closesFirst of [false, true]) {
      const { engine, lose } = losing({
        finish: never,
        *advance() {
          for (;;) yield 1;
        },
      });
      engine.advance(run);
      await pause(5);
      const closing = closesFirst ? engine.close() : undefined;
      lose();
      await (closing ?? engine.close());
    }
  });
});
