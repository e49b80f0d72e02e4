import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { composer, message, messageLog, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";
import { fillRoom } from "../../src/long-room.ts";

// A room of 100,000 messages costs the page what a room of a few hundred costs. How smoothly it scrolls is measured by
// `npm run bench:page`.

const LONG_ROOM = 1;
const SHORT_ROOM = 2;
const LONG_ROOM_SIZE = 100_000;
const SHORT_ROOM_SIZE = 400;
/** More rows than fit on a screen with the margin above and below it. */
const MAX_RENDERED_ROWS = 100;
const WHEEL_STEP_PX = 700;
const MAX_HEAP_GROWTH_BYTES = 30 * 1024 * 1024;

let server: ChatServer;
let browser: Browser;
let alice: Visitor;

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  await server.stop();
  fillRoom(server, LONG_ROOM, LONG_ROOM_SIZE);
  fillRoom(server, SHORT_ROOM, SHORT_ROOM_SIZE);
  await server.start();
  browser = await launchBrowser();
  alice = await openBrowser(browser, server.url);
  await signIn(alice.page, "alice", PASSWORD, "/settings");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** What the page did while the reader scrolled back. */
interface ScrollWork {
  /** Rows added to the document, which counts a row again when it returns. */
  readonly addedRows: number;
  /** The most rows in the document at any time. */
  readonly maxRows: number;
}

/** What `watchRows` counts in the page. */
interface WatchedScroll extends ScrollWork {
  readonly stop: () => void;
}

/** Turns the wheel until a message with a number of at most `target` was shown. */
async function scrollBackTo(page: Page, room: number, target: number): Promise<ScrollWork> {
  const box = await messageLog(page, room).boundingBox();
  if (box === null) throw new Error("expected a conversation on the screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(watchRows);
  for (let lowest = Number.POSITIVE_INFINITY; lowest > target; ) {
    await page.mouse.wheel(0, -WHEEL_STEP_PX);
    lowest = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const readLowest = () => resolve(Reflect.get(window, "scrollWork").lowest);
          requestAnimationFrame(() => requestAnimationFrame(readLowest));
        }),
    );
  }
  return page.evaluate(() => {
    const scroll: WatchedScroll = Reflect.get(window, "scrollWork");
    scroll.stop();
    return { addedRows: scroll.addedRows, maxRows: scroll.maxRows };
  });
}

/** Runs in the page: counts rows and notes the lowest message number until stopped. */
function watchRows(): void {
  const scroll = { addedRows: 0, maxRows: 0, lowest: Number.POSITIVE_INFINITY, stop: () => observer.disconnect() };
  const update = (added: number): void => {
    const rows = [...document.querySelectorAll("[role=log] article")];
    const numbers = rows.map((row) => Number(/number (\d+)/.exec(row.textContent ?? "")?.[1])).filter((n) => n > 0);
    scroll.addedRows += added;
    scroll.maxRows = Math.max(scroll.maxRows, rows.length);
    scroll.lowest = Math.min(scroll.lowest, ...numbers);
  };
  const isRow = (node: Node): boolean =>
    node instanceof Element && (node.matches("article") || node.querySelector("article") !== null);
  const observer = new MutationObserver((changes) => {
    update(changes.flatMap(({ addedNodes }) => [...addedNodes].filter(isRow)).length);
  });
  observer.observe(document, { subtree: true, childList: true });
  Object.assign(window, { scrollWork: scroll });
  update(0);
}

async function heapBytes(visitor: Visitor): Promise<number> {
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

test("opens at its end and renders only what is near the screen", async () => {
  await alice.page.goto(`/rooms/${LONG_ROOM}`);
  await composer(alice.page, LONG_ROOM).waitFor();
  await message(alice.page, LONG_ROOM, `number ${LONG_ROOM_SIZE}`).waitFor();
  expect(await messageLog(alice.page, LONG_ROOM).getByRole("article").count()).toBeLessThan(MAX_RENDERED_ROWS);
});

test("scrolls back with no more work than a short room, loading older messages on the way", async () => {
  const { page } = alice;
  await page.goto(`/rooms/${SHORT_ROOM}`);
  await message(page, SHORT_ROOM, `number ${SHORT_ROOM_SIZE}`).waitFor();
  const short = await scrollBackTo(page, SHORT_ROOM, SHORT_ROOM_SIZE - 300);
  await page.goto(`/rooms/${LONG_ROOM}`);
  await message(page, LONG_ROOM, `number ${LONG_ROOM_SIZE}`).waitFor();
  const long = await scrollBackTo(page, LONG_ROOM, LONG_ROOM_SIZE - 300);
  for (const { maxRows } of [short, long]) expect(maxRows).toBeLessThan(MAX_RENDERED_ROWS);
  expect(short.addedRows).toBeGreaterThan(100);
  // How many rows a step adds depends on how busy the machine is; work that grew with the room would be hundreds of times as much.
  expect(long.addedRows).toBeLessThanOrEqual(5 * short.addedRows);
});

test("keeps memory bounded however far back the reader scrolls", async () => {
  const { page } = alice;
  await page.goto(`/rooms/${LONG_ROOM}`);
  await message(page, LONG_ROOM, `number ${LONG_ROOM_SIZE}`).waitFor();
  const before = await heapBytes(alice);
  await scrollBackTo(page, LONG_ROOM, LONG_ROOM_SIZE - 1_500);
  const after = await heapBytes(alice);
  expect(after).toBeLessThan(before + MAX_HEAP_GROWTH_BYTES);
  expect(await messageLog(page, LONG_ROOM).getByRole("article").count()).toBeLessThan(MAX_RENDERED_ROWS);
});

test("opens at a linked message in the middle, reads on from there, and returns to the end", async () => {
  const { page } = alice;
  const middle = LONG_ROOM_SIZE / 2;
  await page.goto(`/rooms/${LONG_ROOM}?seq=${middle}`);
  const marked = messageLog(page, LONG_ROOM).locator("[data-marked]");
  await marked.getByText(`number ${middle} `).waitFor();
  await message(page, LONG_ROOM, `number ${middle + 1} `).waitFor();
  await message(page, LONG_ROOM, `number ${middle - 1} `).waitFor();
  await scrollBackTo(page, LONG_ROOM, middle - 100);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await message(page, LONG_ROOM, `number ${LONG_ROOM_SIZE}`).waitFor();
  // Seq 1 is the creation of the room, seq 2 the first message.
  await page.goto(`/rooms/${LONG_ROOM}?seq=2`);
  await marked.getByText("number 2 ").waitFor();
  await page.getByText("This is the beginning of the room.").waitFor();
});

test("causes no console error, no warning and no security policy violation", () => {
  expect(alice.problems).toEqual([]);
});
