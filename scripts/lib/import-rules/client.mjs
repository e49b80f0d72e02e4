// Inside the SDK.
import { areasBelow } from "./area.mjs";

/** @type {import("./area.mjs").RuleSet} */
export const CLIENT = {
  areas: areasBelow("client", "packages/client/src", {}),
  rules: [],
  modules: ["packages/client/src/index.ts"],
  violations: [],
  permitted: [],
};
