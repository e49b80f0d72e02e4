import { preferences } from "../state/storage/preferences.ts";
import { createStore, useStore } from "../state/store.ts";
import {
  type Catalogue,
  type CoreCatalogue,
  type DeferredCatalogue,
  interpolate,
  type Key,
  type Params,
} from "./catalogue.ts";
import { en } from "./en.ts";

/** The available languages; all but English are loaded when they are chosen. index.html has their directions too. */
export const LOCALES = {
  en: { name: "English", dir: "ltr" },
  ar: { name: "العربية", dir: "rtl" },
} as const;
export type Locale = keyof typeof LOCALES;

interface Language {
  readonly locale: Locale;
  readonly catalogue: Catalogue;
}

const language = createStore<Language>({ locale: "en", catalogue: en });

async function loadCore(locale: Locale): Promise<CoreCatalogue> {
  switch (locale) {
    case "en":
      return en;
    case "ar":
      return (await import("./ar.ts")).ar;
  }
}

/** The server's message of each error code, loaded with the deferred texts. */
let generalMessages: Readonly<Record<string, string>> | undefined;

/** Whether a message of the server says no more than its code. */
export function isGeneralMessage(code: string, message: string): boolean {
  return generalMessages === undefined || message === "" || message === generalMessages[code];
}

async function loadDeferred(locale: Locale): Promise<DeferredCatalogue> {
  switch (locale) {
    case "en": {
      const loaded = await import("./en-deferred.ts");
      generalMessages = loaded.GENERAL_MESSAGES;
      return loaded.enDeferred;
    }
    case "ar":
      return (await import("./ar-deferred.ts")).arDeferred;
  }
}

/** Whether the deferred texts are needed; from then on every language is loaded with them. */
let needsDeferred = false;

async function load(locale: Locale): Promise<Catalogue> {
  const [core, deferred] = await Promise.all([loadCore(locale), needsDeferred ? loadDeferred(locale) : undefined]);
  return { ...core, ...deferred };
}

function isComplete(catalogue: Catalogue): boolean {
  return "settings.account" in catalogue;
}

/** Loads the deferred texts of the current language. Resolves when they can be used. */
export async function loadDeferredTexts(): Promise<void> {
  const { locale } = language.get();
  const deferred = await loadDeferred(locale);
  needsDeferred = true;
  // Another language was chosen meanwhile, and loaded without its deferred texts.
  if (language.get().locale !== locale) return await loadDeferredTexts();
  language.set((previous) =>
    isComplete(previous.catalogue) ? previous : { locale, catalogue: { ...previous.catalogue, ...deferred } },
  );
}

function isLocale(tag: string): tag is Locale {
  return Object.hasOwn(LOCALES, tag);
}

/** Returns the chosen language, else the first of the browser's languages that is available, else English. */
export function chooseLocale(chosen: string | null, offered: readonly string[]): Locale {
  const tags = chosen === null ? offered : [chosen, ...offered];
  return tags.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find(isLocale) ?? "en";
}

/** Returns whether the language could be loaded; the current one stays otherwise. */
async function applyLocale(locale: Locale): Promise<boolean> {
  if (language.get().locale !== locale) {
    try {
      let catalogue = await load(locale);
      if (needsDeferred && !isComplete(catalogue)) catalogue = await load(locale);
      language.set({ locale, catalogue });
    } catch {
      // The page is shown in the current language.
    }
  }
  const { locale: current } = language.get();
  document.documentElement.lang = current;
  document.documentElement.dir = LOCALES[current].dir;
  return current === locale;
}

const RETRY_INTERVAL_MS = 2_000;

/** Applies the chosen language now and whenever the preference changes. */
export async function startLanguage(): Promise<void> {
  const apply = async (): Promise<void> => {
    const isApplied = await applyLocale(chooseLocale(preferences.get().locale, navigator.languages));
    // The server may only be restarting.
    if (!isApplied) setTimeout(() => void apply(), RETRY_INTERVAL_MS);
  };
  preferences.subscribe(() => void apply());
  await apply();
}

export interface I18n {
  readonly locale: Locale;
  readonly t: <K extends Key>(key: K, ...params: Params<K>) => string;
  readonly number: (n: number) => string;
  /** 14:05, or 2:05 PM where the browser's language has twelve hours. */
  readonly time: (at: number) => string;
  /** Monday, 5 January 2026; "Today" or "Yesterday" for those. */
  readonly day: (at: number) => string;
  /** 5 Jan 2026 */
  readonly date: (at: number) => string;
  /** 5 Jan 2026, 14:05 */
  readonly dateTime: (at: number) => string;
  /** 30 seconds; 10 minutes; 1 day: in the largest unit that divides it. */
  readonly duration: (seconds: number) => string;
}

/** Units and their length in seconds, the largest first. */
const DURATION_UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Returns the browser's regional variant of a language, `en-GB` for `en`: it decides the format of dates and times. */
export function findRegionalLocale(locale: Locale, offered: readonly string[]): string {
  return offered.find((tag) => tag.toLowerCase().split("-")[0] === locale) ?? locale;
}

/**
 * Returns how the browser's first language counts hours. The page may be in another one: a German browser that shows the page in
 * English still expects 19:45.
 */
function findHourCycle(locale: Locale, offered: readonly string[]): "h12" | "h23" {
  const { hour12 } = new Intl.DateTimeFormat(offered[0] ?? locale, { hour: "numeric" }).resolvedOptions();
  return hour12 ? "h12" : "h23";
}

/** Creates a value on first use: each `Intl` object takes milliseconds, and the first page needs few of them. */
function memoize<T>(create: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= create();
    return value;
  };
}

export function createI18n(locale: Locale, catalogue: Catalogue, offered: readonly string[]): I18n {
  const region = findRegionalLocale(locale, offered);
  const dated = (options: Intl.DateTimeFormatOptions) => memoize(() => new Intl.DateTimeFormat(region, options));
  const numbers = memoize(() => new Intl.NumberFormat(region));
  const plurals = memoize(() => new Intl.PluralRules(locale));
  const timed = (options: Intl.DateTimeFormatOptions) =>
    memoize(() => {
      const hourCycle = findHourCycle(locale, offered);
      return new Intl.DateTimeFormat(region, { ...options, timeStyle: "short", hourCycle });
    });
  const times = timed({});
  const days = dated({ weekday: "long", day: "numeric", month: "long" });
  const oldDays = dated({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const dates = dated({ dateStyle: "medium" });
  const dateTimes = timed({ dateStyle: "medium" });
  const number = (n: number) => numbers().format(n);

  const t: I18n["t"] = (key, ...rest) => {
    const params: Readonly<Record<string, string | number>> = rest[0] ?? {};
    const entry = catalogue[key];
    if (entry === undefined) return "";
    if (typeof entry === "string") return interpolate(entry, params, number);
    const count = typeof params.count === "number" ? params.count : 0;
    return interpolate(entry[plurals().select(count)] ?? entry.other, params, number);
  };

  return {
    locale,
    t,
    number,
    time: (at) => times().format(at),
    date: (at) => dates().format(at),
    dateTime: (at) => dateTimes().format(at),
    duration(seconds) {
      const [unit, length] = DURATION_UNITS.find(([, each]) => seconds % each === 0) ?? ["second", 1];
      return new Intl.NumberFormat(region, { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
    },
    day(at) {
      const now = new Date();
      const then = new Date(at);
      if (then.toDateString() === now.toDateString()) return t("day.today");
      const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
      if (then.toDateString() === yesterday.toDateString()) return t("day.yesterday");
      return (then.getFullYear() === now.getFullYear() ? days() : oldDays()).format(at);
    },
  };
}

let current: { language: Language; i18n: I18n } | undefined;

function getI18n(active: Language): I18n {
  if (current?.language !== active)
    current = { language: active, i18n: createI18n(active.locale, active.catalogue, navigator.languages) };
  return current.i18n;
}

export function useI18n(): I18n {
  return getI18n(useStore(language));
}
