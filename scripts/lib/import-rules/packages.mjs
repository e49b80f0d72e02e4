// The packages and applications as wholes: the published ones know nothing of the chat server.

/** Where a package may be entered from outside. Matches the `exports` of its package.json. */
export const ENTRY = {
  channels: "^packages/channels/src/index\\.ts$",
  layer: "^packages/channels/src/layer/index\\.ts$",
  presence: "^packages/channels/src/presence/index\\.ts$",
  channelsProtocol: "^packages/channels/src/protocol/index\\.ts$",
  testing: "^packages/channels/src/testing/(contract/)?index\\.ts$",
  channelsRedis: "^packages/channels-redis/src/index\\.ts$",
  protocol: "^packages/protocol/src/(index|schemas|(markup|search|passwords)/index)\\.ts$",
  client: "^packages/client/src/index\\.ts$",
};

export const OURS = "^(packages|apps|examples|bench|e2e|scripts)/";

const TESTS = "(^|/)(test|bench|e2e)/";

/** @type {import("./area.mjs").RuleSet} */
export const PACKAGES = {
  areas: [
    { name: "channels", path: "^packages/channels/src/", within: OURS, allowed: [] },
    {
      name: "channels-redis",
      path: "^packages/channels-redis/src/",
      within: OURS,
      allowed: [ENTRY.layer, ENTRY.presence],
    },
    { name: "protocol", path: "^packages/protocol/src/", within: OURS, allowed: [] },
    { name: "client", path: "^packages/client/src/", within: OURS, allowed: [ENTRY.protocol] },
    {
      name: "server",
      path: "^apps/server/(src|bin)/",
      within: OURS,
      allowed: [ENTRY.channels, ENTRY.layer, ENTRY.channelsRedis, ENTRY.protocol, "^apps/server/dist/"],
    },
    { name: "web", path: "^apps/web/", within: OURS, allowed: [ENTRY.client, ENTRY.protocol] },
    {
      name: "examples",
      path: "^examples/[^/]+/src/",
      within: OURS,
      allowed: [ENTRY.channels, ENTRY.layer, ENTRY.channelsRedis],
    },
  ],
  rules: [
    {
      name: "no-cycle",
      severity: "error",
      comment: "modules must not import each other in a cycle",
      from: { path: OURS },
      to: { circular: true },
    },
    {
      name: "only-tests-import-testing",
      severity: "error",
      comment: "@multichat/channels/testing is for tests",
      from: { path: OURS, pathNot: [TESTS, "^packages/channels/src/testing/"] },
      to: { path: "^packages/channels/src/testing/" },
    },
    {
      name: "testing-needs-no-test-runner",
      severity: "error",
      comment: "@multichat/channels/testing works under any test runner; testing/contract needs vitest and fast-check",
      from: { path: "^packages/channels/src/testing/(?!contract/)" },
      to: { path: "^packages/channels/src/testing/contract/" },
    },
    {
      name: "package-entry-points-only",
      severity: "error",
      comment: "another package is imported through its exports",
      from: { path: "^(packages|examples|apps)/([^/]+)/" },
      to: { path: OURS, pathNot: ["^$1/$2/", "/node_modules/", ...Object.values(ENTRY)] },
    },
    {
      name: "benchmarks-use-exports",
      severity: "error",
      comment:
        "benchmarks use what is exported; the fuzzer enters the readers of input, the crash test, the accounts and the large database the store",
      from: { path: "^bench/(src|test)/", pathNot: "^bench/src/(fuzz|crash-test|data|accounts)/" },
      to: { path: OURS, pathNot: ["^bench/", "/node_modules/", "^apps/server/bin/", ...Object.values(ENTRY)] },
    },
    {
      name: "packages-by-name",
      severity: "error",
      comment: "another package is imported by its name, never by a relative path",
      from: { path: "^(packages|examples|apps)/([^/]+)/" },
      to: { path: OURS, pathNot: ["^$1/$2/"], dependencyTypes: ["local"] },
    },
    {
      name: "sources-import-no-tests",
      severity: "error",
      comment: "shipped code must not import tests, benchmarks or scripts",
      from: { path: "^(packages|apps|examples)/[^/]+/src/" },
      to: { path: "(^|/)(test|bench|e2e|scripts)/", pathNot: "node_modules" },
    },
    {
      name: "declared-dependencies",
      severity: "error",
      comment: "shipped code imports only what its package.json lists under dependencies",
      from: { path: "^(packages|apps/server|examples)/.*src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer", "type-only"] },
    },
    {
      name: "resolvable",
      severity: "error",
      comment: "every import must resolve",
      from: { path: OURS },
      to: { couldNotResolve: true },
    },
  ],
  modules: [
    "packages/channels-redis/src/index.ts",
    "packages/protocol/src/index.ts",
    "packages/protocol/src/schemas.ts",
    "packages/protocol/src/markup/index.ts",
    "packages/protocol/src/markup/blocks.ts",
    "packages/protocol/src/errors.ts",
    "examples/tutorial/src/index.ts",
    "bench/src/fanout.ts",
    "e2e/src/browser.ts",
    "packages/client/src/cycle-a.ts",
    "packages/client/src/cycle-b.ts",
  ],
  violations: [
    ["imports-of-channels", "packages/channels/src/layer", "@multichat/protocol"],
    ["imports-of-channels-redis", "packages/channels-redis/src", "@multichat/channels"],
    ["imports-of-protocol", "packages/protocol/src", "@multichat/channels/layer"],
    ["imports-of-client", "packages/client/src", "@multichat/channels"],
    ["imports-of-server", "apps/server/src/http", "@multichat/client"],
    ["imports-of-server", "apps/server/src/http", "../../../web/src/main.ts"],
    ["imports-of-web", "apps/web/src/features", "@multichat/channels"],
    ["imports-of-web", "apps/web/src/features", "../../../server/src/main.ts"],
    ["imports-of-examples", "examples/tutorial/src", "@multichat/protocol"],
    ["only-tests-import-testing", "apps/server/src/consumers", "@multichat/channels/testing"],
    ["testing-needs-no-test-runner", "packages/channels/src/testing", "./contract/index.ts"],
    ["package-entry-points-only", "packages/channels-redis/test", "../../channels/src/layer/in-memory-layer.ts"],
    ["package-entry-points-only", "apps/web/src/markup", "../../../../packages/protocol/src/markup/blocks.ts"],
    ["benchmarks-use-exports", "bench/src/fanout", "../../../packages/protocol/src/markup/blocks.ts"],
    ["packages-by-name", "packages/client/src", "../../protocol/src/index.ts"],
    ["sources-import-no-tests", "apps/server/src/cli", "../../../../e2e/src/browser.ts"],
    ["declared-dependencies", "packages/client/src", "planted-dev-dependency"],
    ["resolvable", "packages/client/src", "./missing.ts"],
    ["no-cycle", "packages/client/src/cycle-a.ts", "./cycle-b.ts"],
  ],
  permitted: [
    ["bench/src/fuzz", "../../../packages/protocol/src/markup/blocks.ts"],
    ["bench/src/crash-test", "../../../packages/protocol/src/markup/blocks.ts"],
    ["bench/src/accounts", "../../../packages/protocol/src/markup/blocks.ts"],
    ["bench/src/data", "../../../packages/protocol/src/markup/blocks.ts"],
    ["bench/src/fanout", "@multichat/protocol"],
    ["packages/channels-redis/src", "@multichat/channels/layer"],
    ["packages/channels-redis/test", "@multichat/channels/testing"],
    ["packages/channels-redis/test", "@multichat/channels/testing/contract"],
    ["packages/client/src", "@multichat/protocol"],
    ["examples/tutorial/src", "@multichat/channels"],
  ],
};
