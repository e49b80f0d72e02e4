import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import { readGlobal, type Visitor } from "../../src/browser.ts";
import { composer, message, messageLog, roomColumn, roomLink, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";
import { PASSWORD } from "../../src/fixture.ts";

let world: ChatWorld;
let ada: Account;
let alice: Visitor;

beforeAll(async () => {
  world = await openChatWorld();
  ada = await openAccount(world.server, "ada");
  for (let line = 0; line < 40; line++) await ada.post(1, `earlier ${line}`);
  alice = await world.visit("alice");
});

afterAll(async () => {
  await world?.dispose();
});

test("the font size of the root is the browser's, and the text has its own", async () => {
  const sizes = (page: Page) =>
    page.evaluate(() => [document.documentElement, document.body].map((element) => getComputedStyle(element).fontSize));
  expect(await sizes(alice.page)).toEqual(["16px", "15px"]);
});

test.each([
  ["😀", true],
  ["🙂", true],
  ["🥹", true],
  ["👍🏽", true],
  ["❤", true],
  ["❤️", true],
  ["☺️", true],
  ["✈️", true],
  ["⭐", true],
  ["☕", true],
  ["🇩🇪", true],
  ["🏳️‍🌈", true],
  ["1️⃣", true],
  ["🌡", true],
  ["0123456789", false],
  ["# *", false],
  ["© ® ™", false],
  ["→ ↔", false],
  ["☺ ✔", false],
])("emoji are in color, and characters that are none stay text: %s in color: %s", async (text, colored) => {
  const { page } = alice;
  await page.evaluate((words) => {
    const sample = Object.assign(document.createElement("div"), { id: "sample", textContent: words });
    sample.style.cssText =
      "position: fixed; inset: 0 auto auto 0; z-index: 9; font-size: 40px; background: #fff; color: #000";
    document.body.append(sample);
  }, text);
  await page.evaluate(() => document.fonts.ready);
  const picture = (await page.locator("#sample").screenshot()).toString("base64");
  await page.evaluate(() => document.querySelector("#sample")?.remove());
  const coloredPixels = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    if (canvas === null) throw new Error("expected a canvas");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const pixel = [...data.subarray(i, i + 3)];
      if (Math.max(...pixel) - Math.min(...pixel) > 60) count += 1;
    }
    return count;
  }, picture);
  expect(coloredPixels > 30).toBe(colored);
});

test("Tab and Shift+Tab leave the conversation, and pass through the focused message", async () => {
  const { page } = alice;
  await sendMessage(page, 1, "a link https://example.org/one and https://example.org/two");
  await message(page, 1, "example.org/two").last().waitFor();
  const isInLog = () => page.evaluate(() => document.activeElement?.closest("[role=log]") !== null);
  const isLog = () => page.evaluate(() => document.activeElement?.getAttribute("role") === "log");
  const log = messageLog(page, 1);
  await log.focus();
  await page.keyboard.press("Tab");
  expect(await isInLog()).toBe(false);
  await log.focus();
  await page.keyboard.press("Shift+Tab");
  expect(await isInLog()).toBe(false);
  await page.keyboard.press("Tab");
  expect(await isLog()).toBe(true);
  // From each of the last messages, both ways.
  for (let up = 1; up <= 6; up++) {
    for (const key of ["Tab", "Shift+Tab"]) {
      await log.focus();
      for (let i = 0; i < up; i++) await page.keyboard.press("ArrowUp");
      let presses = 0;
      for (; presses < 20 && (await isInLog()); presses++) await page.keyboard.press(key);
      expect(presses).toBeLessThan(20);
    }
  }
  await log.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.matches("[data-message] *"))).toBe(true);
  // Back from the composer.
  await composer(page, 1).focus();
  for (let presses = 0; presses < 20; presses++) await page.keyboard.press("Shift+Tab");
  expect(await isInLog()).toBe(false);
});

describe("right to left", () => {
  test("empty fields have the language's direction, and long Latin names keep their beginning", async () => {
    const long = "Monthly planning of the community garden and its greenhouse";
    const { number } = await ada.createRoom({ title: long });
    const { context, page } = await world.open({
      locale: "ar-EG",
      viewport: { width: 1024, height: 700 },
    });
    await page.goto("/login");
    await page.locator("input[autocomplete=username]").fill("alice");
    await page.locator("input[type=password]").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator(`a[href$="/rooms/${number}"]`).click();
    const field = roomColumn(page, number).locator("textarea");
    const direction = () => field.evaluate((element) => getComputedStyle(element).direction);
    await field.waitFor();
    expect(await direction()).toBe("rtl");
    for (const [text, expected] of [
      ["hello", "ltr"],
      ["", "rtl"],
      ["مرحبا", "rtl"],
      ["123 hello", "ltr"],
      ["", "rtl"],
    ] as const) {
      await field.fill(text);
      expect(await direction()).toBe(expected);
    }
    // The text that does not fit is cut at its end: what is scrolled out of sight lies to the right.
    const name = page.locator(`a[href$="/rooms/${number}"]`).getByText(long);
    expect(
      await name.evaluate((element) => [
        getComputedStyle(element).direction,
        element.scrollWidth > element.clientWidth,
      ]),
    ).toEqual(["ltr", true]);
    const isAtTheRight = (shown: Locator) =>
      shown.evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return Math.abs(range.getBoundingClientRect().right - element.getBoundingClientRect().right) <= 1;
      });
    expect(await isAtTheRight(page.locator('a[href$="/rooms/1"]').getByText("General"))).toBe(true);
    // Above the first message, in line with the text below it.
    expect(await isAtTheRight(roomColumn(page, number).getByRole("log").getByText(long))).toBe(true);
    await context.close();
  });

  test.each([
    ["ar-EG", "Monthly planning of the community garden and its greenhouse", "ltr"],
    ["en-GB", "التخطيط الشهري لحديقة الحي والدفيئة وما حولها من الأرض والماء", "rtl"],
    ["ar-EG", "التخطيط الشهري لحديقة الحي والدفيئة وما حولها من الأرض والماء", "rtl"],
  ])(
    "an empty composer keeps the beginning of a long name in either direction: %s, %s",
    async (locale, title, direction) => {
      const { number } = await ada.createRoom({ title });
      const viewport = { width: 390, height: 700 };
      const { context, page } = await world.open({ locale, viewport });
      await page.goto(`/login?next=%2Frooms%2F${number}`);
      await page.locator("input[autocomplete=username]").fill("alice");
      await page.locator("input[type=password]").fill(PASSWORD);
      await page.keyboard.press("Enter");
      const name = roomColumn(page, number).locator("form").getByText(title, { exact: true });
      const shown = await name.evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const [all, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        const { direction } = getComputedStyle(element);
        const startsInside = direction === "ltr" ? all.left >= box.left - 1 : all.right <= box.right + 1;
        return { direction, startsInside, isCut: all.width > box.width };
      });
      expect(shown).toEqual({ direction, startsInside: true, isCut: true });
      await roomColumn(page, number).locator("textarea").fill("words");
      await name.waitFor({ state: "detached" });
      await context.close();
    },
  );
});

test.each([
  [768, 1],
  [800, 1],
  [1024, 2],
  [1440, 3],
])("side by side, columns are shown as a whole or not at all: at %d pixels %d", async (width, count) => {
  const { context, page } = await world.open({ viewport: { width, height: 800 } });
  await ada.createRoom({ title: `Columns ${width}` });
  await signIn(page, "alice", PASSWORD, "/rooms/2?open=1,2,4");
  await roomColumn(page, 2).waitFor();
  const columns = page.locator("section[data-room]");
  await expect.poll(() => columns.count()).toBe(count);
  for (const column of await columns.all()) {
    const box = await column.boundingBox();
    expect((box?.x ?? 0) >= 0 && (box?.x ?? 0) + (box?.width ?? Number.NaN) <= width).toBe(true);
    expect(box?.width).toBeGreaterThanOrEqual(320);
  }
  await roomLink(page, "General").click();
  await roomColumn(page, 1).waitFor();
  await context.close();
});

test.each([320, 390, 768])(
  "with text of one and a half times the size, no control is cut: at %d pixels",
  async (width) => {
    const { context, page } = await world.open({ viewport: { width, height: 800 } });
    const devtools = await context.newCDPSession(page);
    await devtools.send("Page.setFontSizes", { fontSizes: { standard: 24 } });
    await signIn(page, "ada", PASSWORD, "/rooms/1");
    for (const [path, shown] of [
      ["/rooms/1?open=1,2", "textarea"],
      ["/rooms/1?pane=members", "aside input"],
      ["/settings", "main h2"],
      ["/admin/rooms", "main li"],
      ["/admin/people", "main li"],
    ] as const) {
      await page.goto(path);
      await page.locator(shown).first().waitFor();
      const cut = await page.evaluate(() => {
        const controls = document.querySelectorAll("main :is(button, a, input, textarea, h1)");
        const isCut = (control: Element): boolean => {
          if (!control.checkVisibility({ visibilityProperty: true })) return false;
          // What lies in a part that scrolls can be reached.
          for (let part = control.parentElement; part !== null; part = part.parentElement) {
            if (part.scrollWidth > part.clientWidth && /auto|scroll/.test(getComputedStyle(part).overflowX))
              return false;
          }
          const { left, right } = control.getBoundingClientRect();
          return left < -1 || right > innerWidth + 1;
        };
        return [...controls].filter(isCut).map((control) => control.outerHTML);
      });
      expect(cut, path).toEqual([]);
    }
    await context.close();
  },
);

describe("the first paint on a slow line", () => {
  test.each([
    ["light", "en-GB", 1280],
    ["dark", "en-GB", 1280],
    ["light", "ar-EG", 1280],
    ["dark", "en-GB", 390],
    ["light", "ar-EG", 390],
  ] as const)(
    "shows the mark and a skeleton before any script or style sheet, and nothing moves: %s, %s, %d pixels",
    async (colorScheme, locale, width) => {
      const viewport = { width, height: 720 };
      const { context, page, problems } = await world.open({ colorScheme, locale, viewport });
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route(/\.(?:js|css)$/, async (route) => {
        await held;
        await route.continue();
      });
      await page.goto("/login", { waitUntil: "commit" });
      const mark = page.locator("#starting svg").first();
      await mark.waitFor();
      const painted = () => page.evaluate(() => performance.getEntriesByName("first-contentful-paint").length);
      await expect.poll(painted).toBe(1);
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(
        colorScheme === "light" ? "rgb(253, 252, 250)" : "rgb(23, 25, 26)",
      );
      const { x = Number.NaN } = (await mark.boundingBox()) ?? {};
      expect(x > width / 2, "it begins at the start of a line").toBe(locale === "ar-EG");
      release();
      await page.locator("input[autocomplete=username]").waitFor();
      await mark.waitFor({ state: "hidden" });
      const shift = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
            }).observe({ type: "layout-shift", buffered: true });
            requestAnimationFrame(() => setTimeout(() => resolve(sum)));
          }),
      );
      expect(shift).toBeLessThan(0.01);
      expect(problems).toEqual([]);
      await context.close();
    },
  );
});

describe("what an account leaves on the device", () => {
  const stored = (page: Page) =>
    page.evaluate(async () => {
      const texts = Object.entries(localStorage).map(([key, value]) => `${key}=${value}`);
      for (const { name = "" } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(opening.error);
        });
        for (const store of database.objectStoreNames) {
          const all = database.transaction(store).objectStore(store).getAll();
          await new Promise((resolve) => {
            all.onsuccess = resolve;
          });
          texts.push(JSON.stringify(all.result));
        }
        database.close();
      }
      return texts.join("\n");
    });

  test("signing out asks about drafts and unsent messages, then deletes them with everything cached", async () => {
    const { context, page } = await world.open();
    await ada.post(1, "words to cache");
    await signIn(page, "bob", PASSWORD, "/rooms/1");
    await composer(page, 1).fill("a secret draft");
    await expect.poll(() => stored(page)).toContain("a secret draft");
    await expect.poll(() => stored(page)).toContain("words to cache");
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await stored(page)).toContain("a secret draft");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Username").waitFor();
    await expect.poll(() => stored(page)).not.toMatch(/secret|words to cache|bob/);
    await signIn(page, "bob", PASSWORD, "/rooms/1");
    await composer(page, 1).waitFor();
    expect(await composer(page, 1).inputValue()).toBe("");
    await context.close();
  });

  test.each(["before", "after"])(
    "signing out just after a load is final when the server's answer about the session arrives %s it",
    async (moment) => {
      const { context, page } = await world.open();
      await signIn(page, "bob", PASSWORD, "/rooms/1");
      await composer(page, 1).waitFor();
      const { promise: isDelivered, resolve: deliver } = Promise.withResolvers<void>();
      const { promise: isSignOutSent, resolve: sendSignOut } = Promise.withResolvers<void>();
      await page.route("**/api/me", async (route) => {
        const response = await route.fetch();
        await isDelivered;
        await route.fulfill({ response });
      });
      await page.route("**/api/auth/sign-out", async (route) => {
        await isSignOutSent;
        await route.continue();
      });
      const answered = page.waitForResponse("**/api/me");
      await page.goto("/settings");
      const isAsked = page.waitForRequest("**/api/auth/sign-out");
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await isAsked;
      if (moment === "before") {
        deliver();
        await answered;
      }
      sendSignOut();
      await page.getByLabel("Username").waitFor();
      deliver();
      await answered;
      expect(await page.evaluate(() => `${location.pathname}${location.search}`)).toBe("/login");
      await expect.poll(() => stored(page)).not.toContain("bob");
      await context.close();
    },
  );
});

test.each([
  ["de-DE", /^\d{2}:\d{2}$/],
  ["fr-FR", /^\d{2}:\d{2}$/],
  ["en-GB", /^\d{2}:\d{2}$/],
  ["en-US", /^[1-9]\d?:\d{2}\s[AP]M$/],
])("times have the hours of the browser's language: %s", async (locale, form) => {
  const { context, page } = await world.open({ locale });
  await signIn(page, "alice", PASSWORD, "/rooms/1");
  const times = messageLog(page, 1).locator("article time");
  await times.first().waitFor();
  for (const text of await times.allTextContents()) expect(text).toMatch(form);
  await context.close();
});

test("do not disturb: nothing notifies while the user is busy, and the counts stay", async () => {
  const { context, page } = await world.open();
  await context.addInitScript(() => {
    localStorage.setItem("multichat.preferences", JSON.stringify({ notify: "everything" }));
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    const shown: string[] = [];
    const Fake = Object.assign(
      class {
        constructor(_title: string, { body }: { body: string }) {
          shown.push(body);
        }
        close(): void {}
      },
      { permission: "granted" },
    );
    Object.assign(window, { Notification: Fake, shown });
  });
  await signIn(page, "bob", PASSWORD, "/rooms/2");
  await composer(page, 2).waitFor();
  const shown = async () => (await readGlobal<string[]>(page, "shown")).join("\n");
  await ada.post(1, "before being busy");
  await expect.poll(shown).toContain("before being busy");
  await page.getByRole("button", { name: /^bob/ }).click();
  await page.getByRole("radio", { name: /^Busy/ }).check();
  await page.keyboard.press("Escape");
  const words = ["a word", "@bob a mention", "@all of you"];
  for (const word of words) await ada.post(1, word);
  await roomLink(page, "General").getByText("2 mentions", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^bob/ }).click();
  await page.getByRole("radio", { name: /^Online/ }).check();
  await ada.post(1, "no longer busy");
  await expect.poll(shown).toContain("no longer busy");
  for (const word of words) expect(await shown()).not.toContain(word);
  await context.close();
});
