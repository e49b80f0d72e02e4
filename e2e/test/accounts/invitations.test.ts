import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import { axeFindings, composer, roomLink } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";
import { PASSWORD } from "../../src/fixture.ts";

let world: ChatWorld;
let ada: Visitor;
let api: Account;

beforeAll(async () => {
  world = await openChatWorld();
  api = await openAccount(world.server, "ada");
  ada = await world.visit("ada");
});

afterAll(async () => {
  await world?.dispose();
});

const shownLink = (page: Page) => page.getByRole("dialog").getByLabel("Link").inputValue();

/** Creates an invitation on the page, and returns its link. */
async function invite(page: Page, rooms: readonly string[] = []): Promise<string> {
  await page.goto("/admin/invitations");
  await page.getByRole("button", { name: "Invite people" }).first().click();
  for (const room of rooms) await page.getByRole("dialog").getByLabel(room).check();
  await page.getByRole("button", { name: "Create link" }).click();
  await page.getByRole("dialog", { name: "Invitation link" }).waitFor();
  const link = await shownLink(page);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).first().click();
  return link;
}

async function fillAccount(page: Page, username: string): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(PASSWORD);
}

test("an administrator creates a link; someone creates an account with it and is in the chosen private room", async () => {
  const { number } = await api.createRoom({ title: "Summer plans", private: true });
  await ada.page.goto("/admin/invitations");
  await ada.page.getByRole("heading", { name: "No invitations yet" }).waitFor();
  await ada.page.getByRole("button", { name: "Invite people" }).first().click();
  const dialog = ada.page.getByRole("dialog");
  await dialog.getByLabel("Summer plans").check();
  expect(await axeFindings(ada.page)).toEqual([]);
  await dialog.getByRole("button", { name: "Create link" }).click();
  await ada.page.getByRole("img", { name: "The link as a QR code" }).waitFor();
  expect(await axeFindings(ada.page)).toEqual([]);
  const link = await shownLink(ada.page);
  await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await dialog.getByRole("button", { name: "Copy link" }).click();
  await dialog.getByText("Copied.").waitFor();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  const guest = await world.open();
  const requests: string[] = [];
  guest.page.on("request", (request) => requests.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  await guest.page.goto(link);
  await guest.page.getByText("ada invites you.").waitFor();
  const token = new URL(link).hash.replace("#token=", "");
  expect(guest.page.url()).toBe(`${world.server.url}/invite`);
  expect(requests.filter((request) => request.includes(token))).toEqual([]);
  expect(await axeFindings(guest.page)).toEqual([]);
  await fillAccount(guest.page, "katherine");
  await guest.page.getByRole("button", { name: "Create account" }).click();
  await roomLink(guest.page, "Summer plans").click();
  await composer(guest.page, number).waitFor();

  await ada.page.reload();
  const row = ada.page.getByRole("list", { name: "Invitations" }).getByRole("listitem");
  await row.getByText("Used up").waitFor();
  await row.getByText("katherine").waitFor();
  await guest.context.close();
});

test("a link that was used or revoked says what to do, on a page without a form", async () => {
  const link = await invite(ada.page);
  const row = ada.page.getByRole("list", { name: "Invitations" }).getByRole("listitem").first();
  await row.getByRole("button", { name: "Revoke" }).click();
  await ada.page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await row.getByText("Revoked").waitFor();
  const guest = await world.open();
  await guest.page.goto(link);
  await guest.page.getByRole("heading", { name: "This link doesn’t work" }).waitFor();
  expect(await guest.page.getByRole("textbox").count()).toBe(0);
  expect(await axeFindings(guest.page)).toEqual([]);
  await guest.context.close();
});

test("a name that is taken is refused; the link can be used again, also after a lost answer", async () => {
  const link = await invite(ada.page);
  const guest = await world.open();
  const { page } = guest;
  await page.goto(link);
  await fillAccount(page, "Alice");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("This username is already taken.").waitFor();
  await page.getByLabel("Username").fill("hedy");
  // The account is created, and the answer does not arrive.
  let isLost = false;
  await page.route("**/api/invitations/accept", async (route) => {
    if (isLost) return route.continue();
    await route.fetch();
    isLost = true;
    await route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "Create account" }).click();
  await expect.poll(() => isLost).toBe(true);
  await page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("navigation", { name: "Rooms" }).waitFor();
  await guest.context.close();
});

test("someone who is signed in is not signed out by an invitation", async () => {
  const link = await invite(ada.page);
  const bob = await world.visit("bob");
  await bob.page.goto(link);
  await bob.page.getByRole("heading", { name: "You’re signed in as bob" }).waitFor();
  await bob.page.getByRole("link", { name: "rooms" }).click();
  await bob.page.getByRole("navigation", { name: "Rooms" }).waitFor();
  await bob.context.close();
});

test("a reset link lets its user choose a password once, and ends the other sessions", async () => {
  const alice = await world.visit("alice");
  await ada.page.goto("/admin/people");
  await ada.page.getByRole("button", { name: "Edit alice" }).click();
  await ada.page.getByRole("button", { name: "Create a link to reset the password" }).click();
  await ada.page.getByRole("dialog", { name: "Link to reset the password" }).waitFor();
  const link = await shownLink(ada.page);
  const other = await world.open();
  await other.page.goto(link);
  await other.page.getByText("For the account alice.").waitFor();
  expect(await axeFindings(other.page)).toEqual([]);
  await other.page.getByLabel("New password").fill("a quite new password");
  await other.page.getByRole("button", { name: "Save and sign in" }).click();
  await other.page.getByRole("navigation", { name: "Rooms" }).waitFor();
  await alice.page.getByText("Your session ended.").waitFor();
  await alice.page.goto(link);
  await alice.page.getByRole("heading", { name: "This link doesn’t work" }).waitFor();
  await other.context.close();
  await alice.context.close();
});
