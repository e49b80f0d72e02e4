import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, CDPSession, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openBrowser, readGlobal, type Visitor } from "../../src/browser.ts";
import { composer, messageLog, roomColumn, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let ada: Visitor;
let devtools: CDPSession;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "multichat-drop-"));
  for (const name of ["notes.html", "notes.txt"]) writeFileSync(join(folder, name), "<h1>In place of the page</h1>");
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  ada = await openBrowser(browser, server.url);
  await ada.context.addInitScript(() => {
    const seen: object[] = [];
    Object.assign(window, { seen });
    // Registered again after those of the page, to see what they have decided.
    addEventListener("load", () => {
      for (const name of ["dragover", "drop"] as const) {
        addEventListener(name, (event) => {
          const { defaultPrevented, dataTransfer } = event;
          seen.push({ defaultPrevented, effect: dataTransfer?.dropEffect });
        });
      }
    });
  });
  await signIn(ada.page, "ada", PASSWORD, "/rooms/1");
  await composer(ada.page, 1).waitFor();
  devtools = await ada.context.newCDPSession(ada.page);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Dragged {
  readonly files?: readonly string[];
  readonly items?: readonly { readonly mimeType: string; readonly data: string }[];
}

/** Drags over the middle of an element, as from another program, and lets go. */
async function drop(target: Locator, { files = [], items = [] }: Dragged): Promise<void> {
  await target.waitFor();
  const box = await target.boundingBox();
  if (box === null) throw new Error("expected the element to have a box");
  const data = { items: [...items], files: files.map((name) => join(folder, name)), dragOperationsMask: 1 };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await devtools.send("Input.dispatchDragEvent", { type, x, y, data });
  }
}

/** Drops, and returns what the page has decided. */
async function decideOn(target: Locator, dragged: Dragged): Promise<object | undefined> {
  await drop(target, dragged);
  const seen = () => readGlobal<object[]>(ada.page, "seen");
  await expect.poll(async () => (await seen()).length).toBeGreaterThan(0);
  return (await seen())[0];
}

const IGNORED = { defaultPrevented: true, effect: "none" };
type Part = [name: string, path: string, find: (page: Page) => Locator];
const ROOM_PARTS: Part[] = [
  ["the conversation", "/rooms/1", (page) => messageLog(page, 1)],
  ["the composer", "/rooms/1", (page) => composer(page, 1)],
  ["the header", "/rooms/1", (page) => roomColumn(page, 1).locator("header")],
];
const PARTS: Part[] = [
  ["the sidebar", "/rooms/1", (page) => page.getByRole("navigation", { name: "Rooms" })],
  ["the details", "/rooms/1?pane=members", (page) => page.getByRole("complementary")],
  ["a search field", "/search?q=words", (page) => page.getByRole("searchbox").first()],
  ["the settings", "/settings", (page) => page.getByRole("main")],
  ["the administration", "/admin/people", (page) => page.getByRole("main")],
  ["the set-up page", "/setup", (page) => page.locator("body")],
];

describe("what is dropped does not replace the page", () => {
  test.each(ROOM_PARTS)("files on %s are attached to the next message", async (_, path, find) => {
    const { page } = ada;
    await page.goto(path);
    const address = page.url();
    await drop(find(page), { files: ["notes.txt", "notes.html"] });
    const tray = page.getByRole("list", { name: "Attached files" });
    for (const name of ["notes.txt", "notes.html"]) {
      await tray.getByRole("button", { name: `Remove ${name}` }).click();
      await tray.getByText(name).waitFor({ state: "detached" });
    }
    expect(page.url()).toBe(address);
  });

  test.each(PARTS)("files on %s", async (_, path, find) => {
    const { page } = ada;
    for (const files of [["notes.html"], ["notes.txt", "notes.html"]]) {
      await page.goto(path);
      const address = page.url();
      expect(await decideOn(find(page), { files })).toEqual(IGNORED);
      expect(page.url()).toBe(address);
      await find(page).waitFor();
    }
  });

  test("files on a dialog", async () => {
    const { page } = ada;
    await page.goto("/settings");
    await page.getByRole("heading", { name: "Sessions" }).waitFor();
    await page.keyboard.press("Control+k");
    expect(await decideOn(page.getByRole("dialog"), { files: ["notes.html"] })).toEqual(IGNORED);
    await page.getByRole("dialog").waitFor();
  });

  const LINK = `data:text/html,elsewhere`;
  const link: Dragged = { items: ["text/uri-list", "text/plain"].map((mimeType) => ({ mimeType, data: LINK })) };
  test("links outside of fields; a field takes them as text", async () => {
    const { page, context } = ada;
    await page.goto("/rooms/1");
    expect(await decideOn(messageLog(page, 1), link)).toEqual(IGNORED);
    expect(context.pages()).toHaveLength(1);
    await page.goto("/rooms/1");
    expect(await decideOn(composer(page, 1), link)).toMatchObject({ defaultPrevented: false });
    await expect.poll(() => composer(page, 1).inputValue()).toBe(LINK);
    await composer(page, 1).fill("");
  });

  test("words, which a field takes", async () => {
    const { page } = ada;
    await page.goto("/rooms/1");
    const words = { items: [{ mimeType: "text/plain", data: "dropped words" }] };
    expect(await decideOn(composer(page, 1), words)).toMatchObject({ defaultPrevented: false });
    await expect.poll(() => composer(page, 1).inputValue()).toBe("dropped words");
    await composer(page, 1).fill("");
  });
});
