// What people see: progress on a terminal and in a pipe, numbers, durations, paragraphs, and how a run ends.
import { type ErrorCode, LangevinError, type Progress } from "@neural-langevin/core";
import { describe, expect, it, vi } from "vitest";
import { exitStatus } from "../src/program.js";
import { showProgress } from "../src/terminal/progress.js";
import { openTerminal } from "../src/terminal/terminal.js";
import { describeBackends } from "../src/text/backends.js";
import { alignTable, counted, formatDuration, formatNumber, wrapText } from "../src/text/format.js";

/** A terminal that remembers what was written, on either stream. */
function recorded(isTTY: boolean, json = false) {
  const written = { stdout: "", stderr: "" };
  const terminal = openTerminal(
    {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text), isTTY, columns: 80 },
      interrupted: new AbortController().signal,
    },
    json,
  );
  return { terminal, written };
}

const step = (done: number, task = "sampling"): Progress => ({
  task,
  done,
  total: 200,
  unit: "steps",
  values: { temperature: 0.6, energy: 12.34 },
});

describe("progress", () => {
  it("is a line that is redrawn, and stays when the work is done", () => {
    vi.useFakeTimers();
    const { terminal, written } = recorded(true);
    const show = showProgress(terminal);
    vi.advanceTimersByTime(2000);
    show(step(50));
    expect(written.stderr.replace("\r\u001b[K", "redrawn: ")).toMatch(
      /^redrawn: Sampling ━+─+ {2}25 % {2}25 steps\/s {2}0:06 left {2}T = 0\.6, energy 12\.3$/,
    );
    vi.advanceTimersByTime(6000);
    show(step(200));
    expect(written.stderr.split("\r\u001b[K").at(-1)).toMatch(
      /^Sampling ━+ 100 % {2}25 steps\/s {2}0:08 in all .*\n$/,
    );
    vi.useRealTimers();
  });

  it("counts a second task from where the first one ended", () => {
    vi.useFakeTimers();
    const { terminal, written } = recorded(false);
    const show = showProgress(terminal);
    vi.advanceTimersByTime(4000);
    show(step(200));
    vi.advanceTimersByTime(2000);
    show(step(100, "cooling"));
    expect(written.stderr.split("\n").slice(0, 2)).toEqual([
      "Sampling: 200 of 200 steps, 50 steps/s, 0:04 in all, T = 0.6, energy 12.3",
      "Cooling: 100 of 200 steps, 50 steps/s, 0:02 left, T = 0.6, energy 12.3",
    ]);
    // Work of the same name, but of another length, is a task of its own.
    vi.advanceTimersByTime(2000);
    show({ ...step(200, "cooling"), total: 400 });
    expect(written.stderr.split("\n").at(-2)).toMatch(/^Cooling: 200 of 400 steps, 100 steps\/s/);
    vi.useRealTimers();
  });

  it("says nothing before anything is done, and little in a pipe", () => {
    vi.useFakeTimers();
    const { terminal, written } = recorded(false);
    const show = showProgress(terminal);
    show(step(0));
    expect(written.stderr).toBe("");
    for (let done = 1; done < 200; done++) {
      vi.advanceTimersByTime(100);
      show(step(done));
    }
    // Twenty seconds, and a line every ten.
    expect(written.stderr.trim().split("\n")).toHaveLength(2);
    vi.useRealTimers();
  });

  it("gives way to what is printed and to the result", () => {
    const { terminal, written } = recorded(true);
    terminal.showStatus("half");
    terminal.print("It stopped.");
    expect(written.stderr).toBe("\r\u001b[Khalf\r\u001b[KIt stopped.\n");
    terminal.print();
    expect(written.stderr.endsWith("It stopped.\n\n")).toBe(true);
    terminal.showStatus("again");
    terminal.result({ a: 1 }, "one");
    expect(written.stderr.endsWith("again\r\u001b[K")).toBe(true);
    expect(written.stdout).toBe("one\n");
    const { terminal: machine, written: object } = recorded(false, true);
    machine.result({ a: 1 }, "one");
    expect(object.stdout).toBe('{"a":1}\n');
  });
});

describe("words", () => {
  it("list backends beside names of any width, in no more than the columns there are", () => {
    const reason = `the native kernel ${"cannot be loaded ".repeat(6)}here`;
    const modes = ["avx512-bf16", "plain"].map((mode) => {
      return { name: `cpu:${mode}`, mode, available: false as const, reason };
    });
    const lines = describeBackends([{ id: "cpu", description: "the processor", modes }], 80);
    expect(lines.join("\n").split("\n").slice(0, 4)).toEqual([
      "cpu            the processor",
      "  :avx512-bf16 unavailable: the native kernel cannot be loaded cannot be loaded",
      "               cannot be loaded cannot be loaded cannot be loaded cannot be",
      "               loaded here",
    ]);
  });

  it("show numbers with three digits", () => {
    const shown = [0, 1, -2.345, 123.4, 12_345.6, 1e6, 0.001, Number.NaN].map(formatNumber);
    expect(shown).toEqual(["0", "1", "-2.35", "123", "12,346", "1.00e+6", "1.00e-3", "–"]);
  });

  it("show durations as a clock does", () => {
    expect([0, 59.6, 600, 3661, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual([
      "0:00",
      "1:00",
      "10:00",
      "1:01:01",
      "–",
    ]);
  });

  it("break paragraphs, and align tables also under combining marks", () => {
    expect(wrapText("one two three four", 9)).toBe("one two\nthree\nfour");
    expect(wrapText("one two three four", 9, "  ")).toBe("one two\n  three\n  four");
    expect(
      alignTable([
        ["", "R̂"],
        ["energy", "1.01"],
      ]),
    ).toEqual([`  ${" ".repeat(6)}     R̂`, "  energy  1.01"]);
  });
});

describe("the exit status", () => {
  it("tells failed work, bad input and Ctrl-C apart, for every code", () => {
    const codes = (status: number) =>
      (Object.keys(exitStatus) as ErrorCode[]).filter((code) => exitStatus[code] === status);
    expect(codes(1)).toEqual(["device-failed", "device-lost", "closed"]);
    expect(codes(3)).toEqual(["diverged"]);
    expect(codes(130)).toEqual(["aborted"]);
    expect(codes(2)).toContain("invalid-value");
    expect(exitStatus[new LangevinError("device-lost", "The device is gone.").code]).toBe(1);
  });
});

describe("counts", () => {
  it("are singular for one", () => {
    expect([counted(1, "update"), counted(0, "update")]).toEqual(["1 update", "0 updates"]);
  });
});
