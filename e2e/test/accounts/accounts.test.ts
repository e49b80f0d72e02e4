import { DatabaseSync } from "node:sqlite";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { axeFindings, composer, roomColumn, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";

let server: ChatServer;
let browser: Browser;
let ada: Account;
beforeAll(async () => {
  server = await startChatServer({ fixture: FIXTURE });
  browser = await launchBrowser();
  ada = await openAccount(server, "ada");
});
afterAll(async () => {
  ada?.disconnect();
  await browser?.close();
  await server?.dispose();
});

async function visit(username: string, path: string): Promise<Visitor> {
  const visitor = await openBrowser(browser, server.url);
  await signIn(visitor.page, username, PASSWORD, path);
  return visitor;
}

/** Passwords, and how the meter judges them. */
const JUDGED: [password: string, level: string, reason: RegExp | null][] = [
  ["short", "Weak", null],
  ["password", "Weak", /lists of stolen passwords/],
  ["P@ssw0rd1!", "Weak", /lists of stolen passwords/],
  ["drowssap", "Weak", /lists of stolen passwords/],
  ["aaaaaaaa", "Weak", /repeats/],
  ["abcdefgh", "Weak", /repeats/],
  ["MultiChat24!", "Weak", /name of this product/],
  ["tulip-94-sea-moss", "Strong", null],
  ["vexgloam", "Good", null],
  ["correct horse battery", "Strong", null],
];

async function expectJudged(page: Page, label: string, own: readonly [string, string, RegExp | null][]): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  const meter = page.getByRole("meter", { name: "Strength" });
  expect(await meter.count()).toBe(0);
  for (const [password, level, reason] of [...JUDGED, ...own]) {
    await field.fill(password);
    const status = meter.locator("xpath=following-sibling::*[@role='status']");
    await expect.poll(() => meter.getAttribute("aria-valuetext"), { message: password }).toBe(level);
    await expect.poll(() => status.innerText(), { message: password }).toMatch(reason ?? new RegExp(`^${level}$`));
  }
}

describe("the strength of a new password is shown wherever one is chosen", () => {
  test("when an account is created, by the name that is typed, and the server agrees", async () => {
    const { page, context, problems } = await visit("ada", "/admin/people");
    await page.getByRole("main").getByText("grace").waitFor();
    await page.getByRole("button", { name: "Add person" }).click();
    await page.getByLabel("Username").fill("magnolia");
    const requests: string[] = [];
    page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.getByLabel("Email").fill("wonder@example.org");
    await expectJudged(page, "Password", [
      ["Magnolia", "Weak", /username/],
      ["ailongam12", "Weak", /username/],
      ["wonder99", "Weak", /username or the email/],
    ]);
    // Nothing that is typed leaves the page before it is submitted.
    expect(requests.filter((request) => !request.startsWith("GET /assets/"))).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    for (const [index, [password, level]] of JUDGED.entries()) {
      const username = `madeup${index}`;
      const { status } = await ada.request("POST", "/people", { username, password });
      expect([password, status < 300 ? "accepted" : "refused"]).toEqual([
        password,
        level === "Weak" ? "refused" : "accepted",
      ]);
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test("when staff set one, and when the user changes their own", async () => {
    const { page, context, problems } = await visit("ada", "/admin/people");
    await page.getByRole("button", { name: "Edit grace" }).click();
    await expectJudged(page, "New password (optional)", [["grace2024", "Weak", /username/]]);
    await page.goto("/settings");
    await expectJudged(page, "New password", []);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByLabel("New password", { exact: true }).fill("password");
    await page.getByRole("meter").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  });

  test("at the set-up", async () => {
    const fresh = await startChatServer();
    const { page, context, problems } = await openBrowser(browser, fresh.url);
    await page.goto(await fresh.setupAddress());
    await page.getByLabel("Username").fill("wisteria");
    await expectJudged(page, "Password", [["Wisteria1", "Weak", /username/]]);
    expect(await axeFindings(page)).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
    await fresh.dispose();
  });
});

describe("a password that someone else has set", () => {
  test("has to be replaced after the next sign-in, before anything else is shown", async () => {
    const bob = await visit("bob", "/rooms/1");
    await composer(bob.page, 1).waitFor();
    expect((await ada.request("PATCH", "/people/bob", { password: "a lantern in the fog" })).status).toBe(200);
    await bob.page.getByText("Your session ended.").waitFor();
    await bob.page.getByLabel("Username").fill("bob");
    await bob.page.getByLabel("Password").fill("a lantern in the fog");
    await bob.page.getByRole("button", { name: "Sign in" }).click();
    await bob.page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    expect(await bob.page.getByRole("navigation", { name: "Rooms" }).count()).toBe(0);
    // The other pages and a reload show the same.
    await bob.page.goto("/rooms/1");
    await bob.page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await expectJudged(bob.page, "New password", [["bobbobbob", "Weak", /username/]]);
    expect(await axeFindings(bob.page)).toEqual([]);

    await bob.page.getByLabel("Current password").fill("not this one");
    await bob.page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await bob.page.getByRole("button", { name: "Change password" }).click();
    await bob.page.getByText("Wrong current password.").waitFor();
    await bob.page.getByLabel("Current password").fill("a lantern in the fog");
    await bob.page.getByLabel("New password", { exact: true }).fill("a lantern in the fog");
    await bob.page.getByRole("button", { name: "Change password" }).click();
    await bob.page.getByText("Choose a password that differs from the current one.").waitFor();
    await bob.page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await bob.page.getByRole("button", { name: "Change password" }).click();
    await composer(bob.page, 1).waitFor();
    await sendMessage(bob.page, 1, "back again");
    await roomColumn(bob.page, 1).locator("article:not([data-state])").getByText("back again").waitFor();
    await bob.context.close();
  });

  test("can be left by signing out", async () => {
    expect((await ada.request("PATCH", "/people/bob", { password: "a lantern in the fog" })).status).toBe(200);
    const { page, context } = await openBrowser(browser, server.url);
    await page.goto("/");
    await page.getByLabel("Username").fill("bob");
    await page.getByLabel("Password").fill("a lantern in the fog");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Username").waitFor();
    await context.close();
  });
});

/** Makes the server ask for the password again, as it does fifteen minutes after the sign-in. */
async function forgetConfirmations(): Promise<void> {
  await server.stop();
  const database = new DatabaseSync(server.database);
  database.exec(`update session set "confirmedAt" = '2020-01-01T00:00:00.000Z'`);
  database.close();
  await server.start();
}

describe("a while after the sign-in, the password is asked for again", () => {
  const asked = (page: Page) => page.getByRole("dialog", { name: "Confirm your password" });

  test("before sessions are ended; a wrong password says so, and cancelling ends nothing", async () => {
    const first = await visit("alice", "/settings");
    const second = await visit("alice", "/rooms/1");
    await composer(second.page, 1).waitFor();
    await forgetConfirmations();
    await first.page.reload();
    const others = first.page.getByRole("button", { name: /^Sign out of / }).filter({ hasNotText: "all other" });
    await others.first().waitFor();
    const count = await others.count();

    await others.first().click();
    await asked(first.page).waitFor();
    expect(await axeFindings(first.page)).toEqual([]);
    await first.page.keyboard.press("Escape");
    await asked(first.page).waitFor({ state: "detached" });
    await first.page.getByText("Confirm your password first.").waitFor();
    expect(await others.count()).toBe(count);
    await composer(second.page, 1).waitFor();

    await first.page.getByRole("button", { name: "Sign out of all other devices" }).click();
    // The field has the focus, and Enter submits.
    await asked(first.page).waitFor();
    await first.page.keyboard.type("wrong");
    await first.page.keyboard.press("Enter");
    await asked(first.page).getByText("Wrong password.").waitFor();
    await asked(first.page).getByLabel("Password").fill(PASSWORD);
    await asked(first.page).getByRole("button", { name: "Confirm" }).click();
    await asked(first.page).waitFor({ state: "detached" });
    await expect.poll(() => others.count()).toBe(0);
    await second.page.getByText("Your session ended.").waitFor();
    await first.context.close();
    await second.context.close();
  });

  test("before an account is changed, once for fifteen minutes", async () => {
    const admin = await visit("ada", "/admin/people");
    await forgetConfirmations();
    await admin.page.reload();
    for (const [username, isAsked] of [
      ["grace", true],
      ["alice", false],
    ] as const) {
      await admin.page.getByRole("button", { name: `Edit ${username}` }).click();
      await admin.page.getByLabel("Staff", { exact: true }).setChecked(username === "alice");
      await admin.page.getByRole("button", { name: "Save" }).click();
      if (isAsked) {
        await asked(admin.page).getByLabel("Password").fill(PASSWORD);
        await admin.page.keyboard.press("Enter");
      }
      await admin.page.getByRole("dialog").first().waitFor({ state: "detached" });
    }
    const row = (name: string) => admin.page.getByRole("list", { name: "People" }).locator("li", { hasText: name });
    await row("alice").getByText("Staff").waitFor();
    expect(await row("grace").getByText("Staff").count()).toBe(0);
    await admin.context.close();
  });
});

describe("a direct conversation with a deactivated person", () => {
  const notice = (page: Page) => page.getByText(/account is deactivated/);

  test("says so while it is open, also when the command line deactivates, and can be written to when the account is back", async () => {
    const { page, context, problems } = await visit("alice", "/");
    const alice = await openAccount(server, "alice");
    const { room } = await alice.command("direct.open", { user: "grace" });
    alice.disconnect();
    await page.goto(`/rooms/${room.number}`);
    await composer(page, room.number).fill("half a thought");
    const admin = await openAccount(server, "ada");
    const ways: [deactivate: () => Promise<unknown>, activate: () => Promise<unknown>][] = [
      [
        () => admin.request("PATCH", "/people/grace", { active: false }),
        () => admin.request("PATCH", "/people/grace", { active: true }),
      ],
      [() => server.cli(["user", "deactivate", "grace"]), () => server.cli(["user", "activate", "grace"])],
    ];
    for (const [deactivate, activate] of ways) {
      await deactivate();
      await notice(page).waitFor();
      expect(await notice(page).getAttribute("role")).toBe("status");
      expect(await composer(page, room.number).count()).toBe(0);
      // The focus was in the composer, and does not get lost.
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("log");
      await page.reload();
      await notice(page).waitFor();
      await activate();
      await notice(page).waitFor({ state: "detached" });
      expect(await composer(page, room.number).inputValue()).toBe("half a thought");
      await composer(page, room.number).focus();
    }
    await sendMessage(page, room.number, "hello again");
    await roomColumn(page, room.number).locator("article:not([data-state])").getByText("hello again").waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});
