// Inside the framework: errors <- options <- layer <- consumer <- {routing, middleware, presence} <- {server, worker};
// options <- protocol <- commands, which are consumers of a declared protocol.
import { areasBelow } from "./area.mjs";

/** @type {import("./area.mjs").RuleSet} */
export const CHANNELS = {
  areas: areasBelow("channels", "packages/channels/src", {
    errors: [],
    options: ["errors"],
    layer: ["errors", "options"],
    consumer: ["errors", "options", "layer"],
    // Shared with browsers: it knows neither consumers nor layers.
    protocol: ["errors", "options"],
    commands: ["errors", "options", "layer", "consumer", "protocol"],
    routing: ["errors", "options", "layer", "consumer"],
    middleware: ["errors", "options", "layer", "consumer"],
    presence: ["errors", "options", "layer", "consumer"],
    server: ["errors", "options", "layer", "consumer", "routing", "middleware", "presence"],
    worker: ["errors", "options", "layer", "consumer", "routing", "middleware", "presence"],
    index: [
      "errors",
      "options",
      "layer",
      "consumer",
      "commands",
      "routing",
      "middleware",
      "presence",
      "server",
      "worker",
    ],
  }),
  rules: [],
  modules: [
    "packages/channels/src/index.ts",
    "packages/channels/src/errors.ts",
    "packages/channels/src/options.ts",
    "packages/channels/src/layer/index.ts",
    "packages/channels/src/layer/in-memory-layer.ts",
    "packages/channels/src/presence/index.ts",
    "packages/channels/src/protocol/index.ts",
    "packages/channels/src/consumer/consumer.ts",
    "packages/channels/src/routing/url-router.ts",
    "packages/channels/src/server/channel-server.ts",
    "packages/channels/src/testing/index.ts",
    "packages/channels/src/testing/contract/index.ts",
  ],
  violations: [
    ["imports-of-channels/errors", "packages/channels/src/errors", "../layer/in-memory-layer.ts"],
    ["imports-of-channels/options", "packages/channels/src/options", "../layer/in-memory-layer.ts"],
    ["imports-of-channels/layer", "packages/channels/src/layer", "../consumer/consumer.ts"],
    ["imports-of-channels/consumer", "packages/channels/src/consumer", "../routing/url-router.ts"],
    ["imports-of-channels/protocol", "packages/channels/src/protocol", "../consumer/consumer.ts"],
    ["imports-of-channels/commands", "packages/channels/src/commands", "../server/channel-server.ts"],
    ["imports-of-channels/routing", "packages/channels/src/routing", "../server/channel-server.ts"],
    ["imports-of-channels/middleware", "packages/channels/src/middleware", "../routing/url-router.ts"],
    ["imports-of-channels/presence", "packages/channels/src/presence", "../server/channel-server.ts"],
    ["imports-of-channels/server", "packages/channels/src/server", "../testing/index.ts"],
    ["imports-of-channels/worker", "packages/channels/src/worker", "../server/channel-server.ts"],
    ["imports-of-channels/index", "packages/channels/src/index", "../testing/index.ts"],
  ],
  permitted: [["packages/channels/src/server", "../routing/url-router.ts"]],
};
