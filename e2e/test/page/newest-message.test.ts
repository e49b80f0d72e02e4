import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import { composer, message, messageLog, sendMessage } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let ada: Account;
let alice: Visitor;

beforeAll(async () => {
  world = await openChatWorld();
  ada = await openAccount(world.server, "ada");
  for (let line = 0; line < 40; line++) await ada.post(1, `earlier ${line}`);
  alice = await world.visit("alice");
});

afterAll(async () => {
  await world?.dispose();
});

/** Returns the pixels below the visible part of the messages. */
const pixelsBelow = (log: Locator) => log.evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop);
const expectAtEnd = (page: Page) => expect.poll(() => pixelsBelow(messageLog(page, 1))).toBeLessThanOrEqual(1);

async function toEnd(page: Page): Promise<void> {
  await messageLog(page, 1).press("End");
  await expectAtEnd(page);
}

describe("only the user's input releases the newest message, whatever changes a height at the end", () => {
  const LINES = Array.from({ length: 12 }, (_, line) => `line ${line}`).join("\n");
  const sent: [name: string, body: string][] = [
    ["twelve lines", LINES],
    ["9,000 characters", "word ".repeat(1_800)],
    ["9,000 characters without a space", "x".repeat(9_000)],
    ["two hundred lines", "a\n".repeat(200)],
    ["a code block", `\`\`\`\n${LINES}\n\`\`\``],
    ["a quote", LINES.replaceAll(/^/gm, "> ")],
    ["a list", LINES.replaceAll(/^/gm, "- ")],
  ];
  test.each(sent)("pasting %s and pressing Enter at once", async (_, body) => {
    const { page } = alice;
    await toEnd(page);
    await sendMessage(page, 1, body);
    await sendMessage(page, 1, "and a last word");
    await expect.poll(() => composer(page, 1).inputValue()).toBe("");
    await page.locator("article[data-state]").first().waitFor({ state: "detached" });
    await expectAtEnd(page);
    await ada.post(1, LINES);
    await ada.post(1, "what comes later");
    await message(page, 1, "what comes later").last().waitFor();
    await expectAtEnd(page);
  });

  const changes: [name: string, change: (page: Page) => Promise<unknown>][] = [
    ["the composer grows", (page) => composer(page, 1).fill(LINES)],
    ["the composer shrinks", (page) => composer(page, 1).fill("")],
    ["the window gets lower", (page) => page.setViewportSize({ width: 1280, height: 420 })],
    ["the window gets narrower", (page) => page.setViewportSize({ width: 500, height: 420 })],
    ["the window gets larger", (page) => page.setViewportSize({ width: 1280, height: 720 })],
    [
      "the text gets larger",
      (page) => page.evaluate(() => document.documentElement.style.setProperty("font-size", "150%")),
    ],
    [
      "the text gets smaller",
      (page) => page.evaluate(() => document.documentElement.style.removeProperty("font-size")),
    ],
    [
      "a tall message is edited to a short one, and back",
      async () => {
        const { id } = await ada.post(1, LINES);
        await ada.command("message.edit", { room: 1, message: id, body: "short" });
        await ada.command("message.edit", { room: 1, message: id, body: `${LINES}\n${LINES}` });
      },
    ],
    [
      "reactions",
      async () => {
        const { id } = await ada.post(1, "react to this");
        for (const emoji of ["👍", "🎉", "❤️"]) await ada.command("reaction.add", { room: 1, message: id, emoji });
      },
    ],
    [
      "a burst of messages",
      async () => {
        await Promise.all(Array.from({ length: 30 }, (_, i) => ada.post(1, i % 3 === 0 ? LINES : `burst ${i}`)));
      },
    ],
    [
      "messages are deleted",
      async () => {
        const { id } = await ada.post(1, LINES);
        await ada.command("message.delete", { room: 1, message: id });
      },
    ],
  ];
  test.each(changes)("%s", async (_, change) => {
    const { page } = alice;
    await toEnd(page);
    await change(page);
    const { body } = await ada.post(1, `after it ${Math.random()}`);
    await message(page, 1, body).waitFor();
    await expectAtEnd(page);
    expect(await page.getByRole("button", { name: /Jump to latest|new messages?$/ }).count()).toBe(0);
  });

  const releases: [name: string, release: (page: Page, log: Locator) => Promise<unknown>][] = [
    [
      "the wheel",
      async (page, log) => {
        await log.hover();
        await page.mouse.wheel(0, -600);
      },
    ],
    ["Page Up", (_, log) => log.press("PageUp")],
    ["Home", (_, log) => log.press("Home")],
    [
      // The browser of the tests has no scrollbars: this is what one does.
      "the scrollbar",
      async (_, log) => {
        await log.dispatchEvent("pointerdown", { buttons: 1 });
        await log.evaluate((list) => list.scrollBy(0, -600));
        await log.dispatchEvent("pointerup");
      },
    ],
    [
      "a touch",
      async (_, log) => {
        await log.dispatchEvent("touchmove");
        await log.evaluate((list) => list.scrollBy(0, -600));
      },
    ],
  ];
  test.each(releases)("%s releases it, and sending takes it again", async (_, release) => {
    const { page } = alice;
    await toEnd(page);
    await release(page, messageLog(page, 1));
    await page.getByRole("button", { name: "Jump to latest" }).waitFor();
    await sendMessage(page, 1, "back to the end");
    await page.getByRole("button", { name: "Jump to latest" }).waitFor({ state: "detached" });
    await expectAtEnd(page);
  });

  test("what renders before the scroll of a wheel has left the end does not undo it", async () => {
    const { page } = alice;
    await toEnd(page);
    const log = messageLog(page, 1);
    const turnAndResize = () =>
      log.evaluate(async (list) => {
        const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        list.dispatchEvent(new WheelEvent("wheel", { deltaY: -100 }));
        list.scrollTop -= 20;
        await nextFrame();
        list.style.marginBlockEnd = list.style.marginBlockEnd === "" ? "30px" : "";
        for (let frames = 0; frames < 3; frames++) await nextFrame();
        return list.scrollHeight - list.clientHeight - list.scrollTop;
      });
    await expect.poll(turnAndResize).toBeGreaterThan(15);
    await log.evaluate((list) => list.style.removeProperty("margin-block-end"));
    await toEnd(page);
    const { body } = await ada.post(1, `after the wheel ${Math.random()}`);
    await message(page, 1, body).waitFor();
    await expectAtEnd(page);
  });
});
