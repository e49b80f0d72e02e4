// Inside the server: {consumers, http, cli, jobs} -> commands -> {policies, store, broadcasts}; accounts -> store.
import { areasBelow, pathBelow } from "./area.mjs";

const ROOT = "apps/server/src";

/** Modules that know nothing of the chat; every area may import them. */
const SHARED = "config[a-z-]*|origins|logging|metrics|socket-metrics|start-error|stop-signals|version";

/** The composition root puts the areas together, and belongs to none of them. */
const COMPOSITION_ROOT = "main[a-z-]*";

/** @type {import("./area.mjs").RuleSet & { compositionRoot: RegExp, notBuilt: readonly string[] }} */
export const SERVER = {
  compositionRoot: new RegExp(pathBelow(ROOT, [COMPOSITION_ROOT])),
  /** Planned areas without a module so far. */
  notBuilt: ["server/jobs"],
  areas: areasBelow("server", ROOT, {
    policies: [],
    store: [],
    accounts: ["store"],
    broadcasts: ["store", "accounts"],
    commands: ["policies", "store", "accounts", "broadcasts"],
    consumers: ["commands", "broadcasts", "accounts", SHARED],
    http: ["commands", "accounts", SHARED],
    jobs: ["commands", SHARED],
    cli: ["commands", COMPOSITION_ROOT, SHARED],
    [SHARED]: [],
  }).map((area) => (area.name === `server/${SHARED}` ? { ...area, name: "server/shared" } : area)),
  rules: [
    {
      name: "one-composition-root",
      severity: "error",
      comment: "main.ts chooses the layer, the database and the port; only the command line starts it",
      from: { path: `^${ROOT}/`, pathNot: pathBelow(ROOT, [COMPOSITION_ROOT, "cli"]) },
      to: { path: pathBelow(ROOT, [COMPOSITION_ROOT]) },
    },
    {
      name: "channel-layer-users",
      severity: "error",
      comment: "only broadcasts send to the layer, and only consumers receive from it",
      from: {
        path: `^${ROOT}/`,
        pathNot: pathBelow(ROOT, [COMPOSITION_ROOT, "broadcasts", "consumers", "socket-metrics"]),
      },
      to: { path: "^packages/channels(-redis)?/" },
    },
  ],
  modules: [
    `${ROOT}/main.ts`,
    `${ROOT}/config.ts`,
    `${ROOT}/consumers/chat.ts`,
    `${ROOT}/http/api.ts`,
    `${ROOT}/commands/post.ts`,
    `${ROOT}/policies/rooms.ts`,
    `${ROOT}/store/store.ts`,
    `${ROOT}/accounts/accounts.ts`,
    `${ROOT}/broadcasts/broadcasts.ts`,
    `${ROOT}/jobs/retention.ts`,
    `${ROOT}/cli/serve.ts`,
  ],
  violations: [
    ["imports-of-server/policies", `${ROOT}/policies`, "../store/store.ts"],
    ["imports-of-server/store", `${ROOT}/store`, "../broadcasts/broadcasts.ts"],
    ["imports-of-server/accounts", `${ROOT}/accounts`, "../commands/post.ts"],
    ["imports-of-server/broadcasts", `${ROOT}/broadcasts`, "../commands/post.ts"],
    ["imports-of-server/commands", `${ROOT}/commands`, "../consumers/chat.ts"],
    ["imports-of-server/consumers", `${ROOT}/consumers`, "../store/store.ts"],
    ["imports-of-server/http", `${ROOT}/http`, "../store/store.ts"],
    ["imports-of-server/jobs", `${ROOT}/jobs`, "../store/store.ts"],
    ["imports-of-server/cli", `${ROOT}/cli`, "../store/store.ts"],
    ["imports-of-server/shared", `${ROOT}/config`, "../store/store.ts"],
    ["one-composition-root", `${ROOT}/http`, "../main.ts"],
    ["channel-layer-users", `${ROOT}/commands`, "@multichat/channels/layer"],
    ["channel-layer-users", `${ROOT}/store`, "@multichat/channels/layer"],
  ],
  permitted: [
    [`${ROOT}/consumers`, "../commands/post.ts"],
    [`${ROOT}/consumers`, "@multichat/channels"],
    [`${ROOT}/commands`, "../store/store.ts"],
    [`${ROOT}/broadcasts`, "@multichat/channels/layer"],
    [`${ROOT}/cli`, "../main.ts"],
    [`${ROOT}/http`, "../accounts/accounts.ts"],
    [`${ROOT}/http`, "../config.ts"],
    [`${ROOT}/http`, "@multichat/protocol/schemas"],
  ],
};
