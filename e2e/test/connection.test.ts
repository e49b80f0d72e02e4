import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser, openBrowser, ownProblems, type Visitor } from "../src/browser.ts";
import { column, expectLast, say, signIn, texts } from "../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../src/chat-server.ts";
import { PASSWORD, TOWN } from "../src/people.ts";

/** How long a page may take to be back after its server is: it comes back with growing pauses, not at once. */
const BACK_MS = 20_000;

let browser: Browser;
let server: ChatServer;
let alice: Visitor;
let bob: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startChatServer({ fixture: TOWN });
  alice = await openBrowser(browser, server.url);
  bob = await openBrowser(browser, server.url);
  await signIn(alice.page, "alice", PASSWORD, "/rooms/1");
  await signIn(bob.page, "bob", PASSWORD, "/rooms/1");
});
afterEach(async () => {
  expect(ownProblems(alice)).toEqual([]);
  expect(ownProblems(bob)).toEqual([]);
  await alice.context.close();
  await bob.context.close();
  await server.dispose();
});

const pending = (visitor: Visitor) => column(visitor.page, 1).locator("article[data-state]");

test.each(["stop", "kill"] as const)(
  "a server that is restarted in the middle (%s) loses nothing, and the pages recover by themselves",
  async (how) => {
    await say(alice.page, 1, "before");
    await expectLast(bob.page, 1, ["before"]);
    await server[how]();
    await say(alice.page, 1, "while it was away, first");
    await say(bob.page, 1, "from bob, while it was away");
    await say(alice.page, 1, "while it was away, second");
    await expect.poll(() => pending(alice).count()).toBe(2);
    await alice.page.getByText("messages are waiting").waitFor();
    await server.start();
    await expect.poll(() => texts(bob.page, 1), { timeout: BACK_MS }).toHaveLength(4);
    await expect.poll(() => texts(alice.page, 1), { timeout: BACK_MS }).toEqual(await texts(bob.page, 1));
    const seen = await texts(alice.page, 1);
    expect(seen[0]).toBe("before");
    expect(seen.filter((text) => text.startsWith("while"))).toEqual([
      "while it was away, first",
      "while it was away, second",
    ]);
    await expect.poll(() => pending(alice).count()).toBe(0);
    await say(bob.page, 1, "after");
    await expectLast(alice.page, 1, ["after"]);
  },
);

test("what is written offline goes out once, in order, when the connection is back", async () => {
  await alice.context.setOffline(true);
  // Emulated offline cuts what is new; the open socket goes with the server's end of it.
  await server.kill();
  await server.start();
  await alice.page.getByText("You are offline.").waitFor();
  for (const text of ["one", "two", "three"]) await say(alice.page, 1, text);
  await expect.poll(() => pending(alice).count()).toBe(3);
  await alice.context.setOffline(false);
  await expect.poll(() => texts(bob.page, 1), { timeout: BACK_MS }).toEqual(["one", "two", "three"]);
  await expect.poll(() => pending(alice).count()).toBe(0);
  expect(await texts(alice.page, 1)).toEqual(["one", "two", "three"]);
});

test("a reload in the middle of an outage keeps the draft", async () => {
  await column(alice.page, 1).getByRole("textbox").fill("half a thought");
  await alice.page.reload();
  await expect.poll(() => column(alice.page, 1).getByRole("textbox").inputValue()).toBe("half a thought");
});

test("signing out elsewhere ends this page, and signing in again returns to the same room with the draft", async () => {
  const elsewhere = await openBrowser(browser, server.url);
  await signIn(elsewhere.page, "alice", PASSWORD, "/settings");
  await column(alice.page, 1).getByRole("textbox").fill("not yet sent");
  await elsewhere.page.getByRole("button", { name: "Sign out all others" }).click();
  await alice.page.getByText("Your session ended.").waitFor();
  await alice.page.getByLabel("Username").fill("alice");
  await alice.page.getByLabel("Password").fill(PASSWORD);
  await alice.page.getByRole("button", { name: "Sign in" }).click();
  await expect.poll(() => column(alice.page, 1).getByRole("textbox").inputValue()).toBe("not yet sent");
  expect(new URL(alice.page.url()).pathname).toBe("/rooms/1");
  await elsewhere.context.close();
});
