import { afterAll, beforeAll, expect, test } from "vitest";
import type { Visitor } from "../../src/browser.ts";
import { axeFindings, composer, roomLink, sendMessage } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let alice: Visitor;

beforeAll(async () => {
  world = await openChatWorld();
  alice = await world.visit("alice");
});

afterAll(async () => {
  await world?.dispose();
});

const draftsLink = () => alice.page.getByRole("link", { name: /^Drafts/ });
const list = () => alice.page.getByRole("list", { name: "Drafts" });

test("a room that was left with a draft is marked, and listed with the others", async () => {
  const { page } = alice;
  await composer(page, 1).fill("half a thought about the harbor");
  expect(await draftsLink().count(), "typing in a shown room does not move the list").toBe(0);
  await roomLink(page, "Random").click();
  await composer(page, 2).waitFor();
  await roomLink(page, "General").getByRole("img", { name: "Draft" }).waitFor();
  await composer(page, 2).fill("another one");
  await draftsLink().click();
  await list().getByRole("listitem").first().waitFor();
  expect(await list().getByRole("link").allInnerTexts()).toEqual([
    expect.stringMatching(/^Random\s+another one$/),
    expect.stringMatching(/^General\s+half a thought about the harbor$/),
  ]);
  expect(await axeFindings(page)).toEqual([]);
});

test("a draft survives a reload, is discarded and brought back", async () => {
  const { page } = alice;
  await page.reload();
  await list().getByRole("button", { name: "Discard the draft in Random" }).click();
  await list().getByText("another one").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await list().getByText("another one").waitFor();
});

test("its link opens the room with the text; a sent draft is gone", async () => {
  const { page } = alice;
  await list().getByRole("link", { name: "General" }).click();
  await composer(page, 1).waitFor();
  expect(await composer(page, 1).inputValue()).toBe("half a thought about the harbor");
  await sendMessage(page, 1, "a whole thought");
  await draftsLink().click();
  await list().getByText("another one").waitFor();
  expect(await list().getByRole("listitem").count()).toBe(1);
  await list().getByRole("button", { name: "Discard the draft in Random" }).click();
  await page.getByRole("heading", { name: "No drafts" }).waitFor();
  await draftsLink().waitFor({ state: "detached" });
});
