// Inside the web client: connection <- state <- {navigation, i18n} <- hooks <- components <- markup <- features <- app.
// A feature imports another one only to compose it; what two features share lives below them.
import { areasBelow } from "./area.mjs";

const ROOT = "apps/web/src";

/** The layers that every feature may import. */
const BELOW_FEATURES = [
  "connection",
  "policies",
  "state",
  "navigation",
  "i18n",
  "hooks",
  "components",
  "markup",
  "styles",
];

/** Each feature with the features that it composes. @type {Readonly<Record<string, readonly string[]>>} */
const FEATURES = {
  emoji: [],
  profile: [],
  message: [],
  composer: ["emoji"],
  conversation: ["emoji", "profile", "message", "composer"],
  rooms: [],
  search: [],
  details: ["profile", "rooms", "search"],
  admin: ["rooms"],
  drafts: [],
  sidebar: [],
  settings: [],
  entry: [],
};

const featureImports = Object.entries(FEATURES).map(([name, composed]) => [
  `features/${name}`,
  [...BELOW_FEATURES, ...composed.map((other) => `features/${other}`)],
]);

/** @type {import("./area.mjs").RuleSet} */
export const WEB = {
  areas: areasBelow("web", ROOT, {
    connection: [],
    policies: [],
    styles: [],
    state: ["connection"],
    navigation: ["state"],
    i18n: ["state"],
    hooks: ["connection", "policies", "state", "navigation", "i18n"],
    // A component gets what it shows as properties. It reads only the language and the window's size, and knows how a form is sent
    // and how strong a new password is.
    components: ["i18n", "state/media", "hooks/use-form", "hooks/use-password-strength", "styles"],
    // Markup renders references to rooms and people, so it reads who is signed in and which rooms there are.
    markup: ["connection", "policies", "state", "navigation", "i18n", "hooks", "components", "styles"],
    ...Object.fromEntries(featureImports),
    app: [...BELOW_FEATURES, "features"],
  }),
  rules: [],
  modules: [
    `${ROOT}/main.ts`,
    `${ROOT}/app/app.ts`,
    `${ROOT}/connection/chat.ts`,
    `${ROOT}/policies/room-policy.ts`,
    `${ROOT}/state/session.ts`,
    `${ROOT}/state/media.ts`,
    `${ROOT}/navigation/columns.ts`,
    `${ROOT}/i18n/i18n.ts`,
    `${ROOT}/hooks/use-form.ts`,
    `${ROOT}/hooks/use-password-strength.ts`,
    `${ROOT}/hooks/use-chat.ts`,
    `${ROOT}/components/button.ts`,
    `${ROOT}/markup/markdown.ts`,
    ...Object.keys(FEATURES).map((name) => `${ROOT}/features/${name}/${name}.ts`),
  ],
  violations: [
    ["imports-of-web/connection", `${ROOT}/connection`, "../state/session.ts"],
    ["imports-of-web/policies", `${ROOT}/policies`, "../state/session.ts"],
    ["imports-of-web/styles", `${ROOT}/styles`, "../components/button.ts"],
    ["imports-of-web/state", `${ROOT}/state`, "../hooks/use-form.ts"],
    ["imports-of-web/state", `${ROOT}/state`, "../features/conversation/conversation.ts"],
    ["imports-of-web/navigation", `${ROOT}/navigation`, "../connection/chat.ts"],
    ["imports-of-web/i18n", `${ROOT}/i18n`, "../hooks/use-form.ts"],
    ["imports-of-web/hooks", `${ROOT}/hooks`, "../components/button.ts"],
    ["imports-of-web/components", `${ROOT}/components`, "../hooks/use-chat.ts"],
    ["imports-of-web/components", `${ROOT}/components`, "../state/session.ts"],
    ["imports-of-web/components", `${ROOT}/components`, "../features/message/message.ts"],
    ["imports-of-web/markup", `${ROOT}/markup`, "../features/message/message.ts"],
    // A composed feature never imports the one that composes it; others do not know each other.
    ["imports-of-web/features/emoji", `${ROOT}/features/emoji`, "../composer/composer.ts"],
    ["imports-of-web/features/profile", `${ROOT}/features/profile`, "../message/message.ts"],
    ["imports-of-web/features/drafts", `${ROOT}/features/drafts`, "../composer/composer.ts"],
    ["imports-of-web/features/message", `${ROOT}/features/message`, "../conversation/conversation.ts"],
    ["imports-of-web/features/composer", `${ROOT}/features/composer`, "../conversation/conversation.ts"],
    ["imports-of-web/features/conversation", `${ROOT}/features/conversation`, "../details/details.ts"],
    ["imports-of-web/features/rooms", `${ROOT}/features/rooms`, "../admin/admin.ts"],
    ["imports-of-web/features/search", `${ROOT}/features/search`, "../details/details.ts"],
    ["imports-of-web/features/details", `${ROOT}/features/details`, "../conversation/conversation.ts"],
    ["imports-of-web/features/admin", `${ROOT}/features/admin`, "../settings/settings.ts"],
    ["imports-of-web/features/sidebar", `${ROOT}/features/sidebar`, "../rooms/rooms.ts"],
    ["imports-of-web/features/settings", `${ROOT}/features/settings`, "../entry/entry.ts"],
    ["imports-of-web/features/entry", `${ROOT}/features/entry`, "../../app/app.ts"],
    ["imports-of-web/app", `${ROOT}/app`, "../main.ts"],
  ],
  permitted: [
    [`${ROOT}/connection`, "@multichat/client"],
    [`${ROOT}/state`, "../connection/chat.ts"],
    [`${ROOT}/hooks`, "../navigation/columns.ts"],
    [`${ROOT}/components`, "../state/media.ts"],
    [`${ROOT}/components`, "../hooks/use-form.ts"],
    [`${ROOT}/components`, "../hooks/use-password-strength.ts"],
    [`${ROOT}/features/conversation`, "../message/message.ts"],
    [`${ROOT}/features/conversation`, "../composer/composer.ts"],
    [`${ROOT}/features/composer`, "../emoji/emoji.ts"],
    [`${ROOT}/features/details`, "../search/search.ts"],
    [`${ROOT}/features/admin`, "../rooms/rooms.ts"],
    [`${ROOT}/features/message`, "../../markup/markdown.ts"],
    [`${ROOT}/app`, "../features/sidebar/sidebar.ts"],
  ],
};
