// Inside the web client: connection <- stores <- scenes.
import { areasBelow } from "./area.mjs";

const ROOT = "apps/web/src";

/** @type {import("./area.mjs").RuleSet} */
export const WEB = {
  areas: areasBelow("web", ROOT, {
    connection: [],
    stores: ["connection"],
    // A component gets what it shows as properties; only the language and the window's size it reads itself.
    components: ["stores/i18n", "stores/media"],
  }),
  rules: [],
  modules: [
    `${ROOT}/main.ts`,
    `${ROOT}/connection/connection.ts`,
    `${ROOT}/stores/rooms.ts`,
    `${ROOT}/scenes/chat.ts`,
    `${ROOT}/components/button.ts`,
  ],
  violations: [
    ["imports-of-web/connection", `${ROOT}/connection`, "../stores/rooms.ts"],
    ["imports-of-web/stores", `${ROOT}/stores`, "../scenes/chat.ts"],
    ["imports-of-web/components", `${ROOT}/components`, "../scenes/chat.ts"],
  ],
  permitted: [
    [`${ROOT}/scenes`, "../stores/rooms.ts"],
    [`${ROOT}/connection`, "@multichat/client"],
  ],
};
