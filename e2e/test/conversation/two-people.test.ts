import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { expectLastMessages, messageTexts, roomColumn, roomLink, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let alice: Visitor;
let grace: Visitor;

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  alice = await openBrowser(browser, server.url);
  grace = await openBrowser(browser, server.url);
  await signIn(alice.page, "alice", PASSWORD, "/rooms/1?open=1,2");
  await signIn(grace.page, "grace", PASSWORD, "/rooms/1?open=1,2");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

test("two rooms side by side share one WebSocket", async () => {
  for (const { page } of [alice, grace]) {
    await roomColumn(page, 1).getByRole("textbox").waitFor();
    await roomColumn(page, 2).getByRole("textbox").waitFor();
  }
  expect(alice.sockets).toEqual([`${server.url.replace("http", "ws")}/ws`]);
  expect(grace.sockets).toHaveLength(1);
});

test("each user sees the messages of the other in both rooms, in the order of sending", async () => {
  await sendMessage(alice.page, 1, "hello from alice");
  await expectLastMessages(grace.page, 1, ["hello from alice"]);
  await sendMessage(grace.page, 1, "hello from grace");
  await expectLastMessages(alice.page, 1, ["hello from alice", "hello from grace"]);
  await sendMessage(grace.page, 2, "and in the other room");
  await expectLastMessages(alice.page, 2, ["and in the other room"]);
  expect(await messageTexts(alice.page, 1)).not.toContain("and in the other room");
});

test("quick messages from both users arrive complete and in the same order on both pages", async () => {
  const own = (name: string) => Array.from({ length: 10 }, (_, place) => `${name} ${place}`);
  await Promise.all([
    (async () => {
      for (const text of own("a")) await sendMessage(alice.page, 2, text);
    })(),
    (async () => {
      for (const text of own("g")) await sendMessage(grace.page, 2, text);
    })(),
  ]);
  await expect.poll(async () => (await messageTexts(alice.page, 2)).length).toBe(21);
  await expect.poll(async () => messageTexts(grace.page, 2)).toEqual(await messageTexts(alice.page, 2));
  const seen = await messageTexts(alice.page, 2);
  expect(seen.filter((text) => text.startsWith("a "))).toEqual(own("a"));
  expect(seen.filter((text) => text.startsWith("g "))).toEqual(own("g"));
});

test("a staff-only room is listed for staff and does not exist for others", async () => {
  await expect.poll(() => roomLink(grace.page, "Staff corner").count()).toBe(1);
  expect(await roomLink(alice.page, "Staff corner").count()).toBe(0);
  const visitor = await openBrowser(browser, server.url);
  await signIn(visitor.page, "bob", PASSWORD, "/rooms/3");
  await visitor.page.getByRole("heading", { name: "You can’t open room 3" }).waitFor();
  expect(await visitor.page.getByText("Staff corner").count()).toBe(0);
  expect(await roomColumn(visitor.page, 3).getByRole("textbox").count()).toBe(0);
  await visitor.context.close();
});

test("a reload shows the history in the same order", async () => {
  const before = await messageTexts(alice.page, 1);
  await alice.page.reload();
  await expect.poll(() => messageTexts(alice.page, 1)).toEqual(before);
});

test("causes no console error, no warning and no security policy violation", () => {
  expect(alice.problems).toEqual([]);
  expect(grace.problems).toEqual([]);
});
