import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { axeFindings, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let ada: Visitor;

/** More than a page of entries, besides those of the fixture. */
const SESSIONS = 60;

beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  for (let n = 0; n < SESSIONS; n += 1) {
    const password = n === 0 ? "wrong" : PASSWORD;
    await fetch(`${server.url}/api/auth/sign-in/username`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "bob", password }),
    });
  }
  await server.cli(["user", "staff", "bob"]);
  ada = await openBrowser(browser, server.url);
  await signIn(ada.page, "ada", PASSWORD, "/admin/audit");
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

const entries = (page: Page) => page.getByRole("list", { name: "Audit log" }).getByRole("listitem");
const filters = (page: Page) => page.getByRole("form", { name: "Filters" });
const apply = (page: Page) => filters(page).getByRole("button", { name: "Apply filters" }).click();

test("a superuser finds the audit log in the administration, newest first and page by page", async () => {
  const { page } = ada;
  await page.goto("/admin/rooms");
  await page.getByRole("link", { name: "Audit log" }).click();
  await expect.poll(() => entries(page).count()).toBe(50);
  const first = entries(page).first();
  expect(await first.innerText()).toMatch(/Sign-in ada[\s\S]*by ada · 127\.0\.0\.1/);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect.poll(() => entries(page).count()).toBeGreaterThan(SESSIONS);
  await expect.poll(() => page.getByRole("button", { name: "Show more" }).count()).toBe(0);
  await entries(page).filter({ hasText: "Account created" }).filter({ hasText: "by the operator" }).first().waitFor();
  expect(ada.problems).toEqual([]);
});

test("filters by action, outcome, account, target and day are in the address, and can be cleared", async () => {
  const { page } = ada;
  await page.goto("/admin/audit");
  await filters(page).getByLabel("Action").selectOption({ label: "Sign-in" });
  await filters(page).getByLabel("Outcome").selectOption({ label: "Failed" });
  await apply(page);
  await expect.poll(() => entries(page).count()).toBe(1);
  expect(await entries(page).innerText()).toMatch(/Sign-in bob[\s\S]*not signed in[\s\S]*SIGN_IN_FAILED/);
  expect(page.url()).toMatch(/\/admin\/audit\?action=sign-in&outcome=failure$/);
  await page.reload();
  await expect.poll(() => entries(page).count()).toBe(1);
  await filters(page).getByRole("button", { name: "Clear filters" }).click();
  await expect.poll(() => entries(page).count()).toBe(50);
  expect(page.url()).toMatch(/\/admin\/audit$/);

  await filters(page).getByLabel("About").fill("BOB");
  await filters(page).getByLabel("Done by").fill("operator");
  await filters(page).getByLabel("Done by").press("Enter");
  await expect.poll(() => entries(page).count()).toBe(2);
  await filters(page).getByLabel("To").fill("2001-01-01");
  await apply(page);
  await page.getByText("No entries match these filters.").waitFor();
  await page.goBack();
  await expect.poll(() => entries(page).count()).toBe(2);
  expect(ada.problems).toEqual([]);
});

test("an answer that does not come is shown with a way to try again", async () => {
  const { page } = await openBrowser(browser, server.url);
  let isBroken = true;
  await page.route("**/api/audit?**", (route) => (isBroken ? route.abort() : route.continue()));
  await signIn(page, "ada", PASSWORD, "/admin/audit");
  await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
  expect(await entries(page).count()).toBe(0);
  isBroken = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => entries(page).count()).toBe(50);
  await page.context().close();
});

test("who is no superuser neither sees nor reaches the audit log", async () => {
  for (const [username, title] of [
    ["grace", "Superusers only"],
    ["alice", "Staff only"],
  ] as const) {
    const visitor = await openBrowser(browser, server.url);
    const asked: string[] = [];
    visitor.page.on("request", (request) => asked.push(request.url()));
    await signIn(visitor.page, username, PASSWORD, "/admin/audit");
    await visitor.page.getByRole("heading", { name: title }).waitFor();
    await visitor.page.goto("/admin/rooms");
    await visitor.page
      .getByRole(username === "grace" ? "link" : "heading", { name: username === "grace" ? "People" : title })
      .first()
      .waitFor();
    expect(await visitor.page.getByRole("link", { name: "Audit log" }).count()).toBe(0);
    expect(asked.filter((url) => url.includes("/api/audit"))).toEqual([]);
    const status = await visitor.page.evaluate(async () => (await fetch("/api/audit")).status);
    expect(status).toBe(403);
    await visitor.context.close();
  }
});

test("the keyboard reaches every filter, applies them and shows more", async () => {
  const { page } = ada;
  await page.goto("/admin/audit");
  await expect.poll(() => entries(page).count()).toBe(50);
  await filters(page).getByLabel("Action").focus();
  const reached: string[] = [];
  for (let step = 0; step < 16; step += 1) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const active = document.activeElement;
        const label =
          active instanceof HTMLInputElement || active instanceof HTMLSelectElement ? active.labels?.[0] : active;
        return label?.textContent ?? "";
      }),
    );
    if (reached.at(-1) === "Show more") break;
  }
  for (const name of ["Outcome", "Done by", "About", "From", "To", "Apply filters", "Show more"]) {
    expect(reached).toContain(name);
  }
  await page.keyboard.press("Enter");
  await expect.poll(() => entries(page).count()).toBeGreaterThan(50);
});

test.each([
  ["en-GB", "Audit log", "ltr"],
  ["ar-EG", "سجل التدقيق", "rtl"],
] as const)(
  "in %s the page fits three widths in light and dark, and axe finds nothing",
  async (locale, title, direction) => {
    const storageState = await ada.context.storageState();
    const { context, page, problems } = await openBrowser(browser, server.url, { locale, storageState });
    await page.goto("/admin/audit");
    const list = page.getByRole("list", { name: title });
    for (const width of [1440, 768, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => list.getByRole("listitem").count()).toBe(50);
      expect(await page.evaluate(() => document.documentElement.dir || "ltr")).toBe(direction);
      expect(await page.evaluate(findOverflowing), `at ${width} pixels`).toEqual([]);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeFindings(page), `at ${width} pixels, ${colorScheme}`).toEqual([]);
      }
    }
    expect(problems).toEqual([]);
    await context.close();
  },
);

/** Returns what is cut off at a side of the page; runs in the browser. */
function findOverflowing(): string[] {
  return [...document.querySelectorAll("main *:not(nav *)")].flatMap((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 0 && (left < -1 || right > innerWidth + 1) ? [element.outerHTML.slice(0, 120)] : [];
  });
}
