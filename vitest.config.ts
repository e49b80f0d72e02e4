import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // The sources themselves, without a build: the custom condition comes first, the rest stays as it is.
  resolve: { conditions: ["@multichat/source", ...defaultServerConditions] },
  ssr: { resolve: { conditions: ["@multichat/source", ...defaultServerConditions] } },
  test: {
    include: ["{packages,apps,examples,scripts}/**/test/**/*.test.ts", "{packages,apps,examples}/*/test/**/*.test.tsx"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // On a machine that is shared with others a real server, broker or browser may once be late. A run by hand shows it
    // at once; a CI run tries such a test a second time, and its log names it.
    retry: process.env.CI === undefined ? 0 : 1,
    // Many of the tests wait for another process: on two cores two files at a time take half the time of one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
