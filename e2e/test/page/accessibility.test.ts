import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { axeFindings, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";
import { postSamples, SCREENS } from "../../src/screens.ts";

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
  await postSamples(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

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
