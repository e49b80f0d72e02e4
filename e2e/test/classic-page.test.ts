import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../src/browser.ts";
import { expectLastMessages, sendMessage, signIn } from "../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../src/fixture.ts";

const HTML = readFileSync(new URL("../fixtures/classic-page.html", import.meta.url), "utf8");

let server: ChatServer;
let browser: Browser;
let alice: Visitor;
let bob: Visitor;

/** Signs in, then opens the old page on the server's own origin: its socket goes to the real server. */
async function openClassic(visitor: Visitor, username: string): Promise<void> {
  await signIn(visitor.page, username, PASSWORD);
  // A page that no server delivered counts as one from the internet, whose sockets to this machine Chromium asks about.
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

test("a page of the original enters a room, and those in it see who comes", async () => {
  await pressRoom(alice.page, "General");
  await alice.page.getByRole("heading", { name: "General" }).waitFor();
  await pressRoom(bob.page, "General");
  await expect.poll(() => lines(alice.page, 1)).toEqual(["bob joined the room!"]);
});

test("its messages reach everybody in the room, the sender included", async () => {
  await alice.page.locator("#room-1 input").fill("hi <b>there</b>");
  await alice.page.locator("#room-1 button").click();
  await expect.poll(() => lines(alice.page, 1)).toEqual(["bob joined the room!", "alice: hi <b>there</b>"]);
  await expect.poll(() => lines(bob.page, 1)).toEqual(["alice: hi <b>there</b>"]);
});

test("the old page and the new one talk with each other", async () => {
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

test("a staff-only room refuses it with the code that it knows", async () => {
  await pressRoom(alice.page, "Staff corner");
  await expect.poll(() => alice.page.locator("#error").innerText()).toBe("ROOM_ACCESS_DENIED");
});

test("it leaves a room, and those who stay see it", async () => {
  await pressRoom(bob.page, "General");
  await expect.poll(() => bob.page.locator("#room-1").count()).toBe(0);
  await expect.poll(async () => (await lines(alice.page, 1)).at(-1)).toBe("bob left the room!");
});

test("it understood every frame", () => {
  expect([...alice.problems, ...bob.problems]).toEqual([]);
});
