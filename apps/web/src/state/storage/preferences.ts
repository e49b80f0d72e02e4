import { createStore, useStore } from "../store.ts";
import { readJson, writeStored } from "./storage.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Which messages cause desktop notifications; `mentions` includes direct messages. */
export const NOTIFY_LEVELS = ["nothing", "mentions", "everything"] as const;
export type NotifyLevel = (typeof NOTIFY_LEVELS)[number];

/** The settings of this device. index.html reads `theme` and `locale` under the same key, before the first paint. */
export interface Preferences {
  readonly theme: Theme;
  /** The language of the page; null follows the browser. */
  readonly locale: string | null;
  /** Show when people enter and leave a room. */
  readonly presenceNotices: boolean;
  readonly notify: NotifyLevel;
  /** Buttons below the message field that format its text. */
  readonly formattingBar: boolean;
}

const KEY = "multichat.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  locale: null,
  presenceNotices: true,
  notify: "nothing",
  formattingBar: false,
};

/** The names that earlier versions stored. */
type LegacyField = "comings";

/** Reads stored preferences, including those of earlier versions. */
function parse(json: unknown): Preferences {
  const stored = (typeof json === "object" && json !== null ? json : {}) as Record<
    keyof Preferences | LegacyField,
    unknown
  >;
  const presenceNotices = stored.presenceNotices ?? stored.comings;
  return {
    theme: THEMES.find((theme) => theme === stored.theme) ?? DEFAULTS.theme,
    locale: typeof stored.locale === "string" ? stored.locale : DEFAULTS.locale,
    presenceNotices: typeof presenceNotices === "boolean" ? presenceNotices : DEFAULTS.presenceNotices,
    notify: parseNotifyLevel(stored.notify) ?? DEFAULTS.notify,
    formattingBar: stored.formattingBar === true,
  };
}

/** Earlier versions stored `true` for everything, and `calls` for mentions. */
function parseNotifyLevel(stored: unknown): NotifyLevel | undefined {
  if (stored === true) return "everything";
  if (stored === "calls") return "mentions";
  return NOTIFY_LEVELS.find((level) => level === stored);
}

export const preferences = createStore<Preferences>(parse(readJson(KEY)));

export function setPreferences(changes: Partial<Preferences>): void {
  preferences.set((previous) => ({ ...previous, ...changes }));
  writeStored(KEY, JSON.stringify(preferences.get()));
  applyTheme();
}

export function usePreferences(): Preferences {
  return useStore(preferences);
}

function applyTheme(): void {
  const { theme } = preferences.get();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Follows what another tab of the same browser sets. */
export function startPreferences(): void {
  applyTheme();
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    preferences.set(parse(readJson(KEY)));
    applyTheme();
  });
}
