import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import {
  axeFindings,
  chooseMessageAction,
  composer,
  message,
  messageLog,
  roomLink,
  signIn,
} from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
/** Two devices of one user. */
let desk: Visitor;
let phone: Visitor;
let ada: Account;

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  ada = await openAccount(server, "ada");
  desk = await openBrowser(browser, server.url);
  phone = await openBrowser(browser, server.url);
  for (const { page } of [desk, phone]) {
    await signIn(page, "alice", PASSWORD, "/rooms/2");
    await composer(page, 2).waitFor();
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const badge = ({ page }: Visitor, words: string) => roomLink(page, "General").getByText(words, { exact: true });
const badgeAppears = (visitor: Visitor, words: string) => badge(visitor, words).waitFor();

test("unread messages are counted at the room and in the tab title, on every device", async () => {
  for (const text of ["one", "two", "three"]) await ada.post(1, text);
  for (const visitor of [desk, phone]) {
    await badgeAppears(visitor, "3 unread");
    await expect.poll(() => visitor.page.title()).toMatch(/3/);
  }
});

test("reading on one device clears unread messages and mentions on all", async () => {
  await roomLink(desk.page, "General").click();
  await message(desk.page, 1, "three").waitFor();
  await badge(phone, "3 unread").waitFor({ state: "detached" });
  await roomLink(desk.page, "Random").click();
  await composer(desk.page, 2).waitFor();
  await ada.post(1, "@alice, are you there?");
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "1 mention");
  await roomLink(phone.page, "General").click();
  await message(phone.page, 1, "are you there?").waitFor();
  for (const visitor of [desk, phone]) await badge(visitor, "1 mention").waitFor({ state: "detached" });
});

test("a room opens at its first unread message, below the New line", async () => {
  await roomLink(phone.page, "Random").click();
  await composer(phone.page, 2).waitFor();
  for (let line = 0; line < 80; line++) await ada.post(1, `news ${line}`);
  await badgeAppears(desk, "80 unread");
  await roomLink(desk.page, "General").click();
  const first = message(desk.page, 1, "news 0");
  await first.waitFor();
  const line = messageLog(desk.page, 1).getByText("New", { exact: true });
  await line.waitFor();
  const [above, below] = [await line.boundingBox(), await first.boundingBox()];
  expect((above?.y ?? 0) < (below?.y ?? 0)).toBe(true);
  const last = message(desk.page, 1, "are you there?");
  if ((await last.count()) > 0) expect(((await last.boundingBox())?.y ?? 0) < (above?.y ?? 0)).toBe(true);
});

test("one jump leads to the newest message, and everything is then read on all devices", async () => {
  await desk.page.getByRole("button", { name: /new messages$/ }).click();
  await message(desk.page, 1, "news 79").waitFor();
  for (const visitor of [desk, phone])
    await roomLink(visitor.page, "General")
      .getByText(/unread/)
      .waitFor({ state: "detached" });
  await desk.page.getByRole("button", { name: /new messages$/ }).waitFor({ state: "detached" });
});

test("a message that arrives while the reader is further up moves nothing and is counted on the jump button", async () => {
  await messageLog(desk.page, 1).evaluate((list) => list.scrollBy({ top: -1200 }));
  await desk.page.getByRole("button", { name: "Jump to latest" }).waitFor();
  const seen = await messageLog(desk.page, 1).evaluate((list) => list.scrollTop);
  await ada.post(1, "said meanwhile");
  await desk.page.getByRole("button", { name: "1 new message" }).waitFor();
  expect(await messageLog(desk.page, 1).evaluate((list) => list.scrollTop)).toBe(seen);
  await desk.page.getByRole("button", { name: "1 new message" }).click();
  await message(desk.page, 1, "said meanwhile").waitFor();
});

test("older pages that load at the top do not move what the reader sees", async () => {
  const { page } = desk;
  const room = await ada.createRoom({ title: "A long story" });
  for (let line = 0; line < 150; line++)
    await ada.post(room.number, `chapter ${line} ${"and so on ".repeat(line % 9)}`);
  await page.goto(`/rooms/${room.number}`);
  await message(page, room.number, "chapter 149").waitFor();
  const list = messageLog(page, room.number);
  await list.hover();
  const jumps: string[] = [];
  const seen = new Set<string>();
  // By the wheel: a script that sets scrollTop fires no event before the next frame.
  for (let isAtBeginning = false; !isAtBeginning; ) {
    await page.mouse.wheel(0, -150);
    const step = await list.evaluate(async (scroller) => {
      const frames = async (count: number) => {
        for (let frame = 0; frame < count; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
      };
      // Until the smooth scrolling of the wheel has ended.
      for (let before = Number.NaN; before !== scroller.scrollTop; ) {
        before = scroller.scrollTop;
        await frames(2);
      }
      const rows = [...scroller.querySelectorAll("article")];
      const chapters = rows.map((row) => /chapter \d+/.exec(row.textContent ?? "")?.[0] ?? "");
      const middle = scroller.getBoundingClientRect().top + scroller.clientHeight / 2;
      const row = rows.find((candidate) => candidate.getBoundingClientRect().bottom > middle);
      const at = row?.getBoundingClientRect().top ?? 0;
      await frames(3);
      const now = row?.isConnected ? row.getBoundingClientRect().top : Number.NaN;
      const jump = Math.abs(now - at) < 3 ? undefined : `${row?.textContent?.slice(0, 20)}: ${at} to ${now}`;
      // At the top of what is loaded, older pages may still be on their way.
      const isAtBeginning = scroller.scrollTop === 0 && scroller.textContent?.includes("the beginning of the room");
      return { chapters, jump, isAtBeginning: isAtBeginning === true };
    });
    for (const chapter of step.chapters) seen.add(chapter);
    if (step.jump !== undefined) jumps.push(step.jump);
    isAtBeginning = step.isAtBeginning;
  }
  expect({ jumps, seen: seen.size }).toEqual({ jumps: [], seen: 150 });
});

test("each room keeps its draft and the message it replies to over a reload", async () => {
  const { page } = desk;
  await page.goto("/rooms/1?open=1,2");
  await composer(page, 1).fill("half a thought");
  await composer(page, 2).fill("half of another");
  await message(page, 1, "said meanwhile").hover();
  await message(page, 1, "said meanwhile").getByRole("button", { name: "Reply" }).click();
  await page.getByText("Replying to ada").waitFor();
  await page.reload();
  await expect.poll(() => composer(page, 1).inputValue()).toBe("half a thought");
  await expect.poll(() => composer(page, 2).inputValue()).toBe("half of another");
  await page.getByText("Replying to ada").waitFor();
  await composer(page, 1).press("Enter");
  await message(page, 1, "half a thought")
    .getByRole("link", { name: /^In reply to\s*ada\s*said meanwhile/ })
    .waitFor();
  expect(await composer(page, 2).inputValue()).toBe("half of another");
});

test("a message marked as unread stays so on all devices, until the room is read on purpose", async () => {
  await roomLink(desk.page, "General").click();
  for (const text of ["before", "keep for later", "after"]) await ada.post(1, text);
  await message(desk.page, 1, "after").waitFor();
  await chooseMessageAction(desk.page, 1, "keep for later", "Mark as unread");
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "2 unread");
  const line = messageLog(desk.page, 1).getByText("New", { exact: true });
  await line.waitFor();
  const [above, below] = [await line.boundingBox(), await message(desk.page, 1, "keep for later").boundingBox()];
  expect((above?.y ?? 0) < (below?.y ?? 0)).toBe(true);
  expect(await axeFindings(desk.page)).toEqual([]);

  // The room is on the screen, and what arrives is not read.
  await ada.post(1, "one more");
  await message(desk.page, 1, "one more").waitFor();
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "3 unread");
  await desk.page.reload();
  await message(desk.page, 1, "one more").waitFor();
  await ada.post(1, "after the reload");
  await message(desk.page, 1, "after the reload").waitFor();
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "4 unread");

  await roomLink(phone.page, "General").click();
  for (const visitor of [desk, phone])
    await roomLink(visitor.page, "General")
      .getByText(/unread/)
      .waitFor({ state: "detached" });
  await ada.post(1, "read at once");
  await message(desk.page, 1, "read at once").waitFor();
  await badge(phone, "1 unread").waitFor({ state: "detached" });
});

test("the other device keeps unread what it shows, and Escape reads it", async () => {
  await roomLink(phone.page, "General").click();
  await chooseMessageAction(desk.page, 1, "read at once", "Mark as unread");
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "1 unread");
  await ada.post(1, "while both look");
  await message(phone.page, 1, "while both look").waitFor();
  for (const visitor of [desk, phone]) await badgeAppears(visitor, "2 unread");
  await messageLog(phone.page, 1).press("Escape");
  for (const visitor of [desk, phone])
    await roomLink(visitor.page, "General")
      .getByText(/unread/)
      .waitFor({ state: "detached" });
});

test("causes no console error, no warning and no security policy violation", () => {
  expect(desk.problems).toEqual([]);
  expect(phone.problems).toEqual([]);
});
