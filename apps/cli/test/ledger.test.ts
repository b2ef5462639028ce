// What a run promises: its split never changes, its data are its own, its folder keeps what others put there, and no
// ending loses work.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, parsePng } from "@neural-langevin/datasets";
import { type Manifest, openSafetensors, parseMetrics, type Split } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main, nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const read = (...names: string[]) => readFileSync(at(...names), "utf8");
const small = ["--data", "random.npy", "--chains", "8", "--batch", "8", "--threads", "1"];
const bits = (count: number, seed: number) =>
  Uint8Array.from({ length: count * 36 }, (_, place) => ((place * 7919 + seed) ** 2 % 101) * 2);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nlm-ledger-"));
  writeFileSync(at("random.npy"), encodeNpy(bits(60, 1), [60, 6, 6]));
  const args = ["train", ...small, "--held-out", "20", "--updates", "6", "--out", "run"];
  const { status, stderr } = await nlm([...args, "--checkpoint-every", "3"], folder);
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const evaluated = async (...args: string[]) => {
  const ended = await nlm(["evaluate", ...args, "--steps", "5", "--json"], folder);
  return { status: ended.status, ...JSON.parse(ended.stdout) };
};

describe("the split of a run", () => {
  it("is written down, and is a tenth of the images unless more are asked for", async () => {
    const split = JSON.parse(read("run", "split.json")) as Split;
    expect([split.training.length, split.heldOut.length, split.count]).toEqual([40, 20, 60]);
    expect(new Set([...split.training, ...split.heldOut]).size).toBe(60);
    const args = ["train", ...small, "--updates", "1", "--out", "tenth"];
    expect((await nlm(args, folder)).status).toBe(0);
    expect((JSON.parse(read("tenth", "split.json")) as Split).heldOut).toHaveLength(6);
  });

  it("is of a seed of its own, which other seeds do not change", async () => {
    const splits: Split[] = [];
    for (const seed of ["1", "2"]) {
      const args = ["train", ...small, "--updates", "1", "--seed", seed, "--split-seed", "9"];
      expect((await nlm([...args, "--out", `seed-${seed}`], folder)).status).toBe(0);
      splits.push(JSON.parse(read(`seed-${seed}`, "split.json")));
    }
    expect(splits[0]).toEqual(splits[1]);
  });

  it("stays when it is evaluated with another seed, and no learned image becomes a held-out one", async () => {
    expect(await evaluated("run", "--seed", "5")).toMatchObject({ status: 0, images: 20 });
    const refused = await evaluated("run", "--held-out", "45");
    expect(refused).toMatchObject({
      status: 2,
      error: { message: "45 images are asked for, but the machine kept back 20." },
    });
    expect(await evaluated("run", "--held-out", "5")).toMatchObject({ status: 0, images: 5 });
  });

  it("is found from a checkpoint's file, and a checkpoint by its update", async () => {
    const file = join("run", "checkpoints", "000000003.safetensors");
    const byFile = await evaluated(file, "--seed", "5");
    const byUpdate = await evaluated("run", "--checkpoint", "3", "--seed", "5");
    expect(byFile).toMatchObject({ status: 0, images: 20 });
    const called = { at: byFile.at, command: byFile.command, run: byFile.run };
    expect({ ...byUpdate, ...called }).toEqual(byFile);
    expect((await evaluated("run", "--checkpoint", "4")).error.code).toBe("not-found");
  });

  it("takes the test part of the data where it is wanted", async () => {
    mkdirSync(at("parts"));
    const idx = (count: number, seed: number) =>
      Buffer.concat([
        Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 6, 0, 0, 0, 6]),
        bits(count, seed),
      ]);
    writeFileSync(at("parts", "train-images-idx3-ubyte"), idx(60, 1));
    writeFileSync(at("parts", "t10k-images-idx3-ubyte"), idx(30, 2));
    const args = ["train", ...small, "--data", "parts", "--updates", "1", "--out"];
    const asked = await nlm([...args, "tested", "--held-out-from", "test"], folder);
    expect(asked.status, asked.stderr).toBe(0);
    const split = JSON.parse(read("tested", "split.json")) as Split;
    expect([split.training.length, split.heldOut.length]).toEqual([60, 30]);
    expect(await evaluated("tested")).toMatchObject({ images: 30 });
    expect((await nlm([...args, "split"], folder)).status).toBe(0);
    expect(await evaluated("split")).toMatchObject({ images: 6 });
    const { data } = JSON.parse(read("split", "manifest.json")) as Manifest;
    const tested = await evaluated("split", "--test");
    expect(tested).toMatchObject({ status: 0, images: 30, data: { sha256: data.sha256 } });
    const fewer = await evaluated("split", "--test", "--held-out", "7");
    expect(fewer).toMatchObject({ images: 7, data: { heldOutFrom: "test" } });
    // The run's own data are compared as without --test.
    for (const [part, run] of [
      ["train", "split"],
      ["t10k", "tested"],
    ] as const) {
      const file = at("parts", `${part}-images-idx3-ubyte`);
      const bytes = readFileSync(file);
      writeFileSync(
        file,
        Uint8Array.from(bytes, (byte, place) => (place < 16 ? byte : 255 - byte)),
      );
      expect((await evaluated(run, "--test")).error.code).toBe("bad-file");
      writeFileSync(file, bytes);
    }
  });

  it("holds where its data are named, for its exported machine, and for a training that begins with it", async () => {
    const args = ["train", ...small, "--updates", "1", "--held-out", "10"];
    const begun = await nlm(
      [...args, "--images", "30", "--split-seed", "4", "--out", "first"],
      folder,
    );
    expect(begun.status, begun.stderr).toBe(0);
    writeFileSync(at("copy.npy"), readFileSync(at("random.npy")));
    expect((await nlm(["export", "first", "--out", "first.safetensors"], folder)).status).toBe(0);
    const tuning = [...args.slice(0, -1), "3", "--split-seed", "8"];
    for (const machine of ["first", "first.safetensors"]) {
      const out = `tuned-${machine}`;
      expect((await nlm([...tuning, "--from", machine, "--out", out], folder)).status).toBe(0);
      const { training, heldOut } = JSON.parse(read(out, "split.json")) as Split;
      const kept = (JSON.parse(read("first", "split.json")) as Split).heldOut;
      expect(heldOut.filter((place) => kept.includes(place))).toHaveLength(3);
      expect([training.length, new Set([...training, ...heldOut]).size]).toEqual([57, 60]);
      const more = await nlm(
        [...args, "--from", machine, "--held-out", "11", "--out", "no"],
        folder,
      );
      expect(more.stderr.replace(/\n/g, " ")).toMatch(/only 10 of \S+random.npy were kept back by/);
    }
    const exporting = ["export", "tuned-first", "--out", "tuned.safetensors"];
    expect((await nlm(exporting, folder)).status).toBe(0);
    for (const [machine, run, count] of [
      ["first", "first", 10],
      ["first.safetensors", "first", 10],
      ["tuned.safetensors", "tuned-first", 3],
    ] as const) {
      const { sha256, heldOutSha256 } = (JSON.parse(read(run, "manifest.json")) as Manifest).data;
      const named = ["--data", "copy.npy"];
      expect(await evaluated(machine, ...named, "--seed", "3")).toMatchObject({
        images: count,
        data: { sha256, heldOutSha256 },
      });
      expect((await evaluated(machine, ...named, "--held-out", "20")).error.message).toBe(
        `20 images are asked for, but the machine kept back ${count}.`,
      );
    }
  });
});

describe("the data of a run", () => {
  it("are compared, and found from any folder", async () => {
    writeFileSync(at("mine.npy"), encodeNpy(bits(60, 3), [60, 6, 6]));
    const args = ["train", ...small, "--data", "mine.npy", "--updates", "2", "--out", "mine"];
    expect((await nlm(args, folder)).status).toBe(0);
    mkdirSync(at("elsewhere"));
    const elsewhere = await nlm(["evaluate", "../mine", "--steps", "2"], at("elsewhere"));
    expect(elsewhere.status, elsewhere.stderr).toBe(0);
    writeFileSync(at("mine.npy"), encodeNpy(bits(60, 4), [60, 6, 6]));
    for (const command of [
      ["evaluate", "mine"],
      ["train", "--resume", "mine"],
    ]) {
      const { status, stderr } = await nlm(command, folder);
      expect(status).toBe(2);
      expect(stderr.replace(/\n/g, " ")).toMatch(
        /is not what the run mine began with: the SHA-256/,
      );
    }
  });
});

describe("the record of a run", () => {
  const manifestOf = (run: string) => JSON.parse(read(run, "manifest.json")) as Manifest;
  const trained = async (out: string, ...more: string[]) => {
    const args = ["train", ...small, "--updates", "6", "--checkpoint-every", "2", "--out", out];
    const { status, stderr } = await nlm([...args, ...more], folder);
    expect(status, stderr).toBe(0);
  };
  const resumed = async (run: string, ...more: string[]) => {
    const { status, stdout } = await nlm(["train", "--resume", run, ...more, "--json"], folder);
    return { status, ...JSON.parse(stdout) };
  };

  it("says who made it where, and every time that it went on", async () => {
    await trained("ledger");
    const { host, command, started, ended, settings, resumed: before } = manifestOf("ledger");
    expect(host).toBe(hostname());
    expect(command!.slice(1)).toEqual(expect.arrayContaining(["train", "--out", "ledger"]));
    expect(Date.parse(ended!)).toBeGreaterThanOrEqual(Date.parse(started));
    expect([settings!.updates, before]).toEqual([6, undefined]);
    expect(await resumed("ledger", "--updates", "8", "--set", "rate=1e-4")).toMatchObject({
      status: 0,
      update: 8,
    });
    const after = manifestOf("ledger");
    expect(after.settings).toMatchObject({ updates: 8, rate: 1e-4 });
    expect(after.resumed).toMatchObject([
      { update: 6, host, changed: { updates: [6, 8], rate: [5e-4, 1e-4] } },
    ]);
    expect(read("ledger", "config.yaml")).toMatch(/^rate: 0.0001$/m);
    expect(await evaluated("ledger")).toMatchObject({ status: 0 });
  });

  it("refuses what somebody changed in config.yaml, by its name, unless it is taken", async () => {
    await trained("edited");
    const edited = read("edited", "config.yaml").replace("step-size: 0.01", "step-size: 0.02");
    writeFileSync(at("edited", "config.yaml"), edited);
    const problem = /says step-size: 0\.02, but the run has 0\.01/;
    for (const end of [await resumed("edited"), await evaluated("edited")]) {
      expect(end).toMatchObject({ status: 2, error: { message: expect.stringMatching(problem) } });
    }
    const taken = await resumed("edited", "--updates", "7", "--set", "step-size=0.02");
    expect(taken).toMatchObject({ status: 0, update: 7 });
    expect(manifestOf("edited").resumed![0]!.changed).toMatchObject({ "step-size": [0.01, 0.02] });
    expect(await evaluated("edited")).toMatchObject({ status: 0, dt: 0.02 });
    // What no run can change is not offered.
    writeFileSync(at("edited", "config.yaml"), edited.replace("chains: 8", "chains: 9"));
    const { error } = await resumed("edited");
    expect(error).toMatchObject({
      message: expect.stringMatching(/says chains: 9, but the run has 8/),
      remedy: "Put it back, or begin a new run with it.",
    });
  });

  it("keeps what it has learned from, and refuses what would be ignored", async () => {
    await trained("fixed");
    for (const [more, problem] of [
      [["--set", "chains=9"], /chains cannot change from 8 to 9/],
      [["--set", "held-out=1"], /held-out cannot change/],
      [["--updates", "3"], /has made 6 updates, so it cannot end after 3/],
      [["--rate", "1e-3"], /keeps its settings, so --rate cannot be given/],
      [["--set", "rate"], /--set takes NAME=VALUE/],
      [["--set", "ratte=1"], /--set ratte is not a setting/],
    ] as const) {
      const { status, error } = await resumed("fixed", ...more);
      expect([status, error.message]).toEqual([2, expect.stringMatching(problem)]);
    }
    for (const flag of [["--set", "rate=1"], ["--changed-data"], ["--time-limit", "x"]]) {
      expect((await nlm(["train", ...small, ...flag, "--out", "no"], folder)).status).toBe(2);
    }
    expect(manifestOf("fixed").resumed).toBeUndefined();
  });

  it("goes on with other data only when told to, and says so", async () => {
    writeFileSync(at("theirs.npy"), encodeNpy(bits(60, 5), [60, 6, 6]));
    await trained("theirs", "--data", "theirs.npy");
    const { sha256 } = manifestOf("theirs").data;
    writeFileSync(at("theirs.npy"), encodeNpy(bits(60, 6), [60, 6, 6]));
    expect(await resumed("theirs", "--updates", "7")).toMatchObject({ status: 2 });
    const accepted = await resumed("theirs", "--updates", "7", "--changed-data");
    expect(accepted).toMatchObject({ status: 0, update: 7 });
    const after = manifestOf("theirs");
    expect(after.data.sha256).not.toBe(sha256);
    expect(after.resumed![0]!.data).toEqual([sha256, after.data.sha256]);
    expect(await evaluated("theirs")).toMatchObject({ status: 0 });
  });

  it("goes on with other images that it kept back only when told to, too", async () => {
    const images = bits(60, 7);
    writeFileSync(at("kept.npy"), encodeNpy(images, [60, 6, 6]));
    await trained("kept", "--data", "kept.npy");
    const { sha256, heldOutSha256 } = manifestOf("kept").data;
    const [place] = JSON.parse(read("kept", "split.json")).heldOut;
    images[36 * place] = 255 - images[36 * place]!;
    writeFileSync(at("kept.npy"), encodeNpy(images, [60, 6, 6]));
    const { stderr } = await nlm(["evaluate", "kept"], folder);
    expect(stderr.replace(/\s+/g, " ")).toContain(`of what it keeps back is`);
    expect(await resumed("kept", "--updates", "7")).toMatchObject({ status: 2 });
    expect(await resumed("kept", "--updates", "7", "--changed-data")).toMatchObject({ status: 0 });
    const { data, resumed: [again] = [] } = manifestOf("kept");
    expect([data.sha256, again!.data]).toEqual([sha256, undefined]);
    expect(again!.heldOut).toEqual([heldOutSha256, data.heldOutSha256]);
  });

  it("names the checkpoints before one that is damaged, also for sampling", async () => {
    await trained("cut");
    truncateSync(at("cut", "checkpoints", "000000006.safetensors"), 1000);
    const draw = ["sample", "cut", "--steps", "1", "--out", "uncut"];
    const { status, stderr } = await nlm(draw, folder);
    expect([status, stderr.replace(/\s+/g, " ")]).toEqual([
      2,
      expect.stringContaining("Take one before it with --checkpoint: 2, 4."),
    ]);
    expect((await nlm([...draw, "--checkpoint", "4"], folder)).status).toBe(0);
  });

  it("keeps as many checkpoints as it is told to", async () => {
    await trained("last", "--keep", "last-2");
    expect(readdirSync(at("last", "checkpoints"))).toEqual([
      "000000004.safetensors",
      "000000006.safetensors",
    ]);
  });

  it("stops in time with a checkpoint, for a batch system to queue it again", async () => {
    const args = ["train", ...small, "--updates", "1000000", "--out", "queued"];
    const { status, stdout } = await nlm([...args, "--time-limit", "0:00:03", "--json"], folder);
    expect(status).toBe(75);
    const { update, checkpoint, resume, state } = JSON.parse(stdout);
    expect([state, existsSync(at(checkpoint))]).toEqual(["interrupted", true]);
    expect(resume).toMatch(/train --resume queued$/);
    expect(manifestOf("queued").state).toBe("interrupted");
    expect(await resumed("queued", "--updates", `${update}`)).toMatchObject({ status: 0 });
  });

  it("stops without a checkpoint where the time is over before there is a machine", async () => {
    const args = ["train", ...small, "--updates", "9", "--initial-bias", "data", "--out", "late"];
    // The clock of the process is ten seconds ahead.
    const ahead = "const now=performance.now.bind(performance);performance.now=()=>now()+1e4";
    const variables = {
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(ahead)}`,
    };
    const limited = [...args, "--time-limit", "10", "--json"];
    const { status, stdout } = await start(limited, folder, variables).ended;
    const { update, checkpoint, state } = JSON.parse(stdout);
    expect([status, update, checkpoint, state]).toEqual([75, 0, undefined, "interrupted"]);
    expect(manifestOf("late").state).toBe("interrupted");
    expect(await resumed("late", "--updates", "9")).toMatchObject({ status: 0, update: 9 });
  });

  it("lies beside every sample, and is in the result of every evaluation", async () => {
    const args = ["sample", "run", "--chains", "4", "--steps", "9", "--seed", "7"];
    const { status, stdout } = await nlm([...args, "--out", "drawn", "--json"], folder);
    expect(status).toBe(0);
    const record = JSON.parse(read("drawn", "sample.json"));
    expect(record).toEqual(JSON.parse(stdout));
    expect(record).toMatchObject({ seed: 7, steps: 9, dt: 0.01, temperature: 1, threads: 2 });
    expect(record.statesSha256).toBe(
      createHash("sha256")
        .update(readFileSync(at("drawn", "states.npy")))
        .digest("hex"),
    );
    const own = ["machineSha256", "backend", "device", "versions", "host", "command", "at"];
    const evaluation = await evaluated("run");
    for (const name of own) {
      expect(record[name], name).toBeDefined();
      expect(evaluation[name], name).toBeDefined();
    }
    const { sha256, heldOutSha256 } = manifestOf("run").data;
    expect(evaluation.data).toMatchObject({ sha256, heldOutSha256, splitSeed: 1 });
    expect(evaluation.standardErrors.A_S).toBeGreaterThan(0);
  });

  it("goes with a machine that is exported, with the size of its images", async () => {
    writeFileSync(at("wide.npy"), encodeNpy(bits(60, 7), [60, 4, 9]));
    await trained("wide", "--data", "wide.npy");
    expect((await nlm(["export", "wide", "--out", "wide.safetensors"], folder)).status).toBe(0);
    const { metadata } = openSafetensors(readFileSync(at("wide.safetensors")), "wide");
    expect(metadata).toMatchObject({
      shape: "4,9",
      dt: "0.01",
      temperature: "1",
      update: "6",
      data_sha256: manifestOf("wide").data.sha256,
      encoding: "atanh",
    });
    const before = ["export", "wide", "--checkpoint", "4", "--out", "before.safetensors"];
    expect((await nlm(before, folder)).status).toBe(0);
    const file = join("wide", "checkpoints", "000000004.safetensors");
    const [kept, written] = ["before.safetensors", file].map((name) => {
      const { read, metadata } = openSafetensors(readFileSync(at(name)), name);
      return [metadata.update, read("couplings").values, read("bias").values];
    });
    expect(kept).toEqual(written);
    // A checkpoint that left its run does not say what it learned.
    writeFileSync(at("alone.safetensors"), readFileSync(at(file)));
    for (const [machine, said] of [
      ["alone.safetensors", true],
      ["before.safetensors", false],
    ] as const) {
      const args = ["evaluate", machine, "--data", "wide.npy", "--steps", "2", "--json"];
      const { stdout, stderr } = await nlm(args, folder);
      expect(stderr.includes("it may have seen these images"), stderr).toBe(said);
      expect(JSON.parse(stdout).data.mayBeLearned ?? false).toBe(said);
    }
    const none = await nlm(["export", "wide", "--checkpoint", "5", "--out", "none.npz"], folder);
    expect([none.status, none.stderr.replace(/\s+/g, " ")]).toEqual([
      2,
      expect.stringContaining(
        "wide has no checkpoint of update 5. It has those of updates 2, 4, 6.",
      ),
    ]);
    const args = ["sample", "wide.safetensors", "--chains", "2", "--steps", "3", "--out", "flat"];
    expect((await nlm(args, folder)).status).toBe(0);
    const { width, height } = parsePng(readFileSync(at("flat", "grid.png")), "grid.png");
    expect(width).toBeGreaterThan(height);
  });
});

describe("the folder of a run", () => {
  it("keeps what others put there, and is not a folder without a name", async () => {
    const args = ["train", ...small, "--updates", "2", "--overwrite", "--out"];
    expect((await nlm([...args, "shared"], folder)).status).toBe(0);
    writeFileSync(at("shared", "notes.ipynb"), "mine");
    writeFileSync(at("shared", "figures", "paper.pdf"), "mine");
    expect((await nlm([...args, "shared"], folder)).status).toBe(0);
    expect(read("shared", "notes.ipynb") + read("shared", "figures", "paper.pdf")).toBe("minemine");
    mkdirSync(at("webapp"));
    writeFileSync(at("webapp", "manifest.json"), "{}");
    expect((await nlm([...args, "webapp"], folder)).status).toBe(2);
    const before = readdirSync(folder);
    const { status, stderr } = await nlm([...args, ""], folder);
    expect([status, stderr.trim()]).toEqual([
      2,
      "nlm: --out is empty. Give it a value, or leave it out.",
    ]);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("is not told what it would ignore", async () => {
    for (const more of [
      ["--resume", "run", "--out", "other"],
      ["--resume", "run", "--overwrite"],
      ["--from", "3"],
    ]) {
      expect((await nlm(["train", ...more], folder)).status, more.join(" ")).toBe(2);
    }
  });
});

describe("a training", () => {
  const long = [...small, "--updates", "100000", "--checkpoint-every", "100000", "--out"];
  const begun = async (out: string) => {
    const started = start(["train", ...long, out], folder);
    while (!existsSync(at(out, "metrics.jsonl")) || read(out, "metrics.jsonl") === "") {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return started;
  };

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("that %s stops keeps a checkpoint and ends with %i", async (signal, status) => {
    const { child, ended } = await begun(signal);
    child.kill(signal);
    expect((await ended).status).toBe(status);
    expect(readdirSync(at(signal, "checkpoints"))).toHaveLength(1);
    expect((JSON.parse(read(signal, "manifest.json")) as Manifest).state).toBe("interrupted");
    expect(existsSync(at(signal, "lock.json"))).toBe(false);
  });

  it("is written by one process, and one that was killed without a checkpoint begins anew", async () => {
    const { child, ended } = await begun("killed");
    const second = await nlm(["train", "--resume", "killed"], folder);
    expect(second.status).toBe(2);
    expect(second.stderr.replace(/\n/g, " ")).toMatch(/is being written by process \d+ on /);
    child.kill("SIGKILL");
    await ended;
    expect(read("killed", "metrics.jsonl")).not.toBe("");
    const again = start(["train", "--resume", "killed"], folder);
    while (!again.stderr().includes("Training:")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    again.child.kill("SIGINT");
    expect((await again.ended).stderr.replace(/\n/g, " ")).toMatch(
      /has no checkpoint yet, so it begins anew from update 0/,
    );
    const updates = parseMetrics(read("killed", "metrics.jsonl"), "").map(({ update }) => update);
    expect(updates).toEqual([...new Set(updates)].sort((a, b) => a - b));
  });

  it("goes on when nobody reads what it says", () => {
    const main = new URL("../dist/main.js", import.meta.url).pathname;
    const args = ["train", ...small, "--updates", "200", "--out", "unread"];
    const command = `"$0" "$@" 2> >(head -c 1 >/dev/null)`;
    const { status } = spawnSync("bash", ["-c", command, process.execPath, main, ...args], {
      cwd: folder,
      env: { ...process.env, NLM_CACHE: at("cache") },
    });
    expect(status).toBe(0);
    expect((JSON.parse(read("unread", "manifest.json")) as Manifest).state).toBe("finished");
  });
});

describe("a command", () => {
  it("of the clone counts paths from where its user stands", () => {
    const main = new URL("../dist/main.js", import.meta.url).pathname;
    const { status, stdout } = spawnSync(process.execPath, [main, "inspect", "random.npy"], {
      cwd: tmpdir(),
      encoding: "utf8",
      env: {
        ...process.env,
        INIT_CWD: folder,
        npm_lifecycle_script: "node apps/cli/dist/main.js",
        NLM_CACHE: at("cache"),
      },
    });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^random\.npy: NPY/)]);
  });

  it("on a machine whose training diverged says so", async () => {
    const args = ["train", ...small, "--updates", "400", "--out", "wild"];
    const { status } = await nlm([...args, "--rate", "10", "--step-size", "0.05"], folder);
    expect(status).toBe(3);
    const drawn = await nlm(["sample", "wild", "--steps", "1", "--out", "wilder"], folder);
    expect(drawn.stderr).toMatch(/The training of wild diverged; this is a state from before\./);
    const again = await nlm(["train", "--resume", "wild", "--updates", "500"], folder);
    expect(again.status).toBe(2);
    expect(again.stderr.replace(/\n/g, " ")).toMatch(
      /diverged, and with the same settings it would/,
    );
    const tamed = ["train", "--resume", "wild", "--updates", "3", "--set", "rate=1e-9"];
    expect((await nlm(tamed, folder)).status).toBe(0);
  });

  it("refuses the ending of a format that it cannot write", async () => {
    const { status, stderr } = await nlm(["export", "run", "--out", "a.pt"], folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /a\.pt ends in \.pt, which is not one of the formats npy, npz, safetensors/,
    );
    expect(existsSync(at("a.pt"))).toBe(false);
  });
});

describe("a place that cannot be written", () => {
  it("is refused in a sentence, before any work", async () => {
    writeFileSync(at("file"), "");
    mkdirSync(at("taken", "grid.png"), { recursive: true });
    for (const [out, problem] of [
      ["file", /file is not a folder, so no file can be written in it/],
      ["taken", /grid\.png is a folder, so it cannot be written as a file/],
      // The system says that root may write there.
      ...(existsSync("/proc/self")
        ? [["/proc/no", /in \/proc: its file system does not allow new files/] as const]
        : []),
    ] as const) {
      const { status, stderr } = await nlm(
        ["sample", "run", "--out", out, "--chains", "2"],
        folder,
      );
      expect(status).toBe(2);
      expect(stderr.replace(/\n/g, " ")).toMatch(problem);
      expect(stderr).not.toContain("Sampling");
    }
    const full = ["export", "run", "--format", "npz", "--out", "/dev/full", "--json"];
    const { status, stdout } = await nlm(full, folder);
    expect(status).toBe(2);
    expect(JSON.parse(stdout).error.message).toBe("/dev/full cannot be written: the disk is full.");
    const device = await nlm(["inspect", "/dev/zero", "--json"], folder);
    expect(JSON.parse(device.stdout).error.code).toBe("bad-file");
  });

  it.skipIf(process.platform === "win32")(
    "and too few files that may be open, are said before the program is there",
    () => {
      const limited = `ulimit -n 60; exec "${process.execPath}" "${main}" export run --json`;
      const { status, stdout, stderr } = spawnSync("sh", ["-c", limited], {
        cwd: folder,
        encoding: "utf8",
      });
      expect(status).toBe(2);
      expect(JSON.parse(stdout).error).toMatchObject({
        code: "unavailable",
        remedy: "Let more files be open (ulimit -n 256), or install it anew.",
      });
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );
});
