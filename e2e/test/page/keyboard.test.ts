import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser } from "../../src/browser.ts";
import { expectLastMessages, message, roomColumn, signIn, unsentMessages } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let browser: Browser;
let server: ChatServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startChatServer({ fixture: FIXTURE });
  const ada = await openAccount(server, "ada");
  await ada.post(1, "a message with a link: https://example.org/");
  ada.disconnect();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
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

test.each([
  ["forward", "Tab", 1, ["header", "log", "composer"]],
  ["backward", "Shift+Tab", 2, ["composer", "log", "header"]],
] as const)("Tab goes %s through all of a column, and stays where it enters it", async (_, key, entered, parts) => {
  const { page, context } = await openBrowser(browser, server.url, { viewport: { width: 1500, height: 800 } });
  // The column that is entered is not the active one.
  await signIn(page, "alice", PASSWORD, `/rooms/${entered === 1 ? 2 : 1}?open=1,2&pane=members`);
  const column = roomColumn(page, entered);
  await column.getByRole("textbox").waitFor();
  const beside = key === "Tab" ? page.getByRole("link", { name: "Settings" }) : page.getByPlaceholder("Search people");
  await beside.focus();
  const seen: string[] = [];
  for (let presses = 0; presses < 40 && seen.at(-1) !== parts[2]; presses++) {
    await page.keyboard.press(key);
    const part = await column.evaluate((section) => {
      const focused = document.activeElement;
      if (focused === null || !section.contains(focused)) return undefined;
      return ["header", "[role=log]", "form"].find((selector) => focused.closest(selector) !== null);
    });
    const name = { header: "header", "[role=log]": "log", form: "composer" }[part ?? ""];
    if (name !== undefined && seen.at(-1) !== name) seen.push(name);
  }
  expect(seen).toEqual(parts);
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
