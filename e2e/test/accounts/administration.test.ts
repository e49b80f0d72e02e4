import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { roomColumn, roomLink, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let ada: Visitor;
let alice: Visitor;

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  ada = await openBrowser(browser, server.url);
  alice = await openBrowser(browser, server.url);
  await signIn(ada.page, "ada", PASSWORD, "/admin/rooms");
  await signIn(alice.page, "alice", PASSWORD, "/rooms/1?open=1,2");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const dialog = (page: Page) => page.getByRole("dialog");

async function editRoom(title: string, edit: (page: Page) => Promise<void>): Promise<void> {
  await ada.page.goto("/admin/rooms");
  await ada.page.getByRole("button", { name: `Edit ${title}` }).click();
  await edit(ada.page);
  await dialog(ada.page).getByRole("button", { name: "Save" }).click();
  await dialog(ada.page).waitFor({ state: "detached" });
}

async function editPerson(username: string, edit: (page: Page) => Promise<void>): Promise<void> {
  await ada.page.goto("/admin/people");
  await ada.page.getByRole("button", { name: `Edit ${username}` }).click();
  await edit(ada.page);
  await dialog(ada.page).getByRole("button", { name: "Save" }).click();
  await dialog(ada.page).waitFor({ state: "detached" });
}

const expectListed = (title: string) => expect.poll(() => roomLink(alice.page, title).count()).toBe(1);
const expectUnlisted = (title: string) => expect.poll(() => roomLink(alice.page, title).count()).toBe(0);

test("a room that staff create appears in the sidebar of an open page", async () => {
  await ada.page.getByRole("main").getByRole("button", { name: "New room" }).click();
  await ada.page.getByLabel("Room name").fill("Workshop");
  await ada.page.getByRole("button", { name: "Create room" }).click();
  await dialog(ada.page).waitFor({ state: "detached" });
  await expectListed("Workshop");
});

test("a renamed room shows its new name in the sidebar and header of an open page", async () => {
  await editRoom("General", (page) => page.getByLabel("Room name").fill("Market"));
  await expectListed("Market");
  await expectUnlisted("General");
  await roomColumn(alice.page, 1).getByRole("heading", { name: "Market" }).waitFor();
});

test("a room that becomes staff-only disappears from the open page of an ordinary user", async () => {
  await roomColumn(alice.page, 2).getByRole("textbox").waitFor();
  await editRoom("Random", (page) => page.getByLabel("Staff only").check());
  await expectUnlisted("Random");
  await expect.poll(() => roomColumn(alice.page, 2).getByRole("textbox").count()).toBe(0);
  await expect.poll(() => alice.page.getByText("Random").count()).toBe(0);
});

test("an archived room is read-only", async () => {
  await editRoom("Market", (page) => page.getByLabel("Archived").check());
  await alice.page.getByText("This room is archived and read-only.").waitFor();
  expect(await roomColumn(alice.page, 1).getByRole("textbox").count()).toBe(0);
});

test("a deleted room disappears from open pages", async () => {
  await alice.page.goto("/rooms/4");
  await roomColumn(alice.page, 4).getByRole("textbox").waitFor();
  await ada.page.goto("/admin/rooms");
  await ada.page.getByRole("button", { name: "Delete Workshop" }).click();
  await ada.page.getByRole("button", { name: "Delete room" }).click();
  await expectUnlisted("Workshop");
  await alice.page.getByRole("heading", { name: "You can’t open room 4" }).waitFor();
});

test("a user whom staff create can sign in", async () => {
  await ada.page.goto("/admin/people");
  await ada.page.getByRole("button", { name: "Add person" }).click();
  await ada.page.getByLabel("Username").fill("carol");
  await ada.page.getByLabel("Password").fill(PASSWORD);
  await ada.page.getByRole("button", { name: "Create account" }).click();
  await ada.page.getByRole("list", { name: "People" }).getByText("carol").waitFor();
  const carol = await openBrowser(browser, server.url);
  await signIn(carol.page, "carol", PASSWORD);
  await carol.context.close();
});

test("a user promoted to staff sees staff rooms and pages, and loses them when demoted", async () => {
  await alice.page.goto("/");
  await editPerson("alice", (page) => page.getByLabel("Staff", { exact: true }).check());
  await expectListed("Staff corner");
  await alice.page.getByRole("link", { name: "Administration" }).waitFor();
  await editPerson("alice", (page) => page.getByLabel("Staff", { exact: true }).uncheck());
  await expectUnlisted("Staff corner");
});

test("administration pages refuse a user who is not staff", async () => {
  await alice.page.goto("/admin/people");
  await alice.page.getByRole("heading", { name: "Staff only" }).waitFor();
});

test("a deactivated account is signed out on its open pages and cannot sign in again", async () => {
  await alice.page.goto("/");
  await alice.page.getByRole("navigation", { name: "Rooms" }).waitFor();
  await editPerson("alice", (page) => page.getByLabel("Active").uncheck());
  await alice.page.getByLabel("Password").waitFor();
  await alice.page.getByLabel("Username").fill("alice");
  await alice.page.getByLabel("Password").fill(PASSWORD);
  await alice.page.getByRole("button", { name: "Sign in" }).click();
  await alice.page.getByText("Wrong username or password.").waitFor();
});
