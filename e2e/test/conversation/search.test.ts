import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import { message, messageLog } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let alice: Visitor;
let ada: Account;

beforeAll(async () => {
  world = await openChatWorld();
  ada = await openAccount(world.server, "ada");
  const bob = await openAccount(world.server, "bob");
  const hidden = await ada.createRoom({ title: "Surprise party", private: true });
  await ada.post(hidden.number, "the pumpkin soup is a secret");
  await ada.post(1, "Who has a pumpkin for the soup?");
  for (let line = 0; line < 90; line++) await ada.post(1, `small talk ${line}`);
  await bob.post(1, "I have two pumpkins, a soup pot and no time");
  await bob.post(2, "Pumpkin soup on Friday!");
  await bob.post(2, "我们明天在广场见面");
  await bob.post(2, "明日は広場で会いましょう");
  await bob.post(2, "Café déjà vu");
  await bob.post(2, "Łódź, die Stra\u00adße, ＡＢＣ, مُحَمَّد");
  alice = await world.visit("alice");
});

afterAll(async () => {
  await world?.dispose();
});

const pane = () => alice.page.getByRole("complementary");
const results = () => pane().locator("li a");

/** Searches from the field and waits for the results. */
async function search(words: string): Promise<string[]> {
  const field = pane().getByRole("searchbox", { name: "Search messages" });
  await field.fill(words);
  await field.press("Enter");
  await expect.poll(() => new URL(alice.page.url()).searchParams.get("q")).toBe(words);
  await pane()
    .getByText(/^(\d+ messages?( so far)?|No results)$/)
    .waitFor();
  return (await results().allInnerTexts()).map((text) => text.split("\n").at(-1) ?? "");
}

test("a search covers the open room and marks the words, newest first", async () => {
  await alice.page.getByRole("button", { name: "Search", exact: true }).click();
  expect(await search("pumpkin soup")).toEqual(["Who has a pumpkin for the soup?"]);
  expect(await results().locator("mark").allInnerTexts()).toEqual(["pumpkin", "soup"]);
});

test("a search of all rooms names each room and excludes rooms the user cannot read", async () => {
  await pane().getByRole("radio", { name: "All rooms" }).check();
  await pane().getByText("2 messages").waitFor();
  expect(await pane().getByRole("heading", { level: 3 }).allInnerTexts()).toEqual(["Random", "General"]);
  expect(await search("secret")).toEqual([]);
  await pane().getByText("No results").waitFor();
});

test.each([
  ["a phrase", '"pumpkin soup"', ["Pumpkin soup on Friday!"]],
  ["the beginning of a word", "pump* time", ["I have two pumpkins, a soup pot and no time"]],
  ["messages of one author", "soup from:ada", ["Who has a pumpkin for the soup?"]],
  ["all messages of one author in a room", "from:bob in:General", ["I have two pumpkins, a soup pot and no time"]],
  ["one room by its name", "soup in:Random", ["Pumpkin soup on Friday!"]],
  ["before a day in the past", "soup before:2020-01-01", []],
  ["after a day in the past", "friday after:2020-01-01", ["Pumpkin soup on Friday!"]],
  ["words typed without their accents", "cafe deja", ["Café déjà vu"]],
  ["words typed without their strokes", "lodz strasse", ["Łódź, die Stra\u00adße, ＡＢＣ, مُحَمَّد"]],
  ["words whose letters have other forms", "abc محمد", ["Łódź, die Stra\u00adße, ＡＢＣ, مُحَمَّد"]],
  ["Chinese, which has no spaces", "广场", ["我们明天在广场见面"]],
  ["Japanese, which has no spaces", "広場", ["明日は広場で会いましょう"]],
])("finds %s, and marks it", async (_, query, found) => {
  expect(await search(query)).toEqual(found);
  const filters = /\b(?:from|in|before|after):\S+/g;
  if (query.replaceAll(filters, "").trim() === "") return;
  for (const result of await results().all()) expect(await result.locator("mark").count()).toBeGreaterThan(0);
});

test("an invalid search shows why", async () => {
  const field = pane().getByRole("searchbox", { name: "Search messages" });
  await field.fill("soup before:yesterday");
  await field.press("Enter");
  await pane()
    .getByText(/before/i)
    .last()
    .waitFor();
  await pane().getByRole("alert").waitFor();
});

test("a result opens the message in its context, and going back returns to the results", async () => {
  await search("who has a pumpkin");
  await results().first().click();
  const marked = messageLog(alice.page, 1).locator("[data-marked]");
  await marked.getByText("Who has a pumpkin for the soup?").waitFor();
  await message(alice.page, 1, "small talk 0").waitFor();
  expect(alice.page.url()).toMatch(/seq=\d+/);
  await alice.page.goBack();
  await expect.poll(() => results().count()).toBe(1);
});

test("the address of a search restores it after a reload", async () => {
  const main = alice.page.getByRole("main");
  await alice.page.goto("/search?q=pumpkin");
  await main.getByText("2 messages").waitFor();
  await alice.page.reload();
  await main.getByText("2 messages").waitFor();
  expect(await main.getByRole("searchbox").inputValue()).toBe("pumpkin");
});

test("causes no console error, no warning and no security policy violation", () => {
  expect(alice.problems).toEqual([]);
});
