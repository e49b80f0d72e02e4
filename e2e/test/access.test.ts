import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount } from "../src/account.ts";
import { launchBrowser, openBrowser, type Visitor } from "../src/browser.ts";
import { act, axeFindings, composer, expectLast, message, say, signIn, unsent } from "../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../src/chat-server.ts";
import { PASSWORD, TOWN } from "../src/people.ts";

/** The room that has one of everything. */
const EVERYTHING = 2;

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
  await sayEverything();
});

/** A room in which there is one of everything that can be in a conversation. */
async function sayEverything(): Promise<void> {
  const [ada, alice] = [await openAccount(server, "ada"), await openAccount(server, "alice")];
  await ada.command("member.add", { room: EVERYTHING });
  await ada.command("member.add", { room: EVERYTHING, user: "bob" });
  const question = await alice.post(EVERYTHING, "Who brings the **soup**? @ada, @bob");
  await ada.post(EVERYTHING, "I do.", question.id);
  const list = await ada.post(EVERYTHING, "> we need\n\n- a pot\n- `spoons`\n\n```\ncode\n```");
  const { id } = await alice.post(EVERYTHING, "the furst draft");
  await alice.command("message.edit", { room: EVERYTHING, message: id, body: "the first draft" });
  const mistake = await alice.post(EVERYTHING, "a mistake");
  await alice.command("message.delete", { room: EVERYTHING, message: mistake.id });
  for (const emoji of ["👍", "🎉"]) {
    await ada.command("reaction.add", { room: EVERYTHING, message: question.id, emoji });
    await alice.command("reaction.add", { room: EVERYTHING, message: question.id, emoji });
  }
  await ada.command("message.pin", { room: EVERYTHING, message: list.id });
  await ada.command("member.change", { room: EVERYTHING, user: "bob", muteSeconds: 3600 });
  await ada.command("direct.open", { user: "grace" });
  const bob = await openAccount(server, "bob");
  await bob.command("room.leave", { room: EVERYTHING });
  for (const account of [ada, alice, bob]) account.leave();
}
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

/** Opens something by the jump, which leads everywhere, on a phone too. */
async function choose(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(name);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
}

const SCREENS: readonly Screen[] = [
  { name: "sign-in", path: "/login", shows: heading("Sign in") },
  { name: "a closed set-up", path: "/setup?token=x", shows: heading("Setup is complete") },
  { name: "welcome", path: "/", as: "ada", shows: heading("Welcome, ada"), showsNarrow: heading("Rooms") },
  { name: "a room", path: "/rooms/1", as: "ada", shows: (page) => page.getByText("a message with a link").waitFor() },
  {
    name: "rooms side by side",
    path: "/rooms/1?open=1,2",
    as: "ada",
    shows: heading("Random"),
    showsNarrow: heading("General"),
  },
  {
    name: "a conversation with one of everything",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    shows: (page) => message(page, EVERYTHING, "the first draft").waitFor(),
  },
  {
    name: "the toolbar of a message",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: (page) => message(page, EVERYTHING, "Who brings").hover(),
    shows: (page) => message(page, EVERYTHING, "Who brings").getByRole("button", { name: "More actions" }).waitFor(),
  },
  {
    name: "the menu of a message",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: async (page) => {
      await message(page, EVERYTHING, "I do.").hover();
      await message(page, EVERYTHING, "I do.").getByRole("button", { name: "More actions" }).click();
    },
    shows: (page) => page.getByRole("menu").waitFor(),
  },
  {
    name: "choosing a reaction",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: async (page) => {
      await message(page, EVERYTHING, "I do.").hover();
      await message(page, EVERYTHING, "I do.").getByRole("button", { name: "Add reaction" }).click();
    },
    shows: (page) => page.getByRole("dialog", { name: "Pick an emoji" }).waitFor(),
  },
  {
    name: "deleting a message",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: (page) => act(page, EVERYTHING, "I do.", "Delete"),
    shows: dialog,
  },
  {
    name: "earlier versions of a message",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: (page) => act(page, EVERYTHING, "the first draft", "Edit history"),
    shows: (page) => page.getByText("the furst draft").waitFor(),
  },
  {
    name: "writing an answer",
    path: `/rooms/${EVERYTHING}`,
    as: "alice",
    open: async (page) => {
      await message(page, EVERYTHING, "I do.").hover();
      await message(page, EVERYTHING, "I do.").getByRole("button", { name: "Reply" }).click();
    },
    shows: (page) => page.getByText("Replying to ada").waitFor(),
  },
  {
    name: "editing a message",
    path: `/rooms/${EVERYTHING}`,
    as: "alice",
    open: async (page) => {
      await message(page, EVERYTHING, "the first draft").waitFor();
      await composer(page, EVERYTHING).fill("");
      await composer(page, EVERYTHING).press("Escape");
      await composer(page, EVERYTHING).press("ArrowUp");
    },
    shows: (page) => page.getByText("Editing message").waitFor(),
  },
  {
    name: "completing a name",
    path: `/rooms/${EVERYTHING}`,
    as: "ada",
    open: async (page) => {
      await composer(page, EVERYTHING).fill("");
      await composer(page, EVERYTHING).pressSequentially("@gra");
    },
    shows: (page) => page.getByRole("option", { name: "grace" }).waitFor(),
  },
  {
    name: "somebody muted",
    path: `/rooms/${EVERYTHING}`,
    as: "bob",
    shows: (page) => page.getByText(/you were muted/).waitFor(),
  },
  {
    name: "members",
    path: `/rooms/${EVERYTHING}?pane=members`,
    as: "ada",
    open: (page) => page.getByRole("complementary").getByRole("button", { name: /bob/ }).click(),
    shows: (page) => page.getByRole("button", { name: "Unmute" }).waitFor(),
  },
  {
    name: "banning somebody",
    path: `/rooms/${EVERYTHING}?pane=members&q=bob`,
    as: "ada",
    open: (page) => page.getByRole("complementary").getByRole("button", { name: "Ban" }).click(),
    shows: dialog,
  },
  {
    name: "pinned messages",
    path: `/rooms/${EVERYTHING}?pane=pins`,
    as: "ada",
    shows: (page) => page.getByRole("link", { name: /^Jump to message/ }).waitFor(),
  },
  { name: "nothing pinned", path: "/rooms/1?pane=pins", as: "ada", shows: heading("No pinned messages") },
  {
    name: "what a room is",
    path: `/rooms/${EVERYTHING}?pane=about`,
    as: "ada",
    shows: (page) => page.getByRole("button", { name: "Edit room" }).waitFor(),
  },
  {
    name: "searching in a room",
    path: `/rooms/${EVERYTHING}?pane=search`,
    as: "ada",
    shows: (page) => page.getByText("Search tips").waitFor(),
  },
  {
    name: "what a search found",
    path: "/search?q=soup",
    as: "ada",
    shows: (page) => page.locator("mark").first().waitFor(),
  },
  {
    name: "a search without a result",
    path: "/search?q=nowhere",
    as: "ada",
    shows: (page) => page.getByText("No results").waitFor(),
  },
  {
    name: "browsing the rooms",
    path: "/settings",
    as: "ada",
    open: (page) => choose(page, "Browse open rooms"),
    shows: dialog,
  },
  {
    name: "writing to somebody",
    path: "/settings",
    as: "ada",
    open: (page) => choose(page, "New direct message"),
    shows: dialog,
  },
  {
    name: "one's own status",
    path: "/settings",
    as: "ada",
    // The list with the foot is not beside the settings on a phone.
    open: async (page) => {
      if (await page.getByRole("contentinfo").isVisible())
        await page.getByRole("contentinfo").getByRole("button").first().click();
    },
    shows: (page) => page.getByLabel("Status text").waitFor(),
    showsNarrow: heading("Sessions"),
  },
  { name: "a refused room", path: "/rooms/3", as: "alice", shows: heading("You can’t open room 3") },
  { name: "no such page", path: "/nowhere", as: "ada", shows: heading("Page not found") },
  { name: "settings", path: "/settings", as: "ada", shows: heading("Sessions") },
  { name: "administration of rooms", path: "/admin/rooms", as: "ada", shows: heading("Administration") },
  {
    name: "administration of people",
    path: "/admin/people",
    as: "ada",
    shows: (page) => page.getByRole("main").getByText("grace").waitFor(),
  },
  { name: "administration for others", path: "/admin/rooms", as: "alice", shows: heading("Staff only") },
  {
    name: "server settings",
    path: "/admin/settings",
    as: "ada",
    shows: (page) => page.getByText("Who can create rooms").first().waitFor(),
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

describe("of every screen", () => {
  const visitors = new Map<string, Visitor>();
  beforeAll(async () => {
    for (const name of ["", "ada", "alice", "bob"]) {
      const visitor = await openBrowser(browser, server.url, { colorScheme: "light" });
      if (name !== "") await signIn(visitor.page, name, PASSWORD);
      visitors.set(name, visitor);
    }
  });
  afterAll(async () => {
    for (const { context } of visitors.values()) await context.close();
  });

  const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

  test.each(SCREENS)("axe finds nothing on $name, wide or narrow, in light or dark colours", async (screen) => {
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
      expect(await overflow(page), `pixels wider than the screen at ${width}`).toBeLessThanOrEqual(0);
      // The same elements in other colours: these are all that can be wrong with them now.
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await axeFindings(page, "color-contrast"), `dark, at ${width} pixels`).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize({ width: 768, height: 1024 });
    // Between the two, panes change places: the headings are what that may leave out.
    expect(await axeFindings(page, "page-has-heading-one"), "at 768 pixels").toEqual([]);
    expect(await overflow(page), "pixels wider than the screen at 768").toBeLessThanOrEqual(0);
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

test("with the keyboard alone one answers, reacts, edits, pins, deletes, searches, and looks at who is there", async () => {
  const { page, context, problems } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await expect.poll(() => focused(page)).toBe("Message to General");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await expectLast(page, 1, ["by hand"]);
  await unsent(page, 1).waitFor({ state: "detached" });

  /** From the composer to the last message, its menu, and down to an item of it. */
  async function choose(item: RegExp): Promise<void> {
    await page.keyboard.press("Shift+Tab");
    for (let steps = 0; steps < 10 && !/^Messages in/.test(await focused(page)); steps++)
      await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    for (let steps = 0; steps < 20 && !item.test(await focused(page)); steps++) await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toMatch(item);
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor({ state: "detached" });
  }
  const backToComposer = async (): Promise<void> => {
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("Message to General");
  };

  await choose(/^👍$/);
  await message(page, 1, "by hand").getByRole("button", { name: "👍, 1 person" }).waitFor();
  await backToComposer();
  await choose(/^Pin$/);
  await message(page, 1, "by hand").getByRole("img", { name: "Pinned" }).waitFor();
  await backToComposer();
  await choose(/^Reply$/);
  await expect.poll(() => focused(page)).toBe("Message to General");
  await page.keyboard.type("an answer by hand");
  await page.keyboard.press("Enter");
  await message(page, 1, "an answer by hand")
    .getByRole("link", { name: /^In reply to/ })
    .waitFor();
  // What is still on its way cannot be edited yet.
  await unsent(page, 1).waitFor({ state: "detached" });
  await page.keyboard.press("ArrowUp");
  await page.getByText("Editing message").waitFor();
  await page.keyboard.type(", changed");
  await page.keyboard.press("Enter");
  await message(page, 1, "an answer by hand, changed").getByText("(edited)").waitFor();
  await choose(/^Delete$/);
  await page.getByRole("dialog").waitFor();
  await tabTo(page, /^Delete message$/);
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("This message was deleted.").waitFor();

  await tabTo(page, /^Search$/);
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Search messages");
  await page.keyboard.type("hand");
  await page.keyboard.press("Enter");
  await page.locator("mark").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "detached" });
  await tabTo(page, /^Members$/);
  await page.keyboard.press("Enter");
  await page.getByRole("complementary").getByRole("searchbox").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "detached" });
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
