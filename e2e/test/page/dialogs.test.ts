import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { chooseMessageAction, composer, message, roomColumn, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let browser: Browser;
let server: ChatServer;
let ada: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startChatServer({ fixture: FIXTURE });
  const account = await openAccount(server, "ada");
  await account.post(1, "a message of ada");
  account.disconnect();
  ada = await openBrowser(browser, server.url);
  await signIn(ada.page, "ada", PASSWORD, "/rooms/1");
  await message(ada.page, 1, "a message of ada").waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Opens an entry of the jump dialog: another dialog in its place. */
const fromJump = (name: string) => async (page: Page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(name);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name }).waitFor();
};

const pressEscape = (page: Page) => page.keyboard.press("Escape");

describe("a closed dialog gives the focus back with the caret: what is typed next arrives there", () => {
  const kinds: [name: string, open: (page: Page) => Promise<unknown>, close: (page: Page) => Promise<unknown>][] = [
    ["the jump dialog, Escape", (page) => page.keyboard.press("Control+k"), pressEscape],
    [
      "the jump dialog, a press beside it",
      (page) => page.keyboard.press("Control+k"),
      (page) => page.mouse.click(5, 300),
    ],
    ["browsing the rooms, Escape", fromJump("Browse open rooms"), pressEscape],
    [
      "browsing the rooms, its button",
      fromJump("Browse open rooms"),
      (page) => page.getByRole("dialog").getByRole("button", { name: "Close" }).click(),
    ],
    ["a new direct message, a press beside it", fromJump("New direct message"), (page) => page.mouse.click(5, 300)],
    ["a new direct message, Escape", fromJump("New direct message"), pressEscape],
    ["a new room, Escape", fromJump("New room"), pressEscape],
    [
      "a new room, its button",
      fromJump("New room"),
      (page) => page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click(),
    ],
    [
      "the emoji picker, Escape",
      (page) => roomColumn(page, 1).getByRole("button", { name: "Add emoji" }).click(),
      pressEscape,
    ],
  ];
  test.each(kinds)("%s", async (_, open, close) => {
    const { page } = ada;
    const field = composer(page, 1);
    await field.fill("");
    await page.keyboard.type("before after");
    for (let steps = 0; steps < 6; steps++) await page.keyboard.press("ArrowLeft");
    await open(page);
    await page.getByRole("dialog").waitFor();
    await close(page);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.type(" and");
    await expect.poll(() => field.inputValue()).toBe("before and after");
  });

  test("two dialogs, one after the other", async () => {
    const { page } = ada;
    await composer(page, 1).fill("");
    for (const letter of ["a", "b", "c"]) {
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.keyboard.type(letter);
    }
    await expect.poll(() => composer(page, 1).inputValue()).toBe("abc");
  });

  test("the opener is a search field of the page", async () => {
    const { page } = ada;
    await page.goto("/search");
    const field = page.getByRole("searchbox").first();
    await field.fill("soup");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.type(" bowl");
    await expect.poll(() => field.inputValue()).toBe("soup bowl");
    await page.goto("/rooms/1");
  });

  test("cancelled deletion returns to the message", async () => {
    const { page, problems } = ada;
    await message(page, 1, "a message of ada").waitFor();
    await chooseMessageAction(page, 1, "a message of ada", "Delete");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    expect(problems).toEqual([]);
  });
});

test("letters typed right after the key that opens a field reach that field", async () => {
  const { page } = ada;
  await page.goto("/rooms/1");
  const field = composer(page, 1);
  await field.fill("");
  // It is loaded soon after the page.
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  for (const word of ["rand", "gen", "settings", "x", "browse", "new", "a b", "123"]) {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(word);
    await expect.poll(() => page.getByRole("combobox").inputValue()).toBe(word);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  expect(await field.inputValue()).toBe("");
  // And after the key that opens a room.
  for (const [key, room] of [
    ["rand", 2],
    ["gen", 1],
    ["rand", 2],
  ] as const) {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(key);
    await page.keyboard.press("Enter");
    await page.keyboard.type("hello");
    await expect.poll(() => composer(page, room).inputValue()).toBe("hello");
    await composer(page, room).fill("");
  }
});
