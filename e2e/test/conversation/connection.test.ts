import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, problemsBesidesOutage, type Visitor } from "../../src/browser.ts";
import {
  composer,
  expectLastMessages,
  message,
  messageLog,
  messageTexts,
  roomColumn,
  sendMessage,
  signIn,
  unsentMessages,
} from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let browser: Browser;
let server: ChatServer;
let alice: Visitor;
let bob: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  alice = await openBrowser(browser, server.url);
  bob = await openBrowser(browser, server.url);
  await signIn(alice.page, "alice", PASSWORD, "/rooms/1");
  await signIn(bob.page, "bob", PASSWORD, "/rooms/1");
});
afterEach(async () => {
  expect(problemsBesidesOutage(alice)).toEqual([]);
  expect(problemsBesidesOutage(bob)).toEqual([]);
  await alice.context.close();
  await bob.context.close();
  await server.dispose();
});

const pending = ({ page }: Visitor) => unsentMessages(page, 1);

test.each(["stop", "kill"] as const)(
  "pages recover by themselves and lose nothing when the server restarts (%s)",
  async (how) => {
    await sendMessage(alice.page, 1, "before");
    await expectLastMessages(bob.page, 1, ["before"]);
    await server[how]();
    await sendMessage(alice.page, 1, "while it was offline, first");
    await sendMessage(bob.page, 1, "from bob, while it was offline");
    await sendMessage(alice.page, 1, "while it was offline, second");
    await expect.poll(() => pending(alice).count()).toBe(2);
    await alice.page.getByText("unsent messages.").waitFor();
    await server.start();
    await expect.poll(() => messageTexts(bob.page, 1)).toHaveLength(4);
    await expect.poll(() => messageTexts(alice.page, 1)).toEqual(await messageTexts(bob.page, 1));
    const seen = await messageTexts(alice.page, 1);
    expect(seen[0]).toBe("before");
    expect(seen.filter((text) => text.startsWith("while"))).toEqual([
      "while it was offline, first",
      "while it was offline, second",
    ]);
    await expect.poll(() => pending(alice).count()).toBe(0);
    await sendMessage(bob.page, 1, "after");
    await expectLastMessages(alice.page, 1, ["after"]);
  },
);

test("messages written offline are sent once and in order when the connection is back", async () => {
  await alice.context.setOffline(true);
  // Emulated offline blocks new connections only; killing the server closes the open socket.
  await server.kill();
  await server.start();
  await alice.page.getByText("You’re offline.").waitFor();
  for (const text of ["one", "two", "three"]) await sendMessage(alice.page, 1, text);
  await expect.poll(() => pending(alice).count()).toBe(3);
  await alice.context.setOffline(false);
  await expect.poll(() => messageTexts(bob.page, 1)).toEqual(["one", "two", "three"]);
  await expect.poll(() => pending(alice).count()).toBe(0);
  expect(await messageTexts(alice.page, 1)).toEqual(["one", "two", "three"]);
});

test("messages written while the server was down are sent once and in order, even if the page was closed meanwhile", async () => {
  await sendMessage(alice.page, 1, "before");
  await expectLastMessages(bob.page, 1, ["before"]);
  await server.kill();
  await sendMessage(alice.page, 1, "written into the dark");
  await sendMessage(alice.page, 1, "and once more");
  await expect.poll(() => pending(alice).count()).toBe(2);
  await alice.page.goto("about:blank");
  await server.start();
  await alice.page.goto(`${server.url}/rooms/1`);
  await expect.poll(() => pending(alice).count()).toBe(0);
  const all = ["before", "written into the dark", "and once more"];
  await expect.poll(() => messageTexts(alice.page, 1)).toEqual(all);
  await expect.poll(() => messageTexts(bob.page, 1)).toEqual(all);
});

test("a refused message stays with its reason and can be sent again or discarded", async () => {
  await server.stop();
  await server.cli(["room", "archive", "1"]);
  await sendMessage(alice.page, 1, "too late");
  await sendMessage(alice.page, 1, "much too late");
  await expect.poll(() => pending(alice).count()).toBe(2);
  await server.start();
  const failed = (text: string) => pending(alice).filter({ hasText: text });
  for (const text of ["too late", "much too late"])
    await failed(text).last().getByText("Not sent. This room is archived and read-only.").waitFor();
  await failed("much too late").getByRole("button", { name: "Discard" }).click();
  await expect.poll(() => pending(alice).count()).toBe(1);
  await alice.page.reload();
  await failed("too late").getByRole("button", { name: "Retry" }).waitFor();
  const ada = await openAccount(server, "ada");
  await ada.request("PATCH", "/rooms/1", { archived: false });
  await composer(alice.page, 1).waitFor();
  await failed("too late").getByRole("button", { name: "Retry" }).click();
  await expect.poll(() => messageTexts(bob.page, 1)).toEqual(["too late"]);
  await expect.poll(() => pending(alice).count()).toBe(0);
});

test("a gap too large to replay is marked, and its messages load when the reader gets there", async () => {
  const ada = await openAccount(server, "ada");
  for (let line = 0; line < 5; line++) await ada.post(1, `seen ${line}`);
  await expectLastMessages(alice.page, 1, ["seen 4"]);
  await alice.context.setOffline(true);
  await server.kill();
  await server.start();
  await alice.page.getByText("You’re offline.").waitFor();
  for (let line = 0; line < 700; line++) await ada.post(1, `missed ${line}`);
  await alice.context.setOffline(false);
  await message(alice.page, 1, "missed 699").waitFor();
  // Missing messages load when the reader gets near them; without a server, the gap stays visible.
  await server.kill();
  const gap = roomColumn(alice.page, 1).getByText("Some messages aren’t loaded.");
  const scrollUp = () => messageLog(alice.page, 1).evaluate((list) => list.scrollBy({ top: -300 }));
  await expect
    .poll(async () => {
      await scrollUp();
      return gap.count();
    })
    .toBe(1);
  await server.start();
  await alice.page.getByText("Reconnecting…").waitFor({ state: "detached" });
  await expect
    .poll(async () => {
      await messageLog(alice.page, 1).evaluate((list) => list.scrollBy({ top: list.scrollTop % 2 === 0 ? 1 : -1 }));
      return gap.count();
    })
    .toBe(0);
});

test("a reload keeps the draft", async () => {
  await roomColumn(alice.page, 1).getByRole("textbox").fill("half a thought");
  await alice.page.reload();
  await expect.poll(() => roomColumn(alice.page, 1).getByRole("textbox").inputValue()).toBe("half a thought");
});

test("signing out elsewhere ends the session of this page, and signing in again returns to the room and its draft", async () => {
  const elsewhere = await openBrowser(browser, server.url);
  await signIn(elsewhere.page, "alice", PASSWORD, "/settings");
  await roomColumn(alice.page, 1).getByRole("textbox").fill("not yet sent");
  await elsewhere.page.getByRole("button", { name: "Sign out of all other devices" }).click();
  await alice.page.getByText("Your session ended.").waitFor();
  await alice.page.getByLabel("Username").fill("alice");
  await alice.page.getByLabel("Password").fill(PASSWORD);
  await alice.page.getByRole("button", { name: "Sign in" }).click();
  await expect.poll(() => roomColumn(alice.page, 1).getByRole("textbox").inputValue()).toBe("not yet sent");
  expect(new URL(alice.page.url()).pathname).toBe("/rooms/1");
  await elsewhere.context.close();
});
