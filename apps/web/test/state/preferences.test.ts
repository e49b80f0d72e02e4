import { afterEach, beforeEach, expect, test, vi } from "vitest";

const KEY = "multichat.preferences";

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

/** Loads the preferences of a browser that has stored this text. */
async function loadPreferences(stored: string | null) {
  vi.stubGlobal("localStorage", { getItem: (key: string) => (key === KEY ? stored : null) });
  const { preferences } = await import("../../src/state/storage/preferences.ts");
  return preferences.get();
}

test("starts with the defaults when nothing valid is stored", async () => {
  const defaults = { theme: "system", locale: null, presenceNotices: true, notify: "nothing", formattingBar: false };
  expect(await loadPreferences(null)).toEqual(defaults);
  vi.resetModules();
  expect(await loadPreferences("not json")).toEqual(defaults);
  vi.resetModules();
  expect(await loadPreferences(JSON.stringify({ theme: "pink", locale: 5, notify: "some" }))).toEqual(defaults);
});

test("reads what it has stored", async () => {
  const stored = { theme: "dark", locale: "ar", presenceNotices: false, notify: "mentions", formattingBar: true };
  expect(await loadPreferences(JSON.stringify(stored))).toEqual(stored);
});

test.each([
  [
    { comings: false, notify: "calls" },
    { presenceNotices: false, notify: "mentions" },
  ],
  [{ notify: true }, { presenceNotices: true, notify: "everything" }],
])("reads %j, which an earlier version stored, as %j", async (stored, expected) => {
  expect(await loadPreferences(JSON.stringify(stored))).toMatchObject(expected);
});
