import { CommandError } from "@multichat/client";
import type { Room } from "@multichat/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, readGlobal, type Visitor } from "../../src/browser.ts";
import { roomColumn, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";
import { corpus, countBySource } from "../../src/injection/corpus.ts";
import { detectInjection, type InjectionDetector } from "../../src/injection/detector.ts";
import { CANARY } from "../../src/injection/payload.ts";
import { readWholeRoom } from "../../src/injection/room-content.ts";

/**
 * Sends payloads through everything that users write and others see. The page runs without its content security policy, so
 * that the rendering itself is tested and not the policy behind it.
 */

const PAYLOADS = corpus();
/** Requests sent at once. */
const BATCH_SIZE = 40;
/** The most pins that a room may have. */
const MAX_PINS = 50;
/** How many lines about room changes a page shows at most. */
const MAX_EVENT_LINES = 150;
const ROOM_BEGINNING = "This is the beginning of the room.";
const ATTACKED_ROOM = 1;
const RENAMED_ROOM = 2;

/** The simplest payload. */
const TAG = `</title><img src=x onerror=${CANARY}>`;
/** Valid usernames that have a meaning in JavaScript. */
const NAMES = ["constructor", "toString", "valueOf", "hasOwnProperty", "undefined", "null", "NaN", "innerHTML", "then"];

let server: ChatServer;
let browser: Browser;
let ada: Account;
let alice: Account;
let bob: Visitor;
let detector: InjectionDetector;
/** The ids of the accepted messages. */
const posted: string[] = [];

beforeAll(async () => {
  const users = [...FIXTURE.users, ...NAMES.map((username) => ({ username, password: PASSWORD }))];
  server = await startChatServer({
    fixture: { ...FIXTURE, users },
    env: { LIMIT_REQUESTS_PER_MINUTE: "1000000", LIMIT_COMMANDS_PER_SECOND: "1000" },
  });
  browser = await launchBrowser();
  ada = await openAccount(server, "ada");
  alice = await openAccount(server, "alice");
  bob = await openBrowser(browser, server.url, { bypassCSP: true });
  detector = await detectInjection(bob, server.url);
  await signIn(bob.page, "bob", PASSWORD, `/rooms/${ATTACKED_ROOM}`);
  await roomColumn(bob.page, ATTACKED_ROOM).getByRole("textbox").waitFor();
});

afterAll(async () => {
  ada?.disconnect();
  alice?.disconnect();
  await browser?.close();
  await server?.dispose();
});

const expectNoFindings = async (): Promise<void> => {
  expect(await detector.findings()).toEqual([]);
  expect(bob.problems).toEqual([]);
};

/** Whether the server accepts the text as a message. */
const isAccepted = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}--[\t\n\r]]/v.test(text);

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Sends all texts in batches and returns how many were accepted and refused. */
async function sendAll(
  texts: readonly string[],
  send: (text: string, place: number) => Promise<number>,
): Promise<{ accepted: number; refused: number }> {
  const counts = { accepted: 0, refused: 0 };
  for (let from = 0; from < texts.length; from += BATCH_SIZE) {
    const group = texts.slice(from, from + BATCH_SIZE);
    for (const status of await Promise.all(group.map((text, at) => send(text, from + at)))) {
      // A payload may be invalid as this kind of text; any other status is a server failure.
      expect([200, 201, 400, 422], `status ${status}`).toContain(status);
      counts[status < 300 ? "accepted" : "refused"] += 1;
    }
  }
  return counts;
}

test("the corpus is large, and each payload names its source", () => {
  console.log(`${PAYLOADS.length} payloads:`, countBySource(PAYLOADS));
  expect(PAYLOADS.length).toBeGreaterThan(1000);
  expect(PAYLOADS.every(({ from }) => from !== "")).toBe(true);
});

test("the detector reports injected scripts, attributes and addresses", async () => {
  const visitor = await openBrowser(browser, server.url, { bypassCSP: true });
  const ownDetector = await detectInjection(visitor, server.url);
  await visitor.page.goto("/login");
  await visitor.page.getByLabel("Username").waitFor();
  expect(await ownDetector.findings()).toEqual([]);
  const isDetected = async (html: string): Promise<boolean> => {
    const before = (await ownDetector.findings()).length;
    await visitor.page.evaluate((markup) => {
      const container = document.createElement("div");
      document.body.append(container);
      container.innerHTML = markup;
      container.remove();
    }, html);
    return (await ownDetector.findings()).length > before;
  };
  expect(await isDetected("<b>bold</b>")).toBe(false);
  for (const html of [
    "<i onclick=x>a</i>",
    "<a href=javascript:x>b</a>",
    "<a href=' JAVA&Tab;script:x'>c</a>",
    "<iframe></iframe>",
    "<svg><animate /></svg>",
    "<object data=x></object>",
  ]) {
    expect(await isDetected(html), html).toBe(true);
  }
  await visitor.page.evaluate("__xss(1)");
  expect(await ownDetector.findings()).toContain("__xss(1) ran");
  await visitor.context.close();
});

describe("in messages and the excerpts of replies", () => {
  test("no payload runs while messages arrive or while a reader scrolls through all of them", async () => {
    const counts = await sendAll(
      PAYLOADS.map(({ text }) => text),
      async (text, place) => {
        // Each replies to a message of an earlier batch, whose excerpt it then shows.
        const replyTo = posted[place - 2 * BATCH_SIZE];
        const answer = await alice.request("POST", `/rooms/${ATTACKED_ROOM}/messages`, {
          clientId: `payload-${place}`,
          body: text,
          ...(replyTo === undefined ? {} : { replyTo }),
        });
        if (answer.status < 300) posted.push((answer.body as { message: { id: string } }).message.id);
        return answer.status;
      },
    );
    console.log("As messages:", counts);
    expect(counts.accepted).toBeGreaterThan(1000);
    const seen = await readWholeRoom(bob.page, ROOM_BEGINNING);
    expect(posted.filter((id) => !seen.messages.has(id))).toEqual([]);
    expect(seen.unexpected).toEqual([]);
    expect([...seen.messages.values()].filter((text) => text === "")).toEqual([]);
    await expectNoFindings();
  });

  test("no payload runs among the pinned messages", async () => {
    const step = Math.floor(posted.length / MAX_PINS);
    for (let pin = 0; pin < MAX_PINS; pin++) {
      const message = posted[pin * step];
      if (message !== undefined) await ada.command("message.pin", { room: ATTACKED_ROOM, message });
    }
    await bob.page.goto(`/rooms/${ATTACKED_ROOM}?pane=pins`);
    const pins = bob.page.getByRole("list", { name: "Pinned" }).getByRole("listitem");
    await expect.poll(() => bob.page.getByRole("link", { name: /^Jump to message/ }).count()).toBe(MAX_PINS);
    expect(await pins.count()).toBeGreaterThanOrEqual(MAX_PINS);
    await expectNoFindings();
  });

  test("no payload runs among all results of a search", async () => {
    const { page } = bob;
    const count = page.getByText(/^\d+ messages?( so far)?$/);
    const more = page.getByRole("button", { name: "Show more" });
    // Words of the payloads themselves, which the results mark.
    for (const words of [["xss"], ["alert", "script"]]) {
      const query = `${words.join(" ")} from:alice`;
      await page.goto(`/rooms/${ATTACKED_ROOM}?pane=search&q=${encodeURIComponent(query)}`);
      await page.locator("mark").first().waitFor();
      for (let shown = await count.innerText(); shown.endsWith("so far"); shown = await count.innerText()) {
        await more.click();
        await expect.poll(() => count.innerText()).not.toBe(shown);
      }
      const matching = PAYLOADS.filter(
        ({ text }) => isAccepted(text) && words.every((word) => wordsOf(text).includes(word)),
      );
      expect(matching.length).toBeGreaterThan(50);
      // Replies that contain the words may add to the results.
      expect(Number.parseInt(await count.innerText(), 10)).toBeGreaterThanOrEqual(matching.length);
    }
    await expectNoFindings();
  });

  test("no payload runs on its author's own page: typed, waiting to be sent, or saved as a draft", async () => {
    const author = await openBrowser(browser, server.url, { bypassCSP: true });
    const ownDetector = await detectInjection(author, server.url);
    await signIn(author.page, "alice", PASSWORD, "/rooms/2");
    const composer = roomColumn(author.page, 2).getByRole("textbox");
    await composer.waitFor();
    const sample = PAYLOADS.filter((_, place) => place % 24 === 0);
    for (const { text } of sample) {
      await composer.fill(text);
      await composer.press("Enter");
    }
    await composer.fill(TAG);
    await author.page.reload();
    await expect.poll(() => composer.inputValue()).toBe(TAG);
    expect(await ownDetector.findings()).toEqual([]);
    expect(author.problems).toEqual([]);
    await author.context.close();
  });
});

describe("in the names of rooms and users", () => {
  test("no payload runs as the title or topic of a room: in the sidebar, the header, the conversation or the tab", async () => {
    const page = bob.page;
    await alice.post(RENAMED_ROOM, "Before all the names");
    await page.goto(`/rooms/${RENAMED_ROOM}?pane=about`);
    // The page knows of changes from when it has joined, which the field does not wait for.
    await page.getByRole("log").getByText("Before all the names").waitFor();
    const change = (changes: object) => ada.request("PATCH", `/rooms/${RENAMED_ROOM}`, changes);
    const counts = { titles: 0, topics: 0 };
    for (let from = 0; from < PAYLOADS.length; from += MAX_EVENT_LINES) {
      const accepted = new Set<string>();
      await sendAll(
        PAYLOADS.slice(from, from + MAX_EVENT_LINES).map(({ text }) => text),
        async (text) => {
          const both = await change({ title: text, topic: text });
          // Titles are shorter than topics, and on one line.
          const answer = both.status < 300 ? both : await change({ topic: text });
          if (both.status < 300) counts.titles += 1;
          if (answer.status < 300) {
            const { title, topic } = (answer.body as { room: Room }).room;
            counts.topics += 1;
            accepted.add(title).add(topic);
          }
          return answer.status;
        },
      );
      // Each change adds lines to the conversation, the last ones perhaps after the reply to the change.
      const findMissing = async (): Promise<string[]> => {
        const lines = (await readWholeRoom(page, ROOM_BEGINNING)).events.join("\n");
        return [...accepted].filter((text) => !lines.includes(text));
      };
      await expect.poll(findMissing, { timeout: 600_000 }).toEqual([]);
    }
    console.log("As room names:", counts);
    expect(counts.titles).toBeGreaterThan(800);
    expect(counts.topics).toBeGreaterThan(1000);
    await ada.request("PATCH", `/rooms/${RENAMED_ROOM}`, { title: TAG, topic: "" });
    await expect.poll(() => page.title()).toContain(TAG);
    await expectNoFindings();
  });

  test("no payload is accepted as a username, and unusual usernames are harmless", async () => {
    const counts = await sendAll(
      PAYLOADS.map(({ text }) => text),
      async (username) => (await ada.request("POST", "/people", { username, password: PASSWORD })).status,
    );
    console.log("As usernames:", counts);
    expect(counts.accepted).toBe(0);
    for (const name of NAMES) {
      const account = await openAccount(server, name);
      await account.post(RENAMED_ROOM, `I am @${name}, and this is @bob`);
    }
    const { page } = bob;
    await page.goto(`/rooms/${RENAMED_ROOM}?pane=members`);
    for (const name of NAMES) await page.getByRole("log").getByText(`I am @${name},`).waitFor();
    const composer = roomColumn(page, RENAMED_ROOM).getByRole("textbox");
    for (const name of NAMES) {
      await composer.fill("");
      await composer.pressSequentially(`@${name.slice(0, 4)}`);
      await page
        .getByRole("option", { name: new RegExp(name) })
        .first()
        .waitFor();
    }
    await composer.fill("");
    await expectNoFindings();
  });

  test("no payload runs as a status text", async () => {
    const answer = await alice.request("POST", "/direct", { user: "bob" });
    const { number } = (answer.body as { room: { number: number } }).room;
    const { page } = bob;
    await page.goto(`/rooms/${number}?pane=about`);
    await roomColumn(page, number).getByRole("textbox").waitFor();
    const header = roomColumn(page, number).locator("header").first();
    const counts = { accepted: 0, refused: 0 };
    for (const { text } of PAYLOADS.filter((_, place) => place % 8 === 0)) {
      try {
        await alice.command("presence.set", { status: "online", text });
        counts.accepted += 1;
        await expect.poll(() => header.textContent(), { message: text }).toContain(text.trim());
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        expect(error.code).toBe("COMMAND_INVALID");
        counts.refused += 1;
      }
    }
    console.log("As status texts:", counts);
    expect(counts.accepted).toBeGreaterThan(80);
    await expectNoFindings();
  });
});

test("no payload runs in a notification, which is plain text without its markup", async () => {
  const visitor = await openBrowser(browser, server.url, { bypassCSP: true });
  const ownDetector = await detectInjection(visitor, server.url);
  await visitor.context.addInitScript(() => {
    localStorage.setItem("multichat.preferences", JSON.stringify({ notify: "everything" }));
    const shown: string[] = [];
    class FakeNotification extends EventTarget {
      static readonly permission = "granted";
      onclick: unknown = null;
      constructor(title: string, { body }: { body: string }) {
        super();
        shown.push(`${title}: ${body}`);
      }
      close(): void {}
    }
    Object.assign(window, { Notification: FakeNotification, shown });
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  });
  await signIn(visitor.page, "bob", PASSWORD, "/rooms/1");
  await roomColumn(visitor.page, 1).getByRole("textbox").waitFor();
  await alice.post(1, TAG);
  const shown = () => readGlobal<string[]>(visitor.page, "shown");
  await expect.poll(shown).toEqual([`General: alice: ${TAG}`]);
  await alice.post(1, "> **bold** and `code`\nsee [the docs](https://a.example/), \\*, @nobody");
  await expect.poll(shown).toContainEqual("General: alice: bold and code see the docs, *, @nobody");
  expect(await ownDetector.findings()).toEqual([]);
  await visitor.context.close();
});

test("the content security policy, when in force, reports no violation", async () => {
  const visitor = await openBrowser(browser, server.url);
  const ownDetector = await detectInjection(visitor, server.url);
  await signIn(visitor.page, "grace", PASSWORD, `/rooms/${ATTACKED_ROOM}`);
  await roomColumn(visitor.page, ATTACKED_ROOM).getByRole("textbox").waitFor();
  const seen = await readWholeRoom(visitor.page, ROOM_BEGINNING);
  expect(posted.filter((id) => !seen.messages.has(id))).toEqual([]);
  expect(await ownDetector.findings()).toEqual([]);
  expect(visitor.problems).toEqual([]);
  await visitor.context.close();
});
