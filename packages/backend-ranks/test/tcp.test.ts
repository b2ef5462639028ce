// Ranks that meet by TCP: the contract, the same bits on any number of them, and what happens when one is wrong or lost.
import { createRanksBackend, type Ranks } from "@neural-langevin/backend-ranks";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import type { Session } from "@neural-langevin/core";
import { afterAll, describe, expect, it } from "vitest";
import { inner, type Numbers, trainedNumbers } from "./job.js";
import { freePort, joinAsRankZero, type Member, startMember, startTeam } from "./tcp-team.js";

const teams: { ranks: Ranks; members: Member[] }[] = [];
afterAll(async () => {
  for (const { ranks, members } of teams) {
    await ranks.close();
    for (const { ended } of members) expect(await ended).toEqual({ code: 0, words: "" });
  }
});

for (const size of [2, 3]) {
  const team = await startTeam(size);
  teams.push(team);
  await testBackend(`cpu in five shards on ${size} ranks over TCP`, () =>
    createRanksBackend(inner.cpu!, { shards: 5, ranks: team.ranks }),
  );
}

describe.each(["cpu", "reference"])("eight shards of %s", (name) => {
  let alone: Numbers;
  it("are computed by one process", async () => {
    await using backend = await createRanksBackend(inner[name]!, { shards: 8 });
    alone = await trainedNumbers(backend);
  });

  it.each([2, 3, 4, 8])("have the same bits on %i ranks", async (size) => {
    const { ranks, members } = await startTeam(size, name);
    {
      await using backend = await createRanksBackend(inner[name]!, { shards: 8, ranks });
      expect(await trainedNumbers(backend)).toEqual(alone);
    }
    await ranks.close();
    for (const { ended } of members) expect(await ended).toEqual({ code: 0, words: "" });
  });
});

it("two sessions train at the same time without mixing their statistics", async () => {
  const { ranks, members } = await startTeam(3);
  const backend = await createRanksBackend(inner.cpu!, { shards: 3, ranks });
  const both = await Promise.all([trainedNumbers(backend), trainedNumbers(backend)]);
  expect(both[0]).toEqual(both[1]);
  await backend.close();
  await ranks.close();
  for (const { ended } of members) expect((await ended).code).toBe(0);
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => ({ code: "nothing was thrown", message: "" }),
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  );

const work = (session: Session) =>
  session.advance({
    firstStep: 0,
    steps: 1_000_000,
    dt: 0.01,
    temperature: 1,
    integrator: "euler-maruyama",
  });

describe("a rank that is killed", () => {
  it.each([1, 2])("ends the job on every rank, and rank 0 names it (rank %i)", async (killed) => {
    const { ranks, members } = await startTeam(3);
    const backend = await createRanksBackend(inner.cpu!, { shards: 3, ranks });
    const session = await backend.open({ units: 200, chains: 30, seed: 1 });
    work(session);
    const reading = codeOf(session.read("chains"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    members[killed - 1]!.process.kill("SIGKILL");
    const { code, message } = await reading;
    expect(code).toBe("device-failed");
    expect(message).toContain(`Rank ${killed} at 127.0.0.1 is lost`);
    const other = await members[2 - killed]!.ended;
    expect(other.code).toBe(3);
    expect(other.words).toContain(`Rank ${killed}`);
    expect((await codeOf(session.read("chains"))).code).toBe("device-failed");
    await backend.close();
    await ranks.close();
  });

  it("in the middle of an exchange rejects what rank 0 waits for", async () => {
    const { ranks, members } = await startTeam(2);
    const backend = await createRanksBackend(inner.cpu!, { shards: 2, ranks });
    const session = await backend.open({ units: 5, chains: 4, seed: 1 });
    await session.synchronize();
    members[0]!.process.kill("SIGSTOP");
    session.accumulate("chains", 1);
    session.update({ optimizer: { kind: "sgd" }, learningRate: 1, temperature: 1, update: 1 });
    const reading = codeOf(session.read("couplings"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    members[0]!.process.kill("SIGKILL");
    expect((await reading).message).toContain("Rank 1");
    await backend.close();
    await ranks.close();
  });
});

/** Seconds of silence in these tests: processes must also start within them. */
const PATIENCE = 3;

describe("a rank that is stopped", () => {
  it("is named by rank 0 after some silence, and ends the job on every rank", async () => {
    const { ranks, members } = await startTeam(3, "cpu", PATIENCE);
    const backend = await createRanksBackend(inner.cpu!, { shards: 3, ranks });
    const session = await backend.open({ units: 200, chains: 30, seed: 1 });
    work(session);
    const reading = codeOf(session.read("chains"));
    members[1]!.process.kill("SIGSTOP");
    const { code, message } = await reading;
    expect(code).toBe("device-failed");
    expect(message).toBe("Rank 2 has not been heard of for 3 seconds.");
    expect(await members[0]!.ended).toEqual({
      code: 3,
      words: "Rank 2 has not been heard of for 3 seconds.\n",
    });
    // Once it goes on, it learns what has become of the job.
    members[1]!.process.kill("SIGCONT");
    expect((await members[1]!.ended).code).toBe(3);
    await backend.close();
    await ranks.close();
  });

  it("that waits long for something to do is not taken for one", async () => {
    const { ranks, members } = await startTeam(2, "cpu", PATIENCE);
    const backend = await createRanksBackend(inner.cpu!, { shards: 2, ranks });
    const session = await backend.open({ units: 2, chains: 2, seed: 1 });
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await session.synchronize();
    await backend.close();
    await ranks.close();
    expect((await members[0]!.ended).code).toBe(0);
  });
});

describe("ranks that do not fit together", () => {
  it("more ranks than shards end everywhere", async () => {
    const { ranks, members } = await startTeam(3);
    const { code, message } = await codeOf(createRanksBackend(inner.cpu!, { shards: 2, ranks }));
    expect(code).toBe("invalid-value");
    expect(message).toBe("3 ranks are more than the 2 shards of this training.");
    for (const { ended } of members) {
      const { code: exit, words } = await ended;
      expect(exit).toBe(3);
      expect(words).toContain("Rank 0: 3 ranks are more than the 2 shards");
    }
    await ranks.close();
  });

  it("another secret is refused on both sides", async () => {
    const port = await freePort();
    const good = startMember(port, 1, 3, { patience: 5 });
    const bad = startMember(port, 2, 3, { secret: "quite another secret" });
    const { code, message } = await codeOf(joinAsRankZero(port, 3));
    expect(code).toBe("invalid-value");
    expect(message).toContain("says it is rank 2 has another secret than rank 0");
    expect(await bad.ended).toEqual({
      code: 3,
      words: "Rank 2 has another secret than rank 0.\n",
    });
    expect((await good.ended).code).toBe(3);
  });

  it("another command is named", async () => {
    const port = await freePort();
    const members = [1, 2].map((rank) =>
      startMember(port, rank, 3, rank === 2 ? { command: "another" } : {}),
    );
    const { code, message } = await codeOf(joinAsRankZero(port, 3));
    expect(code).toBe("invalid-value");
    expect(message).toBe('Ranks 0 and 2 differ in command: "test" and "another".');
    for (const { ended } of members) expect((await ended).code).toBe(3);
  });

  it("another number of ranks is named", async () => {
    const port = await freePort();
    const member = startMember(port, 1, 4);
    const { message } = await codeOf(joinAsRankZero(port, 2));
    expect(message).toContain("counts 4 ranks, and rank 0 counts 2");
    expect((await member.ended).code).toBe(3);
  });

  it("another backend is named", async () => {
    const port = await freePort();
    const member = startMember(port, 1, 2, { inner: "reference" });
    const ranks = await joinAsRankZero(port, 2);
    const { code, message } = await codeOf(createRanksBackend(inner.cpu!, { shards: 2, ranks }));
    expect(code).toBe("invalid-value");
    expect(message).toBe(
      "Rank 1 computes with the backend reference in float64 with shared noise, and rank 0 with the backend cpu in float32 with shared noise.",
    );
    expect((await member.ended).code).toBe(3);
    await ranks.close();
  });

  it("another patience is named", async () => {
    const port = await freePort();
    const member = startMember(port, 1, 2, { patience: 30 });
    const { message } = await codeOf(joinAsRankZero(port, 2));
    expect(message).toBe('Ranks 0 and 1 differ in their patience: "20 seconds" and "30 seconds".');
    expect((await member.ended).code).toBe(3);
  });

  it("a rank that does not come in time is named", async () => {
    const port = await freePort();
    const member = startMember(port, 1, 3);
    const { code, message } = await codeOf(joinAsRankZero(port, 3, 5));
    expect(code).toBe("unavailable");
    expect(message).toBe("Rank 2 did not arrive within 5 seconds.");
    expect((await member.ended).code).toBe(3);
  });
});

it("strangers that speak another language change nothing", async () => {
  const { connect } = await import("node:net");
  const port = await freePort();
  const joining = joinAsRankZero(port, 2);
  const stranger = connect(port, "127.0.0.1");
  stranger.on("error", () => {});
  stranger.write("GET / HTTP/1.1\r\n\r\n".repeat(100));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const member = startMember(port, 1, 2);
  const ranks = await joining;
  await ranks.close();
  expect((await member.ended).code).toBe(0);
  stranger.destroy();
});

it("a process cannot serve as rank 0, and other ranks open no backend", async () => {
  const port = await freePort();
  const member = startMember(port, 1, 2);
  const { serveRank } = await import("@neural-langevin/backend-ranks");
  const ranks = await joinAsRankZero(port, 2);
  expect((await codeOf(serveRank(ranks, inner.cpu!))).code).toBe("invalid-value");
  await ranks.close();
  expect((await member.ended).code).toBe(0);
});
