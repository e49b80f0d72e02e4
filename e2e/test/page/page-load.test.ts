import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, problemsBesidesOutage, readGlobal } from "../../src/browser.ts";
import { composer, message, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let ada: Account;
beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  ada = await openAccount(server, "ada");
  const pinned = await ada.post(1, "pumpkins are pinned");
  await ada.command("member.add", { room: 1 });
  await ada.command("message.pin", { room: 1, message: pinned.id });
  for (let line = 0; line < 120; line++) await ada.post(1, `small talk ${line}`);
});
afterAll(async () => {
  ada?.disconnect();
  await browser?.close();
  await server?.dispose();
});

/** Keeps the page's sockets from opening until the returned function is called. */
async function holdSockets(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.routeWebSocket(/\/ws$/, async (socket) => {
    await promise;
    socket.connectToServer();
  });
  return resolve;
}

/** Records everything that the page shows as an error. */
async function recordErrors(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const shown: string[] = [];
    Object.assign(window, { shownErrors: shown });
    new MutationObserver(() => {
      for (const alert of document.querySelectorAll("[role=alert], [data-problem]")) {
        const text = alert.textContent?.trim() ?? "";
        if (text !== "") shown.push(text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => readGlobal(page, "shownErrors");
}

describe("what a page shows or does before its connection is open waits for the connection", () => {
  const main = (page: Page) => page.getByRole("main");
  const pane = (page: Page) => page.getByRole("complementary");
  const views: [name: string, path: string, shown: (page: Page) => Promise<unknown>][] = [
    ["a search", "/search?q=pumpkins", (page) => main(page).locator("mark").first().waitFor()],
    ["a search in a room", "/rooms/1?pane=search&q=pumpkins", (page) => pane(page).locator("mark").first().waitFor()],
    [
      "a search in all rooms",
      "/rooms/1?pane=search&q=pumpkins&in=all",
      (page) => pane(page).locator("mark").first().waitFor(),
    ],
    ["the members", "/rooms/1?pane=members", (page) => pane(page).getByText("ada").first().waitFor()],
    ["the pinned messages", "/rooms/1?pane=pins", (page) => pane(page).getByText("pumpkins are pinned").waitFor()],
    ["a room's details", "/rooms/1?pane=about", (page) => pane(page).getByText("/rooms/1").waitFor()],
    ["a permalink", "/rooms/1?seq=3", (page) => message(page, 1, "pumpkins are pinned").waitFor()],
    ["a room", "/rooms/1", (page) => message(page, 1, "small talk 119").waitFor()],
    ["two rooms", "/rooms/2?open=1,2", (page) => message(page, 1, "small talk 119").waitFor()],
    ["the administration of rooms", "/admin/rooms", (page) => main(page).getByText("Staff corner").waitFor()],
    ["the administration of people", "/admin/people", (page) => main(page).getByText("grace").waitFor()],
    ["the server's settings", "/admin/settings", (page) => page.getByText("Who can create rooms").first().waitFor()],
    ["the settings", "/settings", (page) => page.getByText("This device").waitFor()],
    ["a room that does not exist", "/rooms/99", (page) => page.getByText("You can’t open room 99").waitFor()],
  ];
  test.each(views)("%s", async (_, path, shown) => {
    const { page, context, problems } = await openBrowser(browser, server.url);
    await signIn(page, "ada", PASSWORD);
    const errors = await recordErrors(page);
    // A browser without windows has none to show, which the settings would say.
    await page.addInitScript(() => Object.defineProperty(Notification, "permission", { value: "default" }));
    // On a first visit, nothing is stored that could be shown meanwhile.
    await page.evaluate(async () => {
      for (const { name = "" } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
    });
    const release = await holdSockets(page);
    await page.goto(path);
    await page.getByText("Connecting…").waitFor();
    // Every part that the view needs has arrived, and has asked its question.
    await page.waitForLoadState("networkidle");
    release();
    await shown(page);
    expect(await errors()).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  test("finding people and opening a conversation", async () => {
    const { page, context, problems } = await openBrowser(browser, server.url);
    await signIn(page, "alice", PASSWORD, "/rooms/2");
    await composer(page, 2).waitFor();
    const errors = await recordErrors(page);
    const release = await holdSockets(page);
    await page.goto("/rooms/2?pane=about");
    await page.getByText("Connecting…").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("grace");
    release();
    await page
      .getByRole("option")
      .filter({ hasText: /^grace/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "grace" }).first().waitFor();
    expect(await errors()).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });
});

describe("a part of the page that fails to load while the server restarts is loaded again", () => {
  /** Lets the first requests for such files fail. */
  async function failFirst(page: Page, files: RegExp, times: number): Promise<() => number> {
    let failed = 0;
    await page.route(files, (route) => {
      failed += 1;
      return failed > times ? route.continue() : route.abort("connectionrefused");
    });
    return () => failed;
  }

  const parts: [
    name: string,
    files: RegExp,
    open: (page: Page) => Promise<unknown>,
    styled: (page: Page) => unknown,
  ][] = [
    [
      "the styles of the settings",
      /\/settings-[^/]+\.css$/,
      (page) => page.getByRole("link", { name: "Settings" }).click(),
      (page) =>
        page
          .getByRole("main")
          .getByText("This device")
          .locator("xpath=ancestor::li")
          .evaluate((row) => getComputedStyle(row).display),
    ],
    [
      "the styles that features share",
      /\/shared-[^/]+\.css$/,
      (page) => page.getByRole("link", { name: "Settings" }).click(),
      (page) =>
        page.getByLabel("Current password").evaluate((field) => getComputedStyle(field).minBlockSize !== "auto"),
    ],
    [
      "the script of the settings",
      /\/settings-[^/]+\.js$/,
      (page) => page.getByRole("link", { name: "Settings" }).click(),
      (page) => page.getByRole("heading", { name: "Sessions" }).innerText(),
    ],
    [
      "the styles of a pane",
      /\/details-[^/]+\.css$/,
      (page) => page.getByRole("button", { name: "Members" }).click(),
      (page) => page.getByRole("complementary").evaluate((pane) => getComputedStyle(pane).display),
    ],
  ];
  test.each(parts)("%s", async (_, files, open, styled) => {
    const look = async (times: number) => {
      const visitor = await openBrowser(browser, server.url);
      const { page, context } = visitor;
      const failures = await failFirst(page, files, times);
      await signIn(page, "ada", PASSWORD, "/rooms/1");
      await message(page, 1, "small talk 119").waitFor();
      await open(page);
      if (times > 0) await expect.poll(failures).toBeGreaterThan(times);
      const seen = await styled(page);
      expect(problemsBesidesOutage(visitor)).toEqual([]);
      await context.close();
      return seen;
    };
    expect(await look(2)).toEqual(await look(0));
  });

  test("the page's own styles", async () => {
    const { page, context } = await openBrowser(browser, server.url);
    const failures = await failFirst(page, /\/assets\/(?:chat|index)-[^/]+\.css$/, 2);
    await page.goto("/login");
    await page.getByLabel("Username").waitFor();
    await expect.poll(failures).toBeGreaterThan(2);
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.body).margin)).toBe("0px");
    await context.close();
  });
});
