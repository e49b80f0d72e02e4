import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import {
  axeFindings,
  chooseMessageAction,
  composer,
  expectLastMessages,
  message,
  sendMessage,
  signIn,
  unsentMessages,
} from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

/** A room with a sample of everything that a conversation can show. */
const SAMPLE_ROOM = 2;

let browser: Browser;
let server: ChatServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startChatServer({ fixture: FIXTURE });
  const { page, context } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await sendMessage(page, 1, "a message with a link: https://example.org/");
  await page.locator("article:not([data-state])").getByText("a message with a link").waitFor();
  await context.close();
  await postSamples();
});

/** Fills the sample room. */
async function postSamples(): Promise<void> {
  const [ada, alice] = [await openAccount(server, "ada"), await openAccount(server, "alice")];
  await ada.command("member.add", { room: SAMPLE_ROOM });
  await ada.command("member.add", { room: SAMPLE_ROOM, user: "bob" });
  const question = await alice.post(SAMPLE_ROOM, "Who brings the **soup**? @ada, @bob");
  await ada.post(SAMPLE_ROOM, "I do.", question.id);
  const list = await ada.post(SAMPLE_ROOM, "> we need\n\n- a pot\n- `spoons`\n\n```\ncode\n```");
  const { id } = await alice.post(SAMPLE_ROOM, "the furst draft");
  await alice.command("message.edit", { room: SAMPLE_ROOM, message: id, body: "the first draft" });
  const mistake = await alice.post(SAMPLE_ROOM, "a mistake");
  await alice.command("message.delete", { room: SAMPLE_ROOM, message: mistake.id });
  for (const emoji of ["👍", "🎉"]) {
    await ada.command("reaction.add", { room: SAMPLE_ROOM, message: question.id, emoji });
    await alice.command("reaction.add", { room: SAMPLE_ROOM, message: question.id, emoji });
  }
  await ada.command("message.pin", { room: SAMPLE_ROOM, message: list.id });
  await ada.command("member.change", { room: SAMPLE_ROOM, user: "bob", muteSeconds: 3600 });
  await ada.command("direct.open", { user: "grace" });
  const bob = await openAccount(server, "bob");
  await bob.command("room.leave", { room: SAMPLE_ROOM });
  for (const account of [ada, alice, bob]) account.disconnect();
}
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

interface Screen {
  readonly name: string;
  readonly path: string;
  /** The signed-in user; none if absent. */
  readonly username?: string;
  /** Opens what the screen is about. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Resolves when the screen is complete. */
  readonly waitUntilShown: (page: Page) => Promise<void>;
  /** The same on a phone, if that shows something else. */
  readonly waitUntilShownNarrow?: (page: Page) => Promise<void>;
}

const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
const dialog = (page: Page) => page.getByRole("dialog").waitFor();

/** Opens an entry of the jump dialog, which works on a phone too. */
async function openFromJump(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(name);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
}

const SCREENS: readonly Screen[] = [
  { name: "sign-in", path: "/login", waitUntilShown: heading("Sign in") },
  { name: "a closed set-up", path: "/setup#token=x", waitUntilShown: heading("Setup is complete") },
  {
    name: "welcome",
    path: "/",
    username: "ada",
    waitUntilShown: heading("Welcome, ada"),
    waitUntilShownNarrow: heading("Rooms"),
  },
  {
    name: "a room",
    path: "/rooms/1",
    username: "ada",
    waitUntilShown: (page) => page.getByText("a message with a link").waitFor(),
  },
  {
    name: "rooms side by side",
    path: "/rooms/1?open=1,2",
    username: "ada",
    waitUntilShown: heading("Random"),
    waitUntilShownNarrow: heading("General"),
  },
  {
    name: "a conversation with a sample of everything",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    waitUntilShown: (page) => message(page, SAMPLE_ROOM, "the first draft").waitFor(),
  },
  {
    name: "the toolbar of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => message(page, SAMPLE_ROOM, "Who brings").hover(),
    waitUntilShown: (page) =>
      message(page, SAMPLE_ROOM, "Who brings").getByRole("button", { name: "More actions" }).waitFor(),
  },
  {
    name: "the menu of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "More actions" }).click();
    },
    waitUntilShown: (page) => page.getByRole("menu").waitFor(),
  },
  {
    name: "choosing a reaction",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "Add reaction" }).click();
    },
    waitUntilShown: (page) => page.getByRole("dialog", { name: "Pick an emoji" }).waitFor(),
  },
  {
    name: "deleting a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => chooseMessageAction(page, SAMPLE_ROOM, "I do.", "Delete"),
    waitUntilShown: dialog,
  },
  {
    name: "earlier versions of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => chooseMessageAction(page, SAMPLE_ROOM, "the first draft", "Edit history"),
    waitUntilShown: (page) => page.getByText("the furst draft").waitFor(),
  },
  {
    name: "writing a reply",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "alice",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "Reply" }).click();
    },
    waitUntilShown: (page) => page.getByText("Replying to ada").waitFor(),
  },
  {
    name: "editing a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "alice",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "the first draft").waitFor();
      await composer(page, SAMPLE_ROOM).fill("");
      await composer(page, SAMPLE_ROOM).press("Escape");
      await composer(page, SAMPLE_ROOM).press("ArrowUp");
    },
    waitUntilShown: (page) => page.getByText("Editing message").waitFor(),
  },
  {
    name: "completing a name",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await composer(page, SAMPLE_ROOM).fill("");
      await composer(page, SAMPLE_ROOM).pressSequentially("@gra");
    },
    waitUntilShown: (page) => page.getByRole("option", { name: "grace" }).waitFor(),
  },
  {
    name: "a muted user",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "bob",
    waitUntilShown: (page) => page.getByText(/^You’re muted/).waitFor(),
  },
  {
    name: "members",
    path: `/rooms/${SAMPLE_ROOM}?pane=members`,
    username: "ada",
    prepare: (page) => page.getByRole("complementary").getByRole("button", { name: /bob/ }).click(),
    waitUntilShown: (page) => page.getByRole("button", { name: "Unmute" }).waitFor(),
  },
  {
    name: "banning a user",
    path: `/rooms/${SAMPLE_ROOM}?pane=members&q=bob`,
    username: "ada",
    prepare: (page) => page.getByRole("complementary").getByRole("button", { name: "Ban" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "pinned messages",
    path: `/rooms/${SAMPLE_ROOM}?pane=pins`,
    username: "ada",
    waitUntilShown: (page) => page.getByRole("link", { name: /^Jump to message/ }).waitFor(),
  },
  {
    name: "nothing pinned",
    path: "/rooms/1?pane=pins",
    username: "ada",
    waitUntilShown: heading("No pinned messages"),
  },
  {
    name: "about a room",
    path: `/rooms/${SAMPLE_ROOM}?pane=about`,
    username: "ada",
    waitUntilShown: (page) => page.getByRole("button", { name: "Edit room" }).waitFor(),
  },
  {
    name: "searching in a room",
    path: `/rooms/${SAMPLE_ROOM}?pane=search`,
    username: "ada",
    waitUntilShown: (page) => page.getByText("Search tips").waitFor(),
  },
  {
    name: "search results",
    path: "/search?q=soup",
    username: "ada",
    waitUntilShown: (page) => page.locator("mark").first().waitFor(),
  },
  {
    name: "a search without a result",
    path: "/search?q=nowhere",
    username: "ada",
    waitUntilShown: (page) => page.getByText("No results").waitFor(),
  },
  {
    name: "browsing the rooms",
    path: "/settings",
    username: "ada",
    prepare: (page) => openFromJump(page, "Browse open rooms"),
    waitUntilShown: dialog,
  },
  {
    name: "a new direct message",
    path: "/settings",
    username: "ada",
    prepare: (page) => openFromJump(page, "New direct message"),
    waitUntilShown: dialog,
  },
  {
    name: "the user's status",
    path: "/settings",
    username: "ada",
    // On a phone, the sidebar with its footer is not beside the settings.
    prepare: async (page) => {
      if (await page.getByRole("contentinfo").isVisible())
        await page.getByRole("contentinfo").getByRole("button").first().click();
    },
    waitUntilShown: (page) => page.getByLabel("Status text").waitFor(),
    waitUntilShownNarrow: heading("Sessions"),
  },
  { name: "a refused room", path: "/rooms/3", username: "alice", waitUntilShown: heading("You can’t open room 3") },
  { name: "no such page", path: "/nowhere", username: "ada", waitUntilShown: heading("Page not found") },
  { name: "settings", path: "/settings", username: "ada", waitUntilShown: heading("Sessions") },
  { name: "administration of rooms", path: "/admin/rooms", username: "ada", waitUntilShown: heading("Administration") },
  {
    name: "administration of people",
    path: "/admin/people",
    username: "ada",
    waitUntilShown: (page) => page.getByRole("main").getByText("grace").waitFor(),
  },
  {
    name: "administration without staff rights",
    path: "/admin/rooms",
    username: "alice",
    waitUntilShown: heading("Staff only"),
  },
  {
    name: "server settings",
    path: "/admin/settings",
    username: "ada",
    waitUntilShown: (page) => page.getByText("Who can create rooms").first().waitFor(),
  },
  {
    name: "a new room",
    path: "/admin/rooms",
    username: "ada",
    prepare: (page) => page.getByRole("main").getByRole("button", { name: "New room" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "editing an account",
    path: "/admin/people",
    username: "ada",
    prepare: (page) => page.getByRole("button", { name: "Edit grace" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "the jump dialog",
    path: "/settings",
    username: "ada",
    prepare: (page) => page.keyboard.press("Control+k"),
    waitUntilShown: dialog,
  },
  {
    name: "the keyboard shortcuts",
    path: "/settings",
    username: "ada",
    prepare: (page) => page.keyboard.press("?"),
    waitUntilShown: dialog,
  },
];

describe("accessibility of every screen", () => {
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

  test.each(SCREENS)("axe finds no problem on $name, wide or narrow, light or dark", async (screen) => {
    const visitor = visitors.get(screen.username ?? "");
    if (visitor === undefined) throw new Error(`expected a visitor signed in as ${screen.username}`);
    const { page } = visitor;
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(screen.path);
      if (screen.prepare !== undefined) {
        await page.getByRole("heading").first().waitFor();
        await screen.prepare(page);
      }
      await (width === 390 ? (screen.waitUntilShownNarrow ?? screen.waitUntilShown) : screen.waitUntilShown)(page);
      expect(await axeFindings(page), `at ${width} pixels`).toEqual([]);
      expect(await overflow(page), `pixels wider than the screen at ${width}`).toBeLessThanOrEqual(0);
      // The elements are the same in dark, so only their contrast can fail.
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await axeFindings(page, "color-contrast"), `dark, at ${width} pixels`).toEqual([]);
      await page.emulateMedia({ colorScheme: "light" });
    }
    await page.setViewportSize({ width: 768, height: 1024 });
    // Panes move at the width in between, which may drop a heading.
    expect(await axeFindings(page, "page-has-heading-one"), "at 768 pixels").toEqual([]);
    expect(await overflow(page), "pixels wider than the screen at 768").toBeLessThanOrEqual(0);
  });
});

/** Returns the accessible name of the focused element. */
const focusedName = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    // Between the last and the first element, the body has the focus, and its text is the whole page.
    if (element === null || element === document.body) return "";
    return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
  });

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    if (name.test(await focusedName(page))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reached ${name}; it is on "${await focusedName(page)}"`);
}

test("signing in, opening a room, writing, jumping to another room and signing out work with the keyboard alone", async () => {
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
  await expect.poll(() => focusedName(page)).toBe("Message to General");
  await page.keyboard.type("typed blind");
  await page.keyboard.press("Enter");
  await expectLastMessages(page, 1, ["typed blind"]);

  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("rand");
  await page.keyboard.press("Enter");
  await expect.poll(() => focusedName(page)).toBe("Message to Random");
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(() => focusedName(page)).toBe("Message to General");

  await tabTo(page, /^Settings$/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Account" }).waitFor();
  await tabTo(page, /^Sign out$/);
  await page.keyboard.press("Enter");
  // Only the sign-in page asks for a username.
  await page.getByLabel("Username").waitFor();
  expect(problems).toEqual([]);
  await context.close();
});

test("replying, reacting, editing, pinning, deleting, searching and opening the members work with the keyboard alone", async () => {
  const { page, context, problems } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await expect.poll(() => focusedName(page)).toBe("Message to General");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Enter");
  await expectLastMessages(page, 1, ["by hand"]);
  await unsentMessages(page, 1).waitFor({ state: "detached" });

  /** Moves from the composer to the last message, opens its menu and chooses an item. */
  async function choose(item: RegExp): Promise<void> {
    await page.keyboard.press("Shift+Tab");
    for (let steps = 0; steps < 10 && !/^Messages in/.test(await focusedName(page)); steps++)
      await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    for (let steps = 0; steps < 20 && !item.test(await focusedName(page)); steps++)
      await page.keyboard.press("ArrowDown");
    expect(await focusedName(page)).toMatch(item);
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor({ state: "detached" });
  }
  const backToComposer = async (): Promise<void> => {
    await page.keyboard.press("Escape");
    await expect.poll(() => focusedName(page)).toBe("Message to General");
  };

  await choose(/^👍$/);
  await message(page, 1, "by hand").getByRole("button", { name: "👍, 1 person" }).waitFor();
  await backToComposer();
  await choose(/^Pin$/);
  await message(page, 1, "by hand").getByRole("img", { name: "Pinned" }).waitFor();
  await backToComposer();
  await choose(/^Reply$/);
  await expect.poll(() => focusedName(page)).toBe("Message to General");
  await page.keyboard.type("an answer by hand");
  await page.keyboard.press("Enter");
  await message(page, 1, "an answer by hand")
    .getByRole("link", { name: /^In reply to/ })
    .waitFor();
  // A message that is still being sent cannot be edited.
  await unsentMessages(page, 1).waitFor({ state: "detached" });
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
  await expect.poll(() => focusedName(page)).toBe("Search messages");
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

test("every focused element has a visible focus indicator", async () => {
  const { page, context } = await openBrowser(browser, server.url);
  await signIn(page, "ada", PASSWORD, "/rooms/1");
  await page.getByRole("textbox").waitFor();
  const withoutIndicator: string[] = [];
  for (let steps = 0; steps < 25; steps++) {
    await page.keyboard.press("Tab");
    const hasIndicator = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return true;
      // An ancestor may draw the ring.
      for (let at: Element | null = element, up = 0; at !== null && up < 3; at = at.parentElement, up++) {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
        if ((outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none") return true;
      }
      return false;
    });
    if (!hasIndicator) withoutIndicator.push(await focusedName(page));
  }
  expect(withoutIndicator).toEqual([]);
  await context.close();
});
