// Folders with those above them, also where the system makes none.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder } from "../src/make-folder.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("making a folder", () => {
  it("makes those above it, and says which was the first", async () => {
    expect(await makeFolder(join(folder, "a", "b", "c"))).toBe(join(folder, "a"));
    expect(statSync(join(folder, "a", "b", "c")).isDirectory()).toBe(true);
    expect(await makeFolder(join(folder, "a", "b", "d"))).toBe(join(folder, "a", "b", "d"));
    expect(await makeFolder(join(folder, "a"))).toBeUndefined();
  });

  it("by many at once makes it once for each", async () => {
    const path = join(folder, "many", "deep");
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it("is refused where a file has the name, or one above it", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(folder, "file", "x"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  // Node's own recursive mkdir never returns here.
  it.runIf(process.platform === "linux")("ends where the file system takes none", async () => {
    await expect(makeFolder("/proc/no-such-folder/x")).rejects.toMatchObject({
      code: "unavailable",
      message:
        "The folder /proc/no-such-folder cannot be made: its file system does not allow new folders.",
    });
  });
});
