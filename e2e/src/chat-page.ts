import axe, { type RunOnly } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

// What a user does on the pages of the chat, found by what a user perceives: labels, roles and addresses.

export async function signIn(page: Page, username: string, password: string, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  const button = page.getByRole("button", { name: "Sign in" });
  await button.click();
  await button.waitFor({ state: "detached" });
}

/** The column of an open room. */
export function roomColumn(page: Page, room: number): Locator {
  return page.locator(`section[data-room="${room}"]`);
}

export function messageLog(page: Page, room: number): Locator {
  return roomColumn(page, room).getByRole("log");
}

/** A room in the sidebar. */
export function roomLink(page: Page, title: string): Locator {
  return page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: title });
}

export function composer(page: Page, room: number): Locator {
  return roomColumn(page, room).getByRole("textbox", { name: /^Message/ });
}

/** A message by a part of its own text, ignoring the excerpt of the message that it replies to. */
export function message(page: Page, room: number, text: string): Locator {
  return messageLog(page, room)
    .getByRole("article")
    .filter({ has: page.locator("div[dir=auto]", { hasText: text }) });
}

/** Chooses an item of a message's menu. */
export async function chooseMessageAction(page: Page, room: number, text: string, action: string): Promise<void> {
  await message(page, room, text).hover();
  await message(page, room, text).getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** Messages of a room that are being sent or failed. */
export function unsentMessages(page: Page, room: number): Locator {
  return roomColumn(page, room).locator("article[data-state]");
}

export async function sendMessage(page: Page, room: number, text: string): Promise<void> {
  const field = composer(page, room);
  await field.fill(text);
  await field.press("Enter");
}

/** Returns the texts of a room's messages on the page, in order. */
export function messageTexts(page: Page, room: number): Promise<string[]> {
  return messageLog(page, room).locator("article div[dir=auto]").allInnerTexts();
}

/** Waits until these are the last messages of a room, in this order. */
export async function expectLastMessages(page: Page, room: number, last: readonly string[]): Promise<void> {
  await expect.poll(async () => (await messageTexts(page, room)).slice(-last.length)).toEqual(last);
}

/** Returns what axe finds on the page, each with its place. @param only limits the check to one rule */
export async function axeFindings(page: Page, only?: string): Promise<string[]> {
  // Axe would judge the colors of a half-finished animation.
  await page.evaluate(async () => {
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
  // Once per page load: reading it takes longer than most of its runs.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const runOnly: RunOnly =
    only === undefined
      ? { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }
      : { type: "rule", values: [only] };
  const violations = await page.evaluate(
    async (options) => {
      const tool = Reflect.get(window, "axe") as typeof axe;
      return (await tool.run(document, options)).violations;
    },
    { runOnly, resultTypes: ["violations" as const] },
  );
  return violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${violation.help} at ${node.target.join(" ")} ${node.failureSummary ?? ""}`,
    ),
  );
}
