// Who may import whom, as data: each folder with what it may reach. The checks read it, and so does dependency-cruiser's
// own command line (npx depcruise packages apps). ARCHITECTURE.md says the same in words.

/**
 * A room of the house: `path` says which modules are in it (a regular expression on the path from the root), `may` what
 * of ours they may import beside themselves; everything else of ours is forbidden to them.
 * @typedef {{ name: string, path: string, within: string, may: readonly string[] }} Room
 */

const OURS = "^(packages|apps|examples|bench|e2e|scripts)/";

const DOOR = {
  channels: "^packages/channels/src/index\\.ts$",
  layer: "^packages/channels/src/layer/index\\.ts$",
  testing: "^packages/channels/src/testing/index\\.ts$",
  channelsRedis: "^packages/channels-redis/src/index\\.ts$",
  protocol: "^packages/protocol/src/(index|schemas)\\.ts$",
  client: "^packages/client/src/index\\.ts$",
};

/** The packages: the published ones know nothing of the chat, and nobody reaches past a door. @type {readonly Room[]} */
const PACKAGES = [
  { name: "channels", path: "^packages/channels/src/", within: OURS, may: [] },
  { name: "channels-redis", path: "^packages/channels-redis/src/", within: OURS, may: [DOOR.layer] },
  { name: "protocol", path: "^packages/protocol/src/", within: OURS, may: [] },
  { name: "client", path: "^packages/client/src/", within: OURS, may: [DOOR.protocol] },
  {
    name: "server",
    path: "^apps/server/(src|bin)/",
    within: OURS,
    may: [DOOR.channels, DOOR.layer, DOOR.channelsRedis, DOOR.protocol, "^apps/server/dist/"],
  },
  { name: "web", path: "^apps/web/", within: OURS, may: [DOOR.client, DOOR.protocol] },
  {
    name: "examples",
    path: "^examples/[^/]+/src/",
    within: OURS,
    may: [DOOR.channels, DOOR.layer, DOOR.channelsRedis],
  },
];

const inChannels = (/** @type {string} */ rooms) => `^packages/channels/src/(${rooms})(/|\\.ts$)`;

/** Inside the framework: errors <- layer <- consumer <- {routing, middleware, presence} <- {server, worker}. */
const CHANNELS = [
  { name: "errors", may: "" },
  { name: "layer", may: "errors" },
  { name: "consumer", may: "errors|layer" },
  { name: "routing", may: "errors|layer|consumer" },
  { name: "middleware", may: "errors|layer|consumer" },
  { name: "presence", may: "errors|layer|consumer" },
  { name: "server", may: "errors|layer|consumer|routing|middleware|presence" },
  { name: "worker", may: "errors|layer|consumer|routing|middleware|presence" },
  { name: "index", may: "errors|layer|consumer|routing|middleware|presence|server|worker" },
].map(({ name, may }) => ({
  name: `channels/${name}`,
  path: inChannels(name),
  within: "^packages/channels/src/",
  may: may === "" ? [] : [inChannels(may)],
}));

const inServer = (/** @type {string} */ rooms) => `^apps/server/src/(${rooms})(/|[a-z-]*\\.ts$)`;

/** What every room of the server may stand on: settings and instruments, which know nothing of the chat. */
const GROUND = "config|origins|logging|metrics|socket-metrics|start-error|stop-signals|version";

/**
 * Inside the server: {consumers, http, cli, jobs} -> commands -> {policies, store, broadcasts}; accounts -> store. The
 * doors ask accounts who it is that comes in, and hear the events whose shape broadcasts gives them.
 */
const SERVER = [
  { name: "policies", may: "" },
  { name: "store", may: "" },
  { name: "accounts", may: "store" },
  { name: "broadcasts", may: "store|accounts" },
  { name: "commands", may: "policies|store|accounts|broadcasts" },
  { name: "consumers", may: `commands|broadcasts|accounts|${GROUND}` },
  { name: "http", may: `commands|accounts|${GROUND}` },
  { name: "jobs", may: `commands|${GROUND}` },
  { name: "cli", may: `commands|main|${GROUND}` },
  { name: GROUND, may: "" },
].map(({ name, may }) => ({
  name: name === GROUND ? "server/ground" : `server/${name}`,
  path: inServer(name),
  within: "^apps/server/src/",
  may: may === "" ? [] : [inServer(may)],
}));

const inWeb = (/** @type {string} */ rooms) => `^apps/web/src/(${rooms})(/|\\.tsx?$)`;

/** Inside the web client: connection <- stores <- scenes; what a component shows is handed to it. */
const WEB = [
  { name: "connection", may: "" },
  { name: "stores", may: "connection" },
  // The person's language and the size of the window are all that a component takes by itself.
  { name: "components", may: "stores/i18n|stores/media" },
].map(({ name, may }) => ({
  name: `web/${name}`,
  path: inWeb(name),
  within: "^apps/web/src/",
  may: may === "" ? [] : [inWeb(may)],
}));

/** Modules that stand in no room of the server because they put the rooms together. */
export const COMPOSITION = new RegExp(inServer("main"));

/** Rooms of the plan that are not built yet; a module in one of them takes it off this list. */
export const NOT_BUILT = ["server/jobs"];

/** @type {readonly Room[]} */
export const ROOMS = [...PACKAGES, ...CHANNELS, ...SERVER, ...WEB];

const TESTS = "(^|/)(test|bench|e2e)/";

/** @param {Room} room @returns {import("dependency-cruiser").IForbiddenRuleType} */
function ruleOf(room) {
  return {
    name: `walls-of-${room.name}`,
    severity: "error",
    comment: `${room.name} may import ${room.may.length === 0 ? "nothing else of ours" : `only ${room.may.join(", ")}`}`,
    from: { path: room.path },
    to: { path: room.within, pathNot: [room.path, ...room.may, "/node_modules/"] },
  };
}

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
export const RULES = [
  ...ROOMS.map(ruleOf),
  {
    name: "no-cycle",
    severity: "error",
    comment: "a cycle is a failure",
    from: { path: OURS },
    to: { circular: true },
  },
  {
    name: "one-composition-root",
    severity: "error",
    comment: "main.ts picks the layer, the database and the port; only the command line starts it",
    from: { path: "^apps/server/src/", pathNot: inServer("main|cli") },
    to: { path: inServer("main") },
  },
  {
    name: "layers-only-in-main-and-broadcasts",
    severity: "error",
    comment: "nothing else in the product sends to the layer; consumers hear from it",
    from: { path: "^apps/server/src/", pathNot: inServer("main|broadcasts|consumers|socket-metrics") },
    to: { path: "^packages/channels(-redis)?/" },
  },
  {
    name: "only-tests-import-testing",
    severity: "error",
    comment: "the test kit is for tests",
    from: { path: OURS, pathNot: [TESTS, "^packages/channels/src/testing/"] },
    to: { path: "^packages/channels/src/testing/" },
  },
  {
    name: "through-the-door",
    severity: "error",
    comment: "a package is entered through its exports, by its name",
    from: { path: "^(packages|examples|apps)/([^/]+)/" },
    to: {
      path: OURS,
      pathNot: ["^$1/$2/", "/node_modules/", ...Object.values(DOOR)],
    },
  },
  {
    name: "by-name-not-by-path",
    severity: "error",
    comment: "another package is imported by its name, never by a relative path",
    from: { path: "^(packages|examples|apps)/([^/]+)/" },
    to: { path: OURS, pathNot: ["^$1/$2/"], dependencyTypes: ["local"] },
  },
  {
    name: "sources-import-no-tests",
    severity: "error",
    comment: "what is shipped never imports what is not",
    from: { path: "^(packages|apps|examples)/[^/]+/src/" },
    to: { path: "(^|/)(test|bench|e2e|scripts)/", pathNot: "node_modules" },
  },
  {
    name: "declared-dependencies",
    severity: "error",
    comment: "what is shipped imports only what its package.json declares as a dependency",
    from: { path: "^(packages|apps/server|examples)/.*src/" },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer", "type-only"] },
  },
  {
    name: "resolvable",
    severity: "error",
    comment: "every import leads somewhere",
    from: { path: OURS },
    to: { couldNotResolve: true },
  },
];

export const OPTIONS = {
  doNotFollow: { path: "node_modules" },
  exclude: { path: "(^|/)dist/" },
  tsPreCompilationDeps: true,
  combinedDependencies: false,
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["@multichat/source", "import", "node", "default", "types"],
    extensions: [".ts", ".tsx", ".mjs", ".js", ".css", ".svg", ".json", ".d.ts"],
  },
};
