import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** What a person does on the chat's pages, by what a person sees: labels, roles and addresses. */

export async function signIn(page: Page, username: string, password: string, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  const enter = page.getByRole("button", { name: "Sign in" });
  await enter.click();
  await enter.waitFor({ state: "detached" });
}

/** The column of a room that is open. */
export function roomColumn(page: Page, room: number): Locator {
  return page.locator(`section[data-room="${room}"]`);
}

export function messageLog(page: Page, room: number): Locator {
  return roomColumn(page, room).getByRole("log");
}

/** A room in the list at the side. */
export function roomLink(page: Page, title: string): Locator {
  return page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: title });
}

export function composer(page: Page, room: number): Locator {
  return roomColumn(page, room).getByRole("textbox", { name: /^Message/ });
}

/** One message by a part of its own text: not of the one that it answers. */
export function message(page: Page, room: number, text: string): Locator {
  return messageLog(page, room)
    .getByRole("article")
    .filter({ has: page.locator("div[dir=auto]", { hasText: text }) });
}

/** Does something with a message by its menu. */
export async function chooseMessageAction(page: Page, room: number, text: string, action: string): Promise<void> {
  await message(page, room, text).hover();
  await message(page, room, text).getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** Messages of a room that are on their way, or failed. */
export function unsentMessages(page: Page, room: number): Locator {
  return roomColumn(page, room).locator("article[data-state]");
}

export async function sendMessage(page: Page, room: number, text: string): Promise<void> {
  const field = composer(page, room);
  await field.fill(text);
  await field.press("Enter");
}

/** The texts of the messages of a room that are on the page, in their order. */
export function messageTexts(page: Page, room: number): Promise<string[]> {
  return messageLog(page, room).locator("article div[dir=auto]").allInnerTexts();
}

/** Waits until the last messages of a room, in their order, are exactly these. */
export async function expectLastMessages(page: Page, room: number, last: readonly string[]): Promise<void> {
  await expect.poll(async () => (await messageTexts(page, room)).slice(-last.length)).toEqual(last);
}

/** What axe finds on the page as it stands, each with where. @param only one rule, where not all are asked for */
export async function axeFindings(page: Page, only?: string): Promise<string[]> {
  // What is on its way in or out is neither what was designed nor what is read.
  await page.evaluate(async () => {
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
  // There are no frames to look into, so no other page is needed to put the findings together.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (only === undefined) axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
  else axe.withRules([only]);
  const { violations } = await axe.analyze();
  return violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${one.help} at ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}
