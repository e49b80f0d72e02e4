import { availableParallelism } from "node:os";
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // The sources themselves, without a build: the custom condition comes first, the rest stays as it is.
  resolve: { conditions: ["@multichat/source", ...defaultServerConditions] },
  ssr: { resolve: { conditions: ["@multichat/source", ...defaultServerConditions] } },
  test: {
    include: [
      "{packages,apps,examples,bench,scripts}/**/test/**/*.test.ts",
      "{packages,apps,examples}/*/test/**/*.test.tsx",
    ],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Many of the tests wait for another process: on two cores two files at a time take half the time of one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
