import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";
import { PREACT_ALIASES } from "./apps/web/preact-aliases.ts";
import { bundleEntries } from "./scripts/lib/tests/bundled-entries.mjs";
import { needsOwnProcess } from "./scripts/lib/tests/own-process.mjs";
import { TestOrder } from "./scripts/lib/tests/test-order.mjs";

// Test files and the servers that they start load the same few hundred modules hundreds of times: they are compiled once.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, ".cache", "compile");

const TESTS = [
  "{packages,apps,examples,bench,scripts}/**/test/**/*.test.ts",
  "{packages,apps,examples}/*/test/**/*.test.tsx",
];
const ownProcess = globSync(TESTS, { cwd: import.meta.dirname, exclude: ["**/node_modules/**"] })
  .map((path) => path.split(sep).join("/"))
  .filter(needsOwnProcess);

// A run that watches for changes starts the sources as they are then.
const isSingleRun = process.argv.includes("run");

export default defineConfig({
  // Runs the sources without a build: the custom condition comes first, the defaults follow.
  resolve: { conditions: ["@multichat/source", ...defaultServerConditions], alias: PREACT_ALIASES },
  ssr: { resolve: { conditions: ["@multichat/source", ...defaultServerConditions] } },
  test: {
    projects: [
      { extends: true, test: { name: "own process", include: ownProcess } },
      {
        extends: true,
        test: {
          name: "shared processes",
          include: TESTS,
          exclude: [...configDefaults.exclude, ...ownProcess],
          isolate: false,
        },
      },
    ],
    // These bounds only catch a hang. A test waits for a condition and must pass however busy the machine is.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    expect: { poll: { timeout: 300_000, interval: 20 } },
    // The aliases apply only to what vitest transforms.
    server: { deps: { inline: ["wouter"] } },
    execArgv: isSingleRun ? [`--import=${await bundleEntries()}`] : [],
    env: { CHANNELS_TEST_TIMEOUT_MS: "300000" },
    sequence: { sequencer: TestOrder },
    // Many tests wait for another process, so more files than cores run at a time.
    maxWorkers: availableParallelism() + 2,
  },
});
