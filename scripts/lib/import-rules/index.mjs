// Which module may import which, as data. `npm test` checks it in the step `imports`; dependency-cruiser's own command
// line reads it too (npx depcruise packages apps). ARCHITECTURE.md says the same in words.
import { CHANNELS } from "./channels.mjs";
import { CHANNELS_CLIENT } from "./channels-client.mjs";
import { CLIENT } from "./client.mjs";
import { PACKAGES } from "./packages.mjs";
import { REACT } from "./react.mjs";
import { SERVER } from "./server.mjs";
import { WEB } from "./web.mjs";

export const RULE_SETS = [PACKAGES, CHANNELS, CHANNELS_CLIENT, CLIENT, REACT, SERVER, WEB];

export const AREAS = RULE_SETS.flatMap((set) => set.areas);

/** @param {import("./area.mjs").Area} area @returns {import("dependency-cruiser").IForbiddenRuleType} */
function ruleOf(area) {
  return {
    name: `imports-of-${area.name}`,
    severity: "error",
    comment: `${area.name} may import ${area.allowed.length === 0 ? "nothing else of ours" : `only ${area.allowed.join(", ")}`}`,
    from: { path: area.path },
    to: { path: area.within, pathNot: [area.path, ...area.allowed, "/node_modules/"] },
  };
}

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
export const RULES = [...AREAS.map(ruleOf), ...RULE_SETS.flatMap((set) => set.rules)];

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
