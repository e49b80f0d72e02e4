import { readJson, writeStored } from "./storage.ts";
import { createStore, useStore } from "./store.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What desktop notifications tell of: nothing, what calls for the person (mentions and direct messages), everything. */
export const NOTIFY_LEVELS = ["nothing", "calls", "everything"] as const;
export type NotifyLevel = (typeof NOTIFY_LEVELS)[number];

/** What a person set on this device. public/colours.js reads `theme` under the same key, before the first paint. */
export interface Preferences {
  readonly theme: Theme;
  /** A language tag of the catalogues; null follows the browser. */
  readonly locale: string | null;
  /** Show who enters and leaves. */
  readonly comings: boolean;
  /** Desktop notifications for what arrives while the page is hidden. */
  readonly notify: NotifyLevel;
}

const KEY = "multichat.preferences";
const DEFAULTS: Preferences = { theme: "system", locale: null, comings: true, notify: "nothing" };

function parse(json: unknown): Preferences {
  const stored = (typeof json === "object" && json !== null ? json : {}) as Record<keyof Preferences, unknown>;
  return {
    theme: THEMES.find((theme) => theme === stored.theme) ?? DEFAULTS.theme,
    locale: typeof stored.locale === "string" ? stored.locale : DEFAULTS.locale,
    comings: typeof stored.comings === "boolean" ? stored.comings : DEFAULTS.comings,
    // Once it was all or nothing.
    notify:
      stored.notify === true
        ? "everything"
        : (NOTIFY_LEVELS.find((notify) => notify === stored.notify) ?? DEFAULTS.notify),
  };
}

export const preferences = createStore<Preferences>(parse(readJson(KEY)));

export function setPreferences(changes: Partial<Preferences>): void {
  preferences.set((before) => ({ ...before, ...changes }));
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
