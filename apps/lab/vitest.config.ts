// The shared settings, with more time: a page in a browser beside programs that take both cores is slow, not wrong.
import shared from "@neural-langevin/tooling/vitest";
import { mergeConfig } from "vitest/config";

export default mergeConfig(shared, {
  test: { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: 240_000 } } },
});
