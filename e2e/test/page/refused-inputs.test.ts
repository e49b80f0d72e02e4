import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { composer, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let browser: Browser;
let server: ChatServer;
let ada: Visitor;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startChatServer({ fixture: FIXTURE });
  ada = await openBrowser(browser, server.url);
  await signIn(ada.page, "ada", PASSWORD, "/rooms/1");
  await composer(ada.page, 1).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const checkedValues = (page: Page) =>
  page.getByRole("main").evaluate((main) => {
    return [...main.querySelectorAll<HTMLInputElement>("input[type=radio]:checked")].map(({ value }) => value);
  });

/** The labels lie over the inputs. */
const choose = (radio: Locator) => radio.click({ force: true });

describe("a choice that is refused goes back to what applies, and one that is accepted stays", () => {
  test("settings of the server: every option of every setting, by mouse and by keyboard", async () => {
    const { page } = ada;
    await page.goto("/admin/settings");
    await page.getByRole("group", { name: "Who can create rooms" }).waitFor();
    const before = await checkedValues(page);
    let refusals = 0;
    await page.route("**/api/settings", async (route) => {
      if (route.request().method() !== "PATCH") return route.continue();
      refusals += 1;
      const error = { code: "INTERNAL", message: "refused by the test", requestId: "r", issues: [] };
      return route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ error }) });
    });
    const radios = page.getByRole("main").getByRole("radio");
    const count = await radios.count();
    expect(count).toBeGreaterThan(6);
    for (let at = 0; at < count; at++) {
      const wasChecked = await radios.nth(at).isChecked();
      const expected = refusals + (wasChecked ? 0 : 1);
      await choose(radios.nth(at));
      await expect.poll(() => refusals).toBe(expected);
      await expect.poll(() => checkedValues(page)).toEqual(before);
    }
    await radios.first().focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => checkedValues(page)).toEqual(before);

    await page.unroute("**/api/settings");
    for (let at = 0; at < count; at++) {
      await choose(radios.nth(at));
      await expect.poll(() => radios.nth(at).isChecked()).toBe(true);
    }
    const after = await checkedValues(page);
    expect(after).not.toEqual(before);
    await page.reload();
    await expect.poll(() => checkedValues(page)).toEqual(after);
  });

  test("notifications that the browser refuses", async () => {
    const { page } = ada;
    await page.addInitScript(() => {
      Notification.requestPermission = () => Promise.resolve("denied");
    });
    await page.goto("/settings");
    const levels = page.getByRole("group", { name: /notif/i }).getByRole("radio");
    await levels.first().waitFor();
    for (const at of [1, 2, 1]) {
      await choose(levels.nth(at));
      await expect.poll(() => levels.first().isChecked()).toBe(true);
      expect(await levels.nth(at).isChecked()).toBe(false);
    }
  });

  test("switches, check boxes and selections keep what was chosen, also when their form is refused", async () => {
    const { page } = ada;
    await page.goto("/settings");
    const notices = page.getByRole("switch");
    for (let times = 0; times < 3; times++) {
      await notices.click();
      const isChecked = await notices.isChecked();
      await page.reload();
      await notices.waitFor();
      expect(await notices.isChecked()).toBe(isChecked);
    }
    await page.goto("/admin/rooms");
    await page.getByRole("button", { name: "Edit General" }).click();
    const dialog = page.getByRole("dialog");
    const slowMode = dialog.getByRole("combobox");
    const boxes = dialog.getByRole("checkbox");
    await dialog.waitFor();
    const options = await slowMode
      .locator("option")
      .evaluateAll((all) => all.map((option) => option.getAttribute("value")));
    for (const value of [...options, ...options.reverse()]) {
      await slowMode.selectOption(value);
      expect(await slowMode.inputValue()).toBe(value);
    }
    await slowMode.selectOption(options[0] ?? "");
    const states: boolean[] = [];
    for (const box of await boxes.all()) {
      await box.click();
      states.push(await box.isChecked());
    }
    const chosen = await slowMode.inputValue();
    await page.route("**/api/rooms/*", (route) =>
      route.request().method() === "PATCH" ? route.abort() : route.continue(),
    );
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => dialog.getByRole("alert").innerText()).not.toBe("");
    expect(await slowMode.inputValue()).toBe(chosen);
    expect(await Promise.all((await boxes.all()).map((box) => box.isChecked()))).toEqual(states);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });
});
