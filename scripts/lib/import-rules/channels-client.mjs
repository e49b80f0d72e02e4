// Inside the framework's client: core <- connection <- calls <- events <- subscriptions <- client. The options of all are in one module,
// which knows the types of each.
import { areasBelow } from "./area.mjs";

/** @type {import("./area.mjs").RuleSet} */
export const CHANNELS_CLIENT = {
  areas: areasBelow("channels-client", "packages/channels-client/src", {
    core: [],
    connection: ["core", "options"],
    options: ["core", "connection"],
    calls: ["core", "connection", "options"],
    events: ["core", "calls"],
    subscriptions: ["core", "connection", "options", "calls", "events"],
    client: ["core", "connection", "options", "calls", "events", "subscriptions"],
  }),
  rules: [],
  modules: [
    "packages/channels-client/src/index.ts",
    "packages/channels-client/src/core/store.ts",
    "packages/channels-client/src/connection/connection.ts",
    "packages/channels-client/src/calls/calls.ts",
    "packages/channels-client/src/events/event-listeners.ts",
    "packages/channels-client/src/subscriptions/subscriptions.ts",
    "packages/channels-client/src/client.ts",
  ],
  violations: [
    ["imports-of-channels-client/core", "packages/channels-client/src/core", "../connection/connection.ts"],
    ["imports-of-channels-client/connection", "packages/channels-client/src/connection", "../calls/calls.ts"],
    ["imports-of-channels-client/options", "packages/channels-client/src/options", "../calls/calls.ts"],
    ["imports-of-channels-client/calls", "packages/channels-client/src/calls", "../events/event-listeners.ts"],
    ["imports-of-channels-client/events", "packages/channels-client/src/events", "../client.ts"],
    ["imports-of-channels-client/subscriptions", "packages/channels-client/src/subscriptions", "../client.ts"],
    ["imports-of-channels-client/client", "packages/channels-client/src/client", "../index.ts"],
  ],
  permitted: [["packages/channels-client/src/events", "../calls/calls.ts"]],
};
