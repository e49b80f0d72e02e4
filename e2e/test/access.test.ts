import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../src/browser.ts";
import { axeFindings, expectLast, say, signIn } from "../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../src/chat-server.ts";
import { PASSWORD, TOWN } from "../src/people.ts";

let browser: Browser;
let server: ChatServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startChatServer({ fixture: TOWN });
  const { page, context } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await say(page, 1, "a message with a link: https://example.org/");
  await page.locator("article:not([data-state])").getByText("a message with a link").waitFor();
  await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

interface Screen {
  readonly name: string;
  readonly path: string;
  /** Who looks at it; nobody signed in, where nothing is said. */
  readonly as?: string;
  /** What is opened on it first. */
  readonly open?: (page: Page) => Promise<void>;
  /** There when the screen is. */
  readonly shows: (page: Page) => Promise<void>;
  /** The same on a phone, where that shows something else. */
  readonly showsNarrow?: (page: Page) => Promise<void>;
}

const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
const dialog = (page: Page) => page.getByRole("dialog").waitFor();

const SCREENS: readonly Screen[] = [
  { name: "sign-in", path: "/login", shows: heading("Sign in") },
  { name: "a closed set-up", path: "/setup?token=x", shows: heading("Nothing to set up") },
  { name: "welcome", path: "/", as: "ada", shows: heading("Hello, ada"), showsNarrow: heading("Rooms") },
  { name: "a room", path: "/rooms/1", as: "ada", shows: (page) => page.getByText("a message with a link").waitFor() },
  {
    name: "rooms side by side",
    path: "/rooms/1?open=1,2",
    as: "ada",
    shows: heading("Random"),
    showsNarrow: heading("General"),
  },
  { name: "a refused room", path: "/rooms/3", as: "alice", shows: heading("You cannot enter room 3") },
  { name: "no such page", path: "/nowhere", as: "ada", shows: heading("There is no such page") },
  { name: "settings", path: "/settings", as: "ada", shows: heading("Sessions") },
  { name: "administration of rooms", path: "/admin/rooms", as: "ada", shows: heading("Administration") },
  {
    name: "administration of people",
    path: "/admin/people",
    as: "ada",
    shows: (page) => page.getByText("grace").waitFor(),
  },
  { name: "administration for others", path: "/admin/rooms", as: "alice", shows: heading("This page is for staff") },
  {
    name: "server settings",
    path: "/admin/settings",
    as: "ada",
    shows: (page) => page.getByText("Who may create rooms").first().waitFor(),
  },
  {
    name: "a new room",
    path: "/admin/rooms",
    as: "ada",
    open: (page) => page.getByRole("main").getByRole("button", { name: "New room" }).click(),
    shows: dialog,
  },
  {
    name: "editing a person",
    path: "/admin/people",
    as: "ada",
    open: (page) => page.getByRole("button", { name: "Edit grace" }).click(),
    shows: dialog,
  },
  { name: "jumping", path: "/settings", as: "ada", open: (page) => page.keyboard.press("Control+k"), shows: dialog },
  { name: "the list of keys", path: "/settings", as: "ada", open: (page) => page.keyboard.press("?"), shows: dialog },
];

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  const visitors = new Map<string, Visitor>();
  beforeAll(async () => {
    for (const name of ["", "ada", "alice"]) {
      const visitor = await openBrowser(browser, server.url, { colorScheme });
      if (name !== "") await signIn(visitor.page, name, PASSWORD);
      visitors.set(name, visitor);
    }
  });
  afterAll(async () => {
    for (const { context } of visitors.values()) await context.close();
  });

  test.each(SCREENS)("axe finds nothing on $name, wide or narrow", async (screen) => {
    const visitor = visitors.get(screen.as ?? "");
    if (visitor === undefined) throw new Error(`nobody is signed in as ${screen.as}`);
    const { page } = visitor;
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(screen.path);
      if (screen.open !== undefined) {
        await page.getByRole("heading").first().waitFor();
        await screen.open(page);
      }
      await (width === 390 ? (screen.showsNarrow ?? screen.shows) : screen.shows)(page);
      expect(await axeFindings(page), `at ${width} pixels`).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `pixels wider than the screen at ${width}`).toBeLessThanOrEqual(0);
    }
  });
});

/** The name of what has the focus, as a screen reader would say it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    // Between the last element and the first, the focus is on the page as a whole, which has every word on it.
    if (element === null || element === document.body) return "";
    return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
  });

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached ${name}; it is on "${await focused(page)}"`);
}

test("with the keyboard alone one signs in, enters a room, talks, jumps to another, and signs out", async () => {
  const { page, context, problems } = await openBrowser(browser, server.url);
  await page.goto("/login");
  await page.getByLabel("Username").waitFor();
  await page.keyboard.type("alice");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("navigation", { name: "Rooms" }).getByRole("link").first().waitFor();

  await tabTo(page, /^#?\s*General/);
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Message to General");
  await page.keyboard.type("typed blind");
  await page.keyboard.press("Enter");
  await expectLast(page, 1, ["typed blind"]);

  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("rand");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Message to Random");
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => focused(page)).toBe("Message to General");

  await tabTo(page, /^Settings$/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Account" }).waitFor();
  await tabTo(page, /^Sign out$/);
  await page.keyboard.press("Enter");
  // Only the door asks for a username.
  await page.getByLabel("Username").waitFor();
  expect(problems).toEqual([]);
  await context.close();
});

test("whatever has the focus can be seen to have it", async () => {
  const { page, context } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await page.getByRole("textbox").waitFor();
  const unseen: string[] = [];
  for (let steps = 0; steps < 25; steps++) {
    await page.keyboard.press("Tab");
    const shown = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return true;
      // The ring may be drawn by what surrounds the element.
      for (let at: Element | null = element, up = 0; at !== null && up < 3; at = at.parentElement, up++) {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
        if ((outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none") return true;
      }
      return false;
    });
    if (!shown) unseen.push(await focused(page));
  }
  expect(unseen).toEqual([]);
  await context.close();
});
