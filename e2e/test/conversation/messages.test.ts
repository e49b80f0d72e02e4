import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import {
  axeFindings,
  chooseMessageAction,
  composer,
  expectLastMessages,
  message,
  messageLog,
  roomColumn,
  roomLink,
  sendMessage,
  unsentMessages,
} from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";

let world: ChatWorld;
let alice: Visitor;
let bob: Visitor;
let ada: Account;

beforeAll(async () => {
  world = await openChatWorld();
  ada = await openAccount(world.server, "ada");
  alice = await world.visit("alice");
  bob = await world.visit("bob");
});

afterAll(async () => {
  await world?.dispose();
});

describe("the user's own messages", () => {
  test("differ visibly from those of others", async () => {
    await sendMessage(alice.page, 1, "this is mine");
    await message(bob.page, 1, "this is mine").waitFor();
    expect(await message(alice.page, 1, "this is mine").getAttribute("data-own")).toBe("true");
    expect(await message(alice.page, 1, "this is mine").getByText("you", { exact: true }).count()).toBe(1);
    expect(await message(bob.page, 1, "this is mine").getAttribute("data-own")).toBeNull();
    expect(await message(bob.page, 1, "this is mine").getByText("you", { exact: true }).count()).toBe(0);
    const authorColor = ({ page }: Visitor) =>
      message(page, 1, "this is mine")
        .getByRole("button", { name: "alice" })
        .evaluate((author) => getComputedStyle(author).color);
    expect(await authorColor(alice)).not.toBe(await authorColor(bob));
  });

  test("are edited with ArrowUp in an empty composer, and both pages show the new text as edited", async () => {
    await sendMessage(alice.page, 1, "the meting is at nine");
    await message(bob.page, 1, "the meting is at nine").waitFor();
    // Others may receive the message before its sender has the acknowledgement, without which there is nothing to edit.
    await unsentMessages(alice.page, 1).waitFor({ state: "detached" });
    await composer(alice.page, 1).press("ArrowUp");
    await alice.page.getByText("Editing message").waitFor();
    expect(await composer(alice.page, 1).inputValue()).toBe("the meting is at nine");
    await composer(alice.page, 1).fill("the meeting is at nine");
    await composer(alice.page, 1).press("Enter");
    await message(bob.page, 1, "the meeting is at nine").waitFor();
    for (const { page } of [alice, bob]) {
      await message(page, 1, "the meeting is at nine").getByText("(edited)").waitFor();
      expect(await messageLog(page, 1).getByText("the meting is at nine").count()).toBe(0);
    }
    expect(await composer(alice.page, 1).inputValue()).toBe("");
  });

  test("stay unchanged when Escape cancels an edit", async () => {
    await composer(alice.page, 1).press("ArrowUp");
    await composer(alice.page, 1).fill("something quite different");
    await composer(alice.page, 1).press("Escape");
    await alice.page.getByText("Editing message").waitFor({ state: "detached" });
    expect(await composer(alice.page, 1).inputValue()).toBe("");
    expect(await message(bob.page, 1, "something quite different").count()).toBe(0);
  });

  test("are deleted after a confirmation and leave a tombstone on both pages", async () => {
    await sendMessage(alice.page, 1, "I should not have said this");
    await message(bob.page, 1, "I should not have said this").waitFor();
    await chooseMessageAction(alice.page, 1, "I should not have said this", "Delete");
    await alice.page.getByRole("dialog").getByRole("button", { name: "Delete message" }).click();
    for (const { page } of [bob, alice]) {
      await messageLog(page, 1).getByText("I should not have said this").waitFor({ state: "detached" });
      await messageLog(page, 1).getByText("This message was deleted.").waitFor();
    }
  });

  test("offer no editing or deleting to a user who is not a moderator", async () => {
    await message(bob.page, 1, "this is mine").hover();
    await message(bob.page, 1, "this is mine").getByRole("button", { name: "More actions" }).click();
    const items = bob.page.getByRole("menuitem");
    await bob.page.getByRole("menuitem", { name: "Copy link" }).waitFor();
    const offered = await items.allInnerTexts();
    for (const action of ["Edit", "Delete", "Pin"]) expect(offered.map((text) => text.trim())).not.toContain(action);
    await bob.page.keyboard.press("Escape");
    await bob.page.getByRole("menu").waitFor({ state: "detached" });
  });
});

describe("reactions", () => {
  const chip = (visitor: Visitor, name: string) =>
    message(visitor.page, 1, "this is mine").getByRole("button", { name });

  test("are counted for all members, and the user's own are pressed", async () => {
    await message(bob.page, 1, "this is mine").hover();
    await message(bob.page, 1, "this is mine").getByRole("button", { name: "Add reaction" }).click();
    await bob.page.getByRole("dialog", { name: "Pick an emoji" }).getByRole("searchbox").fill("tada");
    await bob.page.keyboard.press("Enter");
    await chip(alice, "🎉, 1 person").waitFor();
    expect(await chip(bob, "🎉, 1 person").getAttribute("aria-pressed")).toBe("true");
    expect(await chip(alice, "🎉, 1 person").getAttribute("aria-pressed")).toBe("false");
    await chip(alice, "🎉, 1 person").click();
    await chip(bob, "🎉, 2 people").waitFor();
    expect(await chip(alice, "🎉, 2 people").getAttribute("aria-pressed")).toBe("true");
  });

  test("are removed by a second press, on both pages", async () => {
    await chip(bob, "🎉, 2 people").click();
    await chip(alice, "🎉, 1 person").waitFor();
    await chip(alice, "🎉, 1 person").click();
    for (const visitor of [alice, bob])
      await message(visitor.page, 1, "this is mine").getByText("🎉").waitFor({ state: "detached" });
  });
});

describe("replies", () => {
  test("show an excerpt of the original, which links to it", async () => {
    const { seq } = await ada.post(2, "where does the story begin?");
    for (let line = 0; line < 60; line++) await ada.post(2, `and then, ${line}`);
    await bob.page.goto("/rooms/2");
    // Opened by its link, the message is in the middle and does not move under the pointer.
    await alice.page.goto(`/rooms/2?seq=${seq}`);
    const original = message(alice.page, 2, "where does the story begin?");
    await original.hover();
    await original.getByRole("button", { name: "Reply" }).click();
    await alice.page.getByText("Replying to ada").waitFor();
    await composer(alice.page, 2).fill("at the fountain");
    await composer(alice.page, 2).press("Enter");
    const answer = message(bob.page, 2, "at the fountain");
    await answer.waitFor();
    await answer.getByRole("link", { name: /^In reply to\s*ada\s*where does the story begin/ }).click();
    const marked = messageLog(bob.page, 2).locator("[data-marked]");
    await marked.getByText("where does the story begin?").waitFor();
    await expect.poll(() => isOnScreen(marked)).toBe(true);
    expect(bob.page.url()).toMatch(/\/rooms\/2\?seq=\d+$/);
  });

  test("show when the original is deleted", async () => {
    const first = await ada.post(2, "a question that will go");
    await ada.post(2, "an answer that stays", first.id);
    await bob.page.goto("/rooms/2");
    const answer = message(bob.page, 2, "an answer that stays");
    await answer.getByText("a question that will go").waitFor();
    await ada.command("message.delete", { room: 2, message: first.id });
    await answer.getByText("a deleted message").waitFor();
    expect(await answer.getByText("a question that will go").count()).toBe(0);
  });
});

describe("mentions", () => {
  test("a name completes from its first letters, and the mentioned user gets a badge at the room", async () => {
    await bob.page.goto("/rooms/2");
    await composer(bob.page, 2).waitFor();
    await alice.page.goto("/rooms/1");
    await composer(alice.page, 1).pressSequentially("hello @bo");
    await alice.page.getByRole("option", { name: "bob" }).waitFor();
    await composer(alice.page, 1).press("Enter");
    expect(await composer(alice.page, 1).inputValue()).toBe("hello @bob ");
    await composer(alice.page, 1).pressSequentially("there");
    await composer(alice.page, 1).press("Enter");
    await roomLink(bob.page, "General").getByText("1 mention").waitFor();
  });

  test("stand out in the text, mentions of the reader most, and reading them clears the badge", async () => {
    await roomLink(bob.page, "General").click();
    const marked = message(bob.page, 1, "hello @bob there").locator("bdi", { hasText: "@bob" });
    await marked.waitFor();
    expect(await marked.getAttribute("data-me")).toBe("true");
    const forAlice = message(alice.page, 1, "hello @bob there").locator("bdi", { hasText: "@bob" });
    expect(await forAlice.getAttribute("data-me")).toBeNull();
    await roomLink(bob.page, "General").getByText("1 mention").waitFor({ state: "detached" });
  });

  test("look the same to the author and others: existing names stand out, unknown ones and those in code do not", async () => {
    await sendMessage(alice.page, 1, "请@bob看一下, @nobody, `@grace`, \\@grace, _@ada_?");
    for (const { page } of [alice, bob]) {
      const marked = message(page, 1, "@nobody").locator("bdi", { hasText: "@" });
      await marked.filter({ hasText: "@ada" }).waitFor();
      expect(await marked.allTextContents()).toEqual(["@bob", "@ada"]);
    }
  });

  test("rooms and emoji complete too", async () => {
    const field = composer(alice.page, 1);
    await field.fill("");
    await field.pressSequentially("see #Rand");
    await alice.page.getByRole("option", { name: /Random/ }).waitFor();
    await field.press("Enter");
    await field.pressSequentially(" :tad");
    await alice.page.getByRole("option", { name: /tada/ }).waitFor();
    await field.press("Enter");
    await field.press("Enter");
    const said = message(bob.page, 1, "🎉");
    await said.getByRole("link", { name: "#Random" }).waitFor();
    expect(await said.getByRole("link", { name: "#Random" }).getAttribute("href")).toBe("/rooms/2");
  });
});

test("a user who is writing is named below the conversation until the message arrives", async () => {
  await composer(alice.page, 1).pressSequentially("I am thinking of");
  const line = roomColumn(bob.page, 1).getByText("alice is typing…");
  await line.waitFor();
  await composer(alice.page, 1).press("Enter");
  await line.waitFor({ state: "detached" });
  await expectLastMessages(bob.page, 1, ["I am thinking of"]);
});

test("a pinned message is listed in the details, links to the conversation, and disappears when unpinned", async () => {
  const rules = await ada.post(1, "The rules of this place");
  await bob.page.goto("/rooms/1?pane=pins");
  await bob.page.getByText("No pinned messages").waitFor();
  await ada.command("message.pin", { room: 1, message: rules.id });
  const details = bob.page.getByRole("complementary", { name: "Details of General" });
  await details.getByText("The rules of this place").waitFor();
  const mark = message(alice.page, 1, "The rules of this place").getByRole("img", { name: "Pinned" });
  await mark.waitFor();
  await details.getByRole("link", { name: /^Jump to message/ }).click();
  await messageLog(bob.page, 1).locator("[data-marked]").getByText("The rules of this place").waitFor();
  await ada.command("message.unpin", { room: 1, message: rules.id });
  await details.getByText("No pinned messages").waitFor();
  await mark.waitFor({ state: "detached" });
});

test("a message link opens the room at the message with its context", async () => {
  const messages: number[] = [];
  const room = await ada.createRoom({ title: "The long road" });
  for (let line = 0; line < 160; line++) messages.push((await ada.post(room.number, `milestone ${line} of 160`)).seq);
  await bob.page.goto(`/rooms/${room.number}?seq=${messages[20]}`);
  const marked = messageLog(bob.page, room.number).locator("[data-marked]");
  await marked.getByText("milestone 20 of 160").waitFor();
  await expect.poll(() => isOnScreen(marked)).toBe(true);
  for (const near of [18, 19, 21, 22]) await message(bob.page, room.number, `milestone ${near} of 160`).waitFor();
  await bob.page.getByRole("button", { name: /^(Jump to latest|\d+\+? new messages?)$/ }).click();
  const last = message(bob.page, room.number, "milestone 159 of 160");
  await last.waitFor();
  await expect.poll(() => isOnScreen(last)).toBe(true);
});

test("a forwarded message is shown where its room can be seen, and is a link elsewhere; it changes with the original", async () => {
  const source = await ada.createRoom({ title: "Recipes", private: true });
  const target = await ada.createRoom({ title: "Kitchen" });
  await ada.command("member.add", { room: source.number, user: "alice" });
  const original = await ada.post(source.number, "Soup **for ten**: two kilos of leeks");
  await alice.page.goto(`/rooms/${source.number}`);
  await chooseMessageAction(alice.page, source.number, "two kilos of leeks", "Forward");
  const choice = alice.page.getByRole("dialog", { name: "Forward to" });
  await choice.getByRole("combobox").fill("kit");
  await choice.getByRole("option", { name: "Kitchen", selected: true }).waitFor();
  await alice.page.keyboard.press("Enter");
  const dialog = alice.page.getByRole("dialog", { name: "Forward to Kitchen" });
  await dialog.getByText("Only people who can see “Recipes”").waitFor();
  expect(await axeFindings(alice.page)).toEqual([]);
  await dialog.getByLabel("Comment").fill("for Friday");
  await alice.page.keyboard.press("Enter");
  await alice.page.getByText("Forwarded to Kitchen.").waitFor();

  await alice.page.goto(`/rooms/${target.number}`);
  const shown = message(alice.page, target.number, "for Friday").getByRole("link", { name: "#Recipes" });
  await shown.getByText("Soup for ten: two kilos of leeks").waitFor();
  expect(await axeFindings(alice.page)).toEqual([]);
  await bob.page.goto(`/rooms/${target.number}`);
  const forBob = message(bob.page, target.number, "for Friday");
  await forBob.getByRole("link", { name: `/rooms/${source.number}?seq=${original.seq}` }).waitFor();
  await ada.command("message.edit", {
    room: source.number,
    message: original.id,
    body: "Soup for twelve: three kilos",
  });
  await shown.getByText("Soup for twelve: three kilos").waitFor();
  await shown.click();
  await message(alice.page, source.number, "Soup for twelve").waitFor();
  await alice.page.goto(`/rooms/${target.number}`);
  await shown.waitFor();
  await ada.command("message.delete", { room: source.number, message: original.id });
  await shown.waitFor({ state: "detached" });
  expect(await forBob.innerText()).not.toContain("Soup");
});

test("markup is rendered: bold, italic, code, code blocks, quotes, lists and links", async () => {
  await bob.page.goto("/rooms/1");
  await ada.post(1, "**bold** and *slanted* and `code` and [a link](https://example.org/x)");
  await ada.post(1, "> a quoted line\n\n- first\n- second\n\n1. one\n2. two\n\n```\nlet x = 1;\n```");
  const inline = message(bob.page, 1, "bold and slanted and code and a link");
  expect(await inline.locator("strong").innerText()).toBe("bold");
  expect(await inline.locator("em").innerText()).toBe("slanted");
  expect(await inline.locator("code").innerText()).toBe("code");
  const link = inline.getByRole("link", { name: "a link" });
  expect(await link.getAttribute("href")).toBe("https://example.org/x");
  expect(await link.getAttribute("rel")).toContain("noopener");
  const blocks = message(bob.page, 1, "a quoted line");
  expect(await blocks.locator("blockquote").innerText()).toBe("a quoted line");
  expect(await blocks.locator("ul > li").allInnerTexts()).toEqual(["first", "second"]);
  expect(await blocks.locator("ol > li").allInnerTexts()).toEqual(["one", "two"]);
  expect((await blocks.locator("pre").innerText()).trim()).toBe("let x = 1;");
});

test("causes no console error, no warning and no security policy violation", () => {
  expect(alice.problems).toEqual([]);
  expect(bob.problems).toEqual([]);
});

function isOnScreen(row: ReturnType<typeof message>): Promise<boolean> {
  return row.evaluate((element) => {
    const list = element.closest("[role=log]")?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    return list !== undefined && box.top >= list.top - 1 && box.bottom <= list.bottom + 1;
  });
}
