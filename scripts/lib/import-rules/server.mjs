// Inside the server: {cli, http, consumers, jobs} -> aggregates -> {access, store, fan-out}; accounts -> store. An aggregate is
// imported through its index alone.
import { areasBelow, pathBelow } from "./area.mjs";

const ROOT = "apps/server/src";

/** Modules that know nothing of the chat; every area may import them. */
const SHARED = "config|observability|process";

/** The composition root, main.ts and main/, puts the areas together, and belongs to none of them. */
const COMPOSITION_ROOT = "main";

/** The commands, grouped by the noun that they change or read. */
const AGGREGATES = [
  "messages",
  "rooms",
  "members",
  "people",
  "invitations",
  "presence",
  "files",
  "search",
  "settings",
  "setup",
  "audit",
];

/** What a command works with. */
const FOUNDATIONS = ["context", "access", "store", "storage", "accounts", "fan-out"];

/** The indexes of the aggregates; matches nothing below their folders. */
const INDEXES = `^${ROOT}/(${AGGREGATES.join("|")})/index\\.ts$`;

/** @param {Readonly<Record<string, readonly string[]>>} imports */
const areasThatUseAggregates = (imports) =>
  areasBelow("server", ROOT, imports).map((area) => ({ ...area, allowed: [...area.allowed, INDEXES] }));

/** @type {import("./area.mjs").RuleSet & { compositionRoot: RegExp, notBuilt: readonly string[] }} */
export const SERVER = {
  compositionRoot: new RegExp(pathBelow(ROOT, [COMPOSITION_ROOT])),
  /** Planned areas without a module so far. */
  notBuilt: ["server/jobs"],
  areas: [
    ...areasBelow("server", ROOT, {
      store: [],
      // It syncs names as the store does.
      storage: ["store"],
      accounts: ["store"],
      access: ["store", "accounts"],
      "fan-out": ["access", "store", "accounts"],
      context: ["store", "accounts", "fan-out"],
      "change-feed": ["context", "store", "accounts", "fan-out"],
      [SHARED]: [],
    }).map((area) => (area.name === `server/${SHARED}` ? { ...area, name: "server/shared" } : area)),
    { name: "server/policies", path: `^${ROOT}/access/policies/`, within: `^${ROOT}/`, allowed: [] },
    ...areasThatUseAggregates({
      ...Object.fromEntries(AGGREGATES.map((aggregate) => [aggregate, FOUNDATIONS])),
      consumers: ["context", "access", "accounts", "fan-out", "change-feed", SHARED],
      http: ["context", "access", "accounts", SHARED],
      jobs: ["context", "access", SHARED],
      cli: ["context", "access", COMPOSITION_ROOT, SHARED],
    }),
  ],
  rules: [
    {
      name: "one-composition-root",
      severity: "error",
      comment: "main.ts and main/ choose the layer, the database and the port; only the command line starts them",
      from: { path: `^${ROOT}/`, pathNot: pathBelow(ROOT, [COMPOSITION_ROOT, "cli"]) },
      to: { path: pathBelow(ROOT, [COMPOSITION_ROOT]) },
    },
    {
      name: "channel-layer-users",
      severity: "error",
      comment: "only fan-out sends to the layer; only the change feed and consumers receive from it",
      from: {
        path: `^${ROOT}/`,
        pathNot: pathBelow(ROOT, [COMPOSITION_ROOT, "fan-out", "change-feed", "consumers", "observability"]),
      },
      to: { path: "^packages/channels(-redis)?/" },
    },
    {
      name: "store-operations-know-no-database",
      severity: "error",
      comment:
        "the operations are written against the dialect; what a database does in its own way is in store/sqlite or store/postgres",
      from: { path: `^${ROOT}/store/`, pathNot: `^${ROOT}/store/(sqlite|postgres)/` },
      to: { path: `^${ROOT}/store/(sqlite|postgres)/` },
    },
    {
      name: "databases-know-no-other",
      severity: "error",
      comment: "SQLite and Postgres share what is in the rest of the store, and nothing of each other",
      from: { path: `^${ROOT}/store/(sqlite|postgres)/` },
      to: { path: `^${ROOT}/store/(sqlite|postgres)/`, pathNot: `^${ROOT}/store/$1/` },
    },
    {
      name: "postgres-is-loaded-where-chosen",
      severity: "error",
      comment:
        "a server on SQLite starts without Postgres and its driver: main/databases.ts imports them where they are chosen",
      from: { path: `^${ROOT}/`, pathNot: `^${ROOT}/store/postgres/` },
      to: { path: `^${ROOT}/store/postgres/`, dynamic: false },
    },
    {
      name: "one-file-knows-the-postgres-driver",
      severity: "error",
      comment: "the driver of Postgres is behind PostgresConnection",
      from: { path: `^${ROOT}/`, pathNot: `^${ROOT}/store/postgres/postgres-connection\\.ts$` },
      to: { path: ["^node_modules/(@types/)?pg/", "^pg$"] },
    },
    {
      name: "one-file-knows-the-sqlite-driver",
      severity: "error",
      comment: "the driver of SQLite is behind SqliteDatabase",
      from: { path: `^${ROOT}/`, pathNot: `^${ROOT}/store/sqlite/sqlite-database\\.ts$` },
      to: { path: "^(node:)?sqlite$" },
    },
  ],
  modules: [
    `${ROOT}/main.ts`,
    `${ROOT}/config/config.ts`,
    `${ROOT}/context.ts`,
    `${ROOT}/consumers/chat.ts`,
    `${ROOT}/http/api.ts`,
    ...AGGREGATES.flatMap((aggregate) => [`${ROOT}/${aggregate}/index.ts`, `${ROOT}/${aggregate}/command.ts`]),
    `${ROOT}/access/refusal.ts`,
    `${ROOT}/access/policies/rooms.ts`,
    `${ROOT}/store/store.ts`,
    `${ROOT}/store/messages/operations.ts`,
    `${ROOT}/store/sqlite/sqlite-store.ts`,
    `${ROOT}/store/postgres/postgres-store.ts`,
    `${ROOT}/accounts/accounts.ts`,
    `${ROOT}/fan-out/broadcasts.ts`,
    `${ROOT}/change-feed/publish-change.ts`,
    `${ROOT}/jobs/retention.ts`,
    `${ROOT}/cli/serve.ts`,
  ],
  violations: [
    ["imports-of-server/policies", `${ROOT}/access/policies`, "../../store/store.ts"],
    ["imports-of-server/policies", `${ROOT}/access/policies`, "../refusal.ts"],
    ["imports-of-server/access", `${ROOT}/access`, "../rooms/index.ts"],
    ["imports-of-server/store", `${ROOT}/store`, "../fan-out/broadcasts.ts"],
    ["imports-of-server/storage", `${ROOT}/storage`, "../rooms/index.ts"],
    ["imports-of-server/accounts", `${ROOT}/accounts`, "../people/index.ts"],
    ["imports-of-server/fan-out", `${ROOT}/fan-out`, "../rooms/index.ts"],
    ["imports-of-server/context", `${ROOT}/context`, "../rooms/index.ts"],
    ["imports-of-server/change-feed", `${ROOT}/change-feed`, "../rooms/index.ts"],
    ...AGGREGATES.map((aggregate, index) => {
      const other = AGGREGATES[(index + 1) % AGGREGATES.length];
      return /** @type {const} */ ([
        `imports-of-server/${aggregate}`,
        `${ROOT}/${aggregate}`,
        `../${other}/command.ts`,
      ]);
    }),
    ["imports-of-server/messages", `${ROOT}/messages`, "../consumers/chat.ts"],
    ["imports-of-server/consumers", `${ROOT}/consumers`, "../store/store.ts"],
    ["imports-of-server/consumers", `${ROOT}/consumers`, "../rooms/command.ts"],
    ["imports-of-server/http", `${ROOT}/http`, "../store/store.ts"],
    ["imports-of-server/http", `${ROOT}/http`, "../rooms/command.ts"],
    ["imports-of-server/jobs", `${ROOT}/jobs`, "../store/store.ts"],
    ["imports-of-server/cli", `${ROOT}/cli`, "../store/store.ts"],
    ["imports-of-server/cli", `${ROOT}/cli`, "../rooms/command.ts"],
    ["imports-of-server/shared", `${ROOT}/config`, "../store/store.ts"],
    ["one-composition-root", `${ROOT}/http`, "../main.ts"],
    ["channel-layer-users", `${ROOT}/rooms`, "@multichat/channels/layer"],
    ["channel-layer-users", `${ROOT}/store`, "@multichat/channels/layer"],
    ["store-operations-know-no-database", `${ROOT}/store/messages`, "../sqlite/sqlite-store.ts"],
    ["store-operations-know-no-database", `${ROOT}/store/rooms`, "../postgres/postgres-store.ts"],
    ["databases-know-no-other", `${ROOT}/store/sqlite`, "../postgres/postgres-store.ts"],
    ["databases-know-no-other", `${ROOT}/store/postgres`, "../sqlite/sqlite-store.ts"],
    ["postgres-is-loaded-where-chosen", `${ROOT}/main`, "../store/postgres/postgres-store.ts"],
    ["one-file-knows-the-postgres-driver", `${ROOT}/store/postgres`, "pg"],
    ["one-file-knows-the-sqlite-driver", `${ROOT}/store/sqlite`, "node:sqlite"],
  ],
  permitted: [
    [`${ROOT}/consumers`, "../rooms/index.ts"],
    [`${ROOT}/consumers`, "@multichat/channels"],
    [`${ROOT}/rooms`, "../messages/index.ts"],
    [`${ROOT}/rooms`, "../store/store.ts"],
    [`${ROOT}/rooms`, "../access/policies/rooms.ts"],
    [`${ROOT}/access`, "./policies/rooms.ts"],
    [`${ROOT}/fan-out`, "@multichat/channels/layer"],
    [`${ROOT}/cli`, "../main.ts"],
    [`${ROOT}/http`, "../accounts/accounts.ts"],
    [`${ROOT}/http`, "../config/config.ts"],
    [`${ROOT}/http`, "@multichat/protocol/schemas"],
  ],
};
