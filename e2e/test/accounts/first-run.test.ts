import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser } from "../../src/browser.ts";
import { expectLastMessages, sendMessage } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let address = "";

beforeAll(async () => {
  server = await startChatServer();
  browser = await launchBrowser();
  address = await server.setupAddress();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

test("the setup page refuses a wrong token while there are no accounts", async () => {
  const { page, context } = await openBrowser(browser, server.url);
  await page.goto("/setup#token=guessed");
  await page.getByRole("heading", { name: "Setup is complete" }).waitFor();
  expect(await page.getByRole("textbox").count()).toBe(0);
  await context.close();
});

test("the printed address creates the first administrator and the first room, and opens that room", async () => {
  const { page, context, problems } = await openBrowser(browser, server.url);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  await page.goto(address);
  await page.getByLabel("Username").fill("ada");
  // The token is in no address: not in the bar, not in the history, and in no request.
  const token = new URLSearchParams(new URL(address).hash.slice(1)).get("token") ?? "";
  expect(token.length).toBeGreaterThan(20);
  expect(page.url()).toBe(`${server.url}/setup`);
  expect(
    await page.evaluate(() => [location.href, document.referrer, JSON.stringify(history.state)].join()),
  ).not.toContain(token);
  expect(requests.length).toBeGreaterThan(1);
  expect(requests.filter((request) => request.includes(token))).toEqual([]);
  // A weak password is refused before the second step, which would be filled in for nothing.
  const password = page.getByLabel("Password");
  await password.fill("multichat1");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("It is the name of this product, or contains little else.").waitFor();
  await expect.poll(() => password.evaluate((field) => field === document.activeElement)).toBe(true);
  await password.fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Room name").fill("Town square");
  await page.getByRole("button", { name: "Finish" }).click();
  await page.waitForURL("**/rooms/1");
  await sendMessage(page, 1, "first!");
  await expectLastMessages(page, 1, ["first!"]);
  await page.getByRole("link", { name: "Administration" }).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});

test("a token in the query is removed from the address", async () => {
  const { page, context } = await openBrowser(browser, server.url);
  await page.goto("/setup?token=guessed");
  await page.getByRole("heading", { name: "Setup is complete" }).waitFor();
  expect(page.url()).toBe(`${server.url}/setup`);
  await context.close();
});

test("the printed address works once", async () => {
  const { page, context } = await openBrowser(browser, server.url);
  await page.goto(address);
  await page.getByRole("heading", { name: "Setup is complete" }).waitFor();
  await context.close();
});
