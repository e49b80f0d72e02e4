import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { TestOrder } from "../scripts/lib/tests/test-order.mjs";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["src/report-failures.ts"],
    sequence: { sequencer: TestOrder },
    // Each file has a browser and a server of its own.
    maxWorkers: 2,
    // These bounds only catch a hang. A test waits for a condition and must pass however busy the machine is.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 300_000, interval: 50 } },
  },
});
