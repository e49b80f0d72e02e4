import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { expectLastMessages, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

const HTML = readFileSync(new URL("../../fixtures/classic-page.html", import.meta.url), "utf8");

let server: ChatServer;
let browser: Browser;
let alice: Visitor;
let bob: Visitor;

/** Signs in and opens the classic page on the server's own origin, so its socket connects to the real server. */
async function openClassic(visitor: Visitor, username: string): Promise<void> {
  await signIn(visitor.page, username, PASSWORD);
  // Chromium treats a page from no server as one from the internet, which needs permission for sockets to this machine.
  await visitor.context.grantPermissions(["local-network-access"]);
  await visitor.page.route("**/classic-page", (route) => route.fulfill({ contentType: "text/html", body: HTML }));
  await visitor.page.goto("/classic-page");
  await visitor.page.getByText("connected", { exact: true }).waitFor();
}

const lines = (page: Page, room: number) => page.locator(`#room-${room} .messages p`).allInnerTexts();
const pressRoom = (page: Page, title: string) => page.getByRole("button", { name: title }).click();

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  alice = await openBrowser(browser, server.url);
  bob = await openBrowser(browser, server.url);
  await openClassic(alice, "alice");
  await openClassic(bob, "bob");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

test("a classic page joins a room and is announced to its members", async () => {
  await pressRoom(alice.page, "General");
  await alice.page.getByRole("heading", { name: "General" }).waitFor();
  await pressRoom(bob.page, "General");
  await expect.poll(() => lines(alice.page, 1)).toEqual(["bob joined the room!"]);
});

test("its messages reach everyone in the room, including the sender", async () => {
  await alice.page.locator("#room-1 input").fill("hi <b>there</b>");
  await alice.page.locator("#room-1 button").click();
  await expect.poll(() => lines(alice.page, 1)).toEqual(["bob joined the room!", "alice: hi <b>there</b>"]);
  await expect.poll(() => lines(bob.page, 1)).toEqual(["alice: hi <b>there</b>"]);
});

test("a classic page and the web client exchange messages", async () => {
  const grace = await openBrowser(browser, server.url);
  await signIn(grace.page, "grace", PASSWORD, "/rooms/1");
  await expectLastMessages(grace.page, 1, ["hi <b>there</b>"]);
  await sendMessage(grace.page, 1, "from the new page");
  await expect.poll(async () => (await lines(bob.page, 1)).at(-1)).toBe("grace: from the new page");
  await bob.page.locator("#room-1 input").fill("from the old page");
  await bob.page.locator("#room-1 button").click();
  await expectLastMessages(grace.page, 1, ["from the new page", "from the old page"]);
  await grace.context.close();
});

test("a staff-only room refuses a classic page with a code of the classic protocol", async () => {
  await pressRoom(alice.page, "Staff corner");
  await expect.poll(() => alice.page.locator("#error").innerText()).toBe("ROOM_ACCESS_DENIED");
});

test("leaving a room is announced to the members who stay", async () => {
  await pressRoom(bob.page, "General");
  await expect.poll(() => bob.page.locator("#room-1").count()).toBe(0);
  await expect.poll(async () => (await lines(alice.page, 1)).at(-1)).toBe("bob left the room!");
});

test("it understands every frame", () => {
  expect([...alice.problems, ...bob.problems]).toEqual([]);
});
