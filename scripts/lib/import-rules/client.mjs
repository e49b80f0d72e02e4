// Inside the SDK: core <- model <- {transport, storage} <- {outbox, room, presence} <- sync <- client.
import { areasBelow } from "./area.mjs";

const BELOW_PARTS = ["core", "model", "transport", "storage"];
const BELOW_SYNC = [...BELOW_PARTS, "outbox", "room", "presence"];
const BELOW_CLIENT = [...BELOW_SYNC, "sync"];

/** @type {import("./area.mjs").RuleSet} */
export const CLIENT = {
  areas: areasBelow("client", "packages/client/src", {
    core: [],
    model: ["core"],
    transport: ["core", "model"],
    storage: ["core", "model"],
    outbox: BELOW_PARTS,
    room: BELOW_PARTS,
    presence: BELOW_PARTS,
    sync: BELOW_SYNC,
    client: BELOW_CLIENT,
    index: [...BELOW_CLIENT, "client"],
    // The entry point for Node loads nothing but the storage in files.
    node: ["storage"],
  }),
  rules: [],
  modules: [
    "packages/client/src/index.ts",
    "packages/client/src/node.ts",
    "packages/client/src/core/clock.ts",
    "packages/client/src/model/session.ts",
    "packages/client/src/transport/transport.ts",
    "packages/client/src/storage/state-storage.ts",
    "packages/client/src/outbox/outbox-queue.ts",
    "packages/client/src/room/room.ts",
    "packages/client/src/presence/presence-store.ts",
    "packages/client/src/sync/sync.ts",
    "packages/client/src/client/client.ts",
  ],
  violations: [
    ["imports-of-client/core", "packages/client/src/core", "../model/session.ts"],
    ["imports-of-client/model", "packages/client/src/model", "../transport/transport.ts"],
    ["imports-of-client/transport", "packages/client/src/transport", "../storage/state-storage.ts"],
    ["imports-of-client/storage", "packages/client/src/storage", "../transport/transport.ts"],
    ["imports-of-client/outbox", "packages/client/src/outbox", "../room/room.ts"],
    ["imports-of-client/room", "packages/client/src/room/timeline", "../../outbox/outbox-queue.ts"],
    ["imports-of-client/presence", "packages/client/src/presence", "../sync/sync.ts"],
    ["imports-of-client/sync", "packages/client/src/sync", "../client/client.ts"],
    ["imports-of-client/client", "packages/client/src/client", "../index.ts"],
    ["imports-of-client/index", "packages/client/src/index", "../node.ts"],
    ["imports-of-client/node", "packages/client/src/node", "../client/client.ts"],
  ],
  permitted: [
    ["packages/client/src/room", "../storage/state-storage.ts"],
    ["packages/client/src/sync", "../outbox/outbox-queue.ts"],
    ["packages/client/src/client", "../sync/sync.ts"],
  ],
};
