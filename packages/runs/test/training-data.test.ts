// Equal settings choose equal images in equal order, wherever JavaScript runs.
import { createHash, webcrypto } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { completeSettings, prepareData } from "../src/index.js";
import { codeOf } from "./known.js";

const set = {
  width: 3,
  height: 2,
  count: 40,
  pixels: Uint8Array.from({ length: 40 * 6 }, (_, at) => (at * at) % 256),
  labels: Uint8Array.from({ length: 40 }, (_, at) => at % 4),
  source: "made up",
};
const settings = completeSettings({ labels: [1, 3], images: 12, "held-out": 5, seed: 7 });

/** What a page has in place of Node: no modules of its own. */
const pageProcess = { ...process, getBuiltinModule: undefined };

afterEach(() => vi.unstubAllGlobals());

it("data are the same in Node and with a browser's globals", async () => {
  const inNode = await prepareData(set, settings);
  vi.stubGlobal("process", pageProcess);
  vi.stubGlobal("Buffer", undefined);
  vi.stubGlobal("crypto", { subtle: webcrypto.subtle });
  const inBrowser = await prepareData(set, settings);
  vi.unstubAllGlobals();
  expect(inBrowser).toEqual(inNode);
  const { training, heldOut, states, heldOutRates, units, sha256 } = inNode;
  expect([training.count, heldOut.count, units]).toEqual([12, 5, 6]);
  expect([...training.labels!, ...heldOut.labels!].every((label) => label % 2 === 1)).toBe(true);
  expect([states.length, heldOutRates.length]).toEqual([12 * 6, 5 * 6]);
  expect(sha256).toBe(createHash("sha256").update(training.pixels).digest("hex"));
});

it("all images can be learned, with none kept for evaluation", async () => {
  const { training, heldOut } = await prepareData(set, completeSettings({ "held-out": 0 }));
  expect([training.count, heldOut.count]).toEqual([40, 0]);
});

it("units that are not an image, and a page without Web Crypto, are refused", async () => {
  await expect(prepareData(set, { ...settings, units: 7 })).rejects.toThrow(
    "7 units do not fit images of 3 × 2 pixels.",
  );
  vi.stubGlobal("process", pageProcess);
  vi.stubGlobal("crypto", undefined);
  expect(await codeOf(prepareData(set, settings))).toBe("unavailable");
});

it("preparing them stops when it is told to, also while kinds of labels are found", async () => {
  const signal = { aborted: true };
  expect(await codeOf(prepareData(set, settings, { signal }))).toBe("aborted");
  const withKinds = completeSettings({ "label-units": 2, "label-kinds": 2, "held-out": 0 });
  let asked = 0;
  const late = {
    get aborted() {
      return ++asked > 6;
    },
  };
  await expect(prepareData(set, withKinds, { signal: late })).rejects.toThrow(
    "Clustering was stopped",
  );
});
