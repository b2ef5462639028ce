// The contract in Node on a GL context. gl is no part of the installation: `node tooling/build-headless-gl.mjs` compiles
// it, and a child process under an X display of its own finds it through NODE_PATH.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Verification } from "@neural-langevin/backend-testkit";
import type { DeviceReport } from "@neural-langevin/core";
import { findHeadlessGl, findXvfb } from "@neural-langevin/tooling/headless-gl";
import { beforeAll, describe, expect, it } from "vitest";
import { type Endurance, expectEndurance } from "./expect-endurance.js";

const modules = findHeadlessGl();
const xvfb = findXvfb();

describe.skipIf(!modules || !xvfb)("headless GL in Node", () => {
  let found: {
    chosen: DeviceReport;
    verification: Verification;
    counts: Endurance;
  };

  beforeAll(async () => {
    const script = fileURLToPath(new URL("headless.js", import.meta.url));
    const { stdout } = await promisify(execFile)(xvfb!, ["-a", process.execPath, script], {
      env: { ...process.env, NODE_PATH: modules! },
    });
    found = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
  }, 240_000);

  it("is chosen where a context opens, and named", () => {
    expect(found.chosen.details[0]).toBe("gpu.js in the mode headlessgl");
    expect(found.chosen.label).toContain("stack-gl");
  });

  it("holds the contract", () => {
    expect(found.verification.outcomes.length).toBeGreaterThan(40);
    expect(found.verification.outcomes.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
  });

  it("keeps states on the device and loses no texture", () => expectEndurance(found.counts));
});
