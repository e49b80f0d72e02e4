// Inside the React hooks: core <- {calls, subscriptions}.
import { areasBelow } from "./area.mjs";

/** @type {import("./area.mjs").RuleSet} */
export const REACT = {
  areas: areasBelow("react", "packages/react/src", {
    core: [],
    calls: ["core"],
    subscriptions: ["core"],
  }),
  rules: [],
  modules: [
    "packages/react/src/index.ts",
    "packages/react/src/core/store.ts",
    "packages/react/src/calls/use-call.ts",
    "packages/react/src/subscriptions/use-ready.ts",
  ],
  violations: [
    ["imports-of-react/core", "packages/react/src/core", "../calls/use-call.ts"],
    ["imports-of-react/calls", "packages/react/src/calls", "../subscriptions/use-ready.ts"],
    ["imports-of-react/subscriptions", "packages/react/src/subscriptions", "../calls/use-call.ts"],
  ],
  permitted: [["packages/react/src/calls", "../core/store.ts"]],
};
