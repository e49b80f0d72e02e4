import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ERRORS } from "@multichat/protocol";
import { expect, test } from "vitest";
import { ar } from "../../src/i18n/ar.ts";
import { arDeferred } from "../../src/i18n/ar-deferred.ts";
import { type Entry, findPlaceholders } from "../../src/i18n/catalogue.ts";
import { en } from "../../src/i18n/en.ts";
import { enDeferred } from "../../src/i18n/en-deferred.ts";
import { chooseLocale, createI18n, findRegionalLocale, LOCALES } from "../../src/i18n/i18n.ts";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));
const CATALOGUES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  en: { ...en, ...enDeferred },
  ar: { ...ar, ...arDeferred },
};
const ENGLISH = CATALOGUES.en ?? {};

test("has a catalogue for every language", () => {
  expect(Object.keys(CATALOGUES).sort()).toEqual(Object.keys(LOCALES).sort());
});

const getForms = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));

test.each(Object.keys(CATALOGUES))(
  "%s has every key, no empty text, and the placeholders of the English text",
  (name) => {
    const catalogue = CATALOGUES[name] ?? {};
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(ENGLISH).sort());
    for (const [key, english] of Object.entries(ENGLISH)) {
      const allowed = new Set(getForms(english).flatMap(findPlaceholders));
      const needed = new Set([...allowed].filter((placeholder) => placeholder !== "count"));
      for (const form of getForms(catalogue[key] ?? "")) {
        expect(form.trim(), key).not.toBe("");
        for (const placeholder of findPlaceholders(form))
          expect(allowed, `${key}: {${placeholder}}`).toContain(placeholder);
        for (const placeholder of needed) expect(findPlaceholders(form), key).toContain(placeholder);
      }
    }
  },
);

test("has a sentence for every error of the protocol", () => {
  for (const code of Object.keys(ERRORS)) expect(Object.keys(ENGLISH)).toContain(`error.${code}`);
});

/** Returns the modules of the first load: the entry and its static imports, transitively. */
function listFirstLoadModules(): string[] {
  const found = new Set<string>();
  const queue = [join(SOURCES, "main.tsx")];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file) || file.endsWith(".css")) continue;
    found.add(file);
    const from = dirname(file);
    const imports = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"/gm);
    queue.push(...[...imports].map((match) => join(from, match[1] ?? "")));
  }
  return [...found].filter((file) => !file.includes("i18n"));
}

test("uses no deferred texts in the first load", () => {
  const files = listFirstLoadModules();
  expect(files.length).toBeGreaterThan(50);
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    for (const key of Object.keys(enDeferred)) {
      // The key itself, or a template literal with its prefix: t(`status.${status}`).
      const group = key.slice(0, key.lastIndexOf(".") + 1);
      // `describeCode` shows the server's message until they are loaded.
      if (group === "error.") continue;
      expect(source.includes(`"${key}"`), `${file}: ${key}`).toBe(false);
      expect(source.includes(`\`${group}$`), `${file}: ${key}`).toBe(false);
    }
  }
});

test("interpolates names and numbers in the plural form of the number", () => {
  const { t } = createI18n("en", en, ["en-GB"]);
  expect(t("composer.charactersLeft", { count: 1 })).toBe("1 character left");
  expect(t("composer.charactersLeft", { count: 1500 })).toBe("1,500 characters left");
  expect(t("welcome.title", { name: "{name} $& <b>" })).toBe("Welcome, {name} $& <b>");
  const arabic = createI18n("ar", ar, []);
  expect(new Set([1, 2, 3, 11].map((count) => arabic.t("connection.unsent", { count }))).size).toBe(4);
});

test("picks the chosen language, else the browser's first available one, else English", () => {
  expect(chooseLocale("ar", ["en-GB"])).toBe("ar");
  expect(chooseLocale(null, ["de-DE", "ar-EG", "en"])).toBe("ar");
  expect(chooseLocale(null, ["de"])).toBe("en");
  expect(chooseLocale("constructor", [])).toBe("en");
});

test("formats dates in the browser's regional variant of the language", () => {
  expect(findRegionalLocale("en", ["de", "en-GB"])).toBe("en-GB");
  expect(findRegionalLocale("ar", ["en-GB"])).toBe("ar");
});

test("names today and yesterday", () => {
  const { day } = createI18n("en", en, ["en-GB"]);
  const now = new Date();
  expect(day(now.getTime())).toBe("Today");
  expect(day(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 23, 59).getTime())).toBe("Yesterday");
  expect(day(new Date(2020, 1, 3).getTime())).toMatch(/^Monday,? 3 February 2020$/);
});

test.each([
  // The page in English, in browsers of other languages.
  ["en", ["de-DE", "de", "en-US", "en"], "07:45", "19:45", "00:05"],
  ["en", ["fr-FR"], "07:45", "19:45", "00:05"],
  ["en", ["sv-SE", "en-US"], "07:45", "19:45", "00:05"],
  ["en", ["ru", "en-US"], "07:45", "19:45", "00:05"],
  ["en", ["ja-JP", "en-US"], "07:45", "19:45", "00:05"],
  ["en", ["en-GB"], "07:45", "19:45", "00:05"],
  ["en", ["en-US"], "7:45 AM", "7:45 PM", "12:05 AM"],
  ["en", ["en-IN"], "7:45 am", "7:45 pm", "12:05 am"],
  ["en", ["hi-IN", "en-US"], "7:45 AM", "7:45 PM", "12:05 AM"],
  ["en", ["ko-KR", "en-US"], "7:45 AM", "7:45 PM", "12:05 AM"],
  ["en", [], "7:45 AM", "7:45 PM", "12:05 AM"],
  ["ar", ["de-DE"], "07:45", "19:45", "00:05"],
  ["ar", ["en-US"], "7:45 ص", "7:45 م", "12:05 ص"],
] as const)(
  "times have the hours of the browser, and no zero before those of twelve: %s in %j",
  (locale, offered, ...times) => {
    const { time, dateTime } = createI18n(locale, en, offered);
    const minutes = [7 * 60 + 45, 19 * 60 + 45, 5];
    // Browsers separate AM and PM by a narrow space, and Arabic has digits of its own.
    const plain = (text: string) =>
      text
        .replace(/[\u202f\u00a0]/g, " ")
        .replace(/[\u200e\u200f]/g, "")
        .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
    expect(minutes.map((minute) => plain(time(new Date(2026, 0, 5, 0, minute).getTime())))).toEqual(times);
    expect(plain(dateTime(new Date(2026, 0, 5, 19, 45).getTime()))).toContain(times[1]);
  },
);
