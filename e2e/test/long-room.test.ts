import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../src/browser.ts";
import { composer, log, message, signIn } from "../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../src/chat-server.ts";
import { fillRoom } from "../src/long-room.ts";
import { PASSWORD, TOWN } from "../src/people.ts";

/** A room of 100,000 messages is read as one of a few hundred is. */

const LONG = 1;
const SHORT = 2;
const MANY = 100_000;
const FEW = 400;
/** Turns of the wheel in one measured scroll, and their pixels. */
const TURNS = 60;
const TURN = 700;

let server: ChatServer;
let browser: Browser;
let alice: Visitor;

beforeAll(async () => {
  server = await startChatServer({ fixture: TOWN });
  await server.stop();
  fillRoom(server, LONG, MANY);
  fillRoom(server, SHORT, FEW);
  await server.start();
  browser = await launchBrowser();
  alice = await openBrowser(browser, server.url);
  await signIn(alice.page, "alice", PASSWORD, "/settings");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

interface Scrolled {
  /** Milliseconds between two frames, from the quickest to the slowest. */
  readonly frames: readonly number[];
  /** The lowest and the highest number of a message that was seen. */
  readonly lowest: number;
  readonly highest: number;
}

/** Turns the wheel as a person does who reads back, and measures each frame meanwhile. */
async function scrollUp(page: Page, room: number): Promise<Scrolled> {
  const box = await log(page, room).boundingBox();
  if (box === null) throw new Error("expected a conversation on the screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    const measured = { frames: [] as number[], lowest: Number.POSITIVE_INFINITY, highest: 0, going: true };
    Object.assign(window, { measured });
    let last = performance.now();
    const frame = (now: number): void => {
      measured.frames.push(now - last);
      last = now;
      if (measured.going) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  for (let turn = 0; turn < TURNS; turn++) {
    await page.mouse.wheel(0, -TURN);
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          requestAnimationFrame(() => {
            const { measured } = window as unknown as { measured: { lowest: number; highest: number } };
            for (const row of document.querySelectorAll("[role=log] article")) {
              const number = Number(/number (\d+)/.exec(row.textContent ?? "")?.[1]);
              measured.lowest = Math.min(measured.lowest, number);
              measured.highest = Math.max(measured.highest, number);
            }
            requestAnimationFrame(() => resolve());
          });
        }),
    );
  }
  const measured = await page.evaluate(() => {
    const { measured } = window as unknown as { measured: Scrolled & { going: boolean } };
    measured.going = false;
    return measured;
  });
  return { ...measured, frames: measured.frames.toSorted((a, b) => a - b) };
}

const share = (frames: readonly number[], of: number): number => frames[Math.floor(frames.length * of)] ?? 0;

async function heapBytes(visitor: Visitor): Promise<number> {
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

test("it opens at its end, and only what is near the screen is in the document", async () => {
  await alice.page.goto(`/rooms/${LONG}`);
  await composer(alice.page, LONG).waitFor();
  await message(alice.page, LONG, `number ${MANY}`).waitFor();
  expect(await log(alice.page, LONG).getByRole("article").count()).toBeLessThan(100);
});

test("scrolling back through it is as smooth as in a short room, and what one reads follows without a hole", async () => {
  const { page } = alice;
  await page.goto(`/rooms/${SHORT}`);
  await message(page, SHORT, `number ${FEW}`).waitFor();
  const short = await scrollUp(page, SHORT);
  await page.goto(`/rooms/${LONG}`);
  await message(page, LONG, `number ${MANY}`).waitFor();
  const long = await scrollUp(page, LONG);
  const told = ({ frames }: Scrolled) => `p50 ${share(frames, 0.5).toFixed(1)}, p95 ${share(frames, 0.95).toFixed(1)}`;
  console.log(`Frames in milliseconds: ${FEW} messages ${told(short)}; ${MANY} messages ${told(long)}`);
  console.log(`Read back from ${long.highest} to ${long.lowest}`);
  expect(long.highest).toBeGreaterThan(MANY - 20);
  expect(long.lowest).toBeLessThan(MANY - 200);
  // A busy machine is slow for both; what is compared is the one with the other.
  expect(share(long.frames, 0.5)).toBeLessThanOrEqual(Math.max(2 * share(short.frames, 0.5), 34));
  expect(share(long.frames, 0.95)).toBeLessThanOrEqual(Math.max(2 * share(short.frames, 0.95), 50));
});

test("memory stays bounded however far one reads", async () => {
  const { page } = alice;
  await page.goto(`/rooms/${LONG}`);
  await message(page, LONG, `number ${MANY}`).waitFor();
  const before = await heapBytes(alice);
  for (let way = 0; way < 3; way++) await scrollUp(page, LONG);
  const after = await heapBytes(alice);
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  console.log(`Heap: ${megabytes(before)} MB at the end, ${megabytes(after)} MB after reading back`);
  expect(after).toBeLessThan(before + 30 * 1024 * 1024);
  expect(await log(page, LONG).getByRole("article").count()).toBeLessThan(100);
});

test("the address of a message in its middle opens there, one reads on both ways, and comes back to the end", async () => {
  const { page } = alice;
  await page.goto(`/rooms/${LONG}?seq=${MANY / 2}`);
  const marked = log(page, LONG).locator("[data-marked]");
  await marked.getByText(`number ${MANY / 2} `).waitFor();
  await message(page, LONG, `number ${MANY / 2 + 1} `).waitFor();
  await message(page, LONG, `number ${MANY / 2 - 1} `).waitFor();
  const { lowest } = await scrollUp(page, LONG);
  expect(lowest).toBeLessThan(MANY / 2 - 100);
  await page.getByRole("button", { name: "Newest" }).click();
  await message(page, LONG, `number ${MANY}`).waitFor();
  // The first line of its log tells of its making, the second one is the first message.
  await page.goto(`/rooms/${LONG}?seq=2`);
  await marked.getByText("number 2 ").waitFor();
  await page.getByText("This is where the room begins.").waitFor();
});

test("nothing of it broke a rule of the page: no error, no warning, no violation of the security policy", () => {
  expect(alice.problems).toEqual([]);
});
