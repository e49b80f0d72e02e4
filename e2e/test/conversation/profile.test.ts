import { afterAll, beforeAll, expect, test } from "vitest";
import type { Visitor } from "../../src/browser.ts";
import { axeFindings, composer, message, messageLog, sendMessage } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let alice: Visitor;
let bob: Visitor;

beforeAll(async () => {
  world = await openChatWorld();
  alice = await world.visit("alice");
  bob = await world.visit("bob");
  await sendMessage(bob.page, 1, "from bob");
  await message(alice.page, 1, "from bob").waitFor();
});

afterAll(async () => {
  await world?.dispose();
});

const card = () => alice.page.getByRole("dialog", { name: "bob" });

async function openCard(): Promise<void> {
  await message(alice.page, 1, "from bob").getByRole("button", { name: "bob" }).click();
  await card().waitFor();
}

test("the name of an author opens their card, with presence; Escape returns to the message", async () => {
  await openCard();
  await card().getByText("Online").waitFor();
  expect(await axeFindings(alice.page)).toEqual([]);
  const [name, box] = await Promise.all([
    message(alice.page, 1, "from bob").getByRole("button", { name: "bob" }).boundingBox(),
    card().boundingBox(),
  ]);
  expect(Math.abs((name?.x ?? 0) - (box?.x ?? 0)), "it begins where the name begins").toBeLessThan(2);
  await alice.page.keyboard.press("Escape");
  await card().waitFor({ state: "detached" });
  const focused = () => message(alice.page, 1, "from bob").evaluate((row) => row.contains(document.activeElement));
  await expect.poll(focused).toBe(true);
});

test("a mention goes to the caret of the message field, with the spaces that it needs", async () => {
  await composer(alice.page, 1).fill("ask");
  await openCard();
  await card().getByRole("button", { name: "Mention" }).click();
  await expect.poll(() => composer(alice.page, 1).inputValue()).toBe("ask @bob ");
  await expect.poll(() => composer(alice.page, 1).evaluate((field) => field === document.activeElement)).toBe(true);
  await composer(alice.page, 1).fill("");
});

test("the members list opens with the person", async () => {
  await openCard();
  await card().getByRole("button", { name: "In members" }).click();
  await alice.page.getByRole("complementary").getByRole("searchbox").waitFor();
  expect(await alice.page.getByRole("complementary").getByRole("searchbox").inputValue()).toBe("bob");
});

test("a direct conversation opens; the user's own card offers none", async () => {
  await openCard();
  await card().getByRole("button", { name: "Message" }).click();
  await alice.page.waitForURL(/\/rooms\/(?!1\b)\d+/);
  await alice.page.goto("/rooms/1");
  await sendMessage(alice.page, 1, "from alice");
  await message(alice.page, 1, "from alice").getByRole("button", { name: "alice" }).click();
  const own = alice.page.getByRole("dialog", { name: "alice" });
  await own.waitFor();
  expect(await own.getByRole("button").allInnerTexts()).toEqual(["In members"]);
  await alice.page.keyboard.press("Escape");
  await messageLog(alice.page, 1).waitFor();
});

test("on a phone the card is a sheet at the bottom", async () => {
  await alice.page.setViewportSize({ width: 390, height: 844 });
  await openCard();
  await expect.poll(async () => Math.round(await bottomOf())).toBe(844);
  await alice.page.keyboard.press("Escape");
});

async function bottomOf(): Promise<number> {
  const box = await card().boundingBox();
  return (box?.y ?? 0) + (box?.height ?? 0);
}
