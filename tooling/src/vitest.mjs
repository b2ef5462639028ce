// The test settings that every package shares: a report that the root command counts.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: [["default", { summary: false }], "json"],
    outputFile: { json: "test-report.json" },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // A machine that does much else at the time is slow, not wrong.
    expect: { poll: { timeout: 60_000 } },
  },
});
