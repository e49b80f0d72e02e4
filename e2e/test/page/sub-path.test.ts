import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";
import { composer, expectLastMessages, message, roomColumn, sendMessage, signIn } from "../../src/chat-page.ts";
import { type ChatServer, startChatServer } from "../../src/chat-server.ts";
import { FIXTURE, PASSWORD } from "../../src/fixture.ts";
import { type PathProxy, startPathProxy } from "../../src/path-proxy.ts";

const CASES: [path: string, style: string, removesPath: boolean][] = [
  ["/chat", "passes the path on", false],
  ["/chat", "removes the path", true],
  ["/team/%C3%A7hat", "removes the path", true],
];

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(CASES)("under %s, behind a proxy that %s", (path, _, removesPath) => {
  let proxy: PathProxy;
  let server: ChatServer;
  let ada: Visitor;
  const requested = new Set<string>();
  beforeAll(async () => {
    proxy = await startPathProxy(path, { removesPath });
    server = await startChatServer({ fixture: FIXTURE, env: { PUBLIC_URL: `${proxy.url}/` } });
    proxy.connect(server.url);
    ada = await openBrowser(browser, proxy.url);
    ada.page.on("request", (request) => requested.add(request.url()));
  });
  afterAll(async () => {
    await ada?.context.close();
    await server?.dispose();
    await proxy?.close();
  });

  const addressOf = () => ada.page.url();

  test("signing in leads back to the deep link, and messages are sent and received", async () => {
    await signIn(ada.page, "ada", PASSWORD, `${proxy.url}/rooms/1`);
    await composer(ada.page, 1).waitFor();
    expect(addressOf()).toBe(`${proxy.url}/rooms/1`);
    await sendMessage(ada.page, 1, "below a path");
    await expectLastMessages(ada.page, 1, ["below a path"]);
    expect(ada.sockets).toEqual([`${proxy.url.replace("http:", "ws:")}/ws`]);
    for (const cookie of await ada.context.cookies()) expect([cookie.name, cookie.path]).toEqual([cookie.name, path]);
  });

  test("a deep link can be reloaded, and links within the chat stay below the path", async () => {
    await ada.page.goto(`${proxy.url}/rooms/2?open=1,2&pane=about`);
    await ada.page.reload();
    await roomColumn(ada.page, 2).getByRole("textbox").waitFor();
    await expectLastMessages(ada.page, 1, ["below a path"]);
    await ada.page.getByText(`${proxy.url}/rooms/2`).waitFor();
    await ada.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: "Staff corner" }).click();
    await roomColumn(ada.page, 3).getByRole("textbox").waitFor();
    expect(addressOf()).toContain(`${proxy.url}/rooms/3?`);
    await ada.page.goBack();
    await roomColumn(ada.page, 2).getByRole("textbox").waitFor();
    await sendMessage(ada.page, 2, `see ${proxy.url}/rooms/1?seq=1 and #1`);
    await message(ada.page, 2, "see ").getByRole("link", { name: "/rooms/1" }).click();
    await expect.poll(addressOf).toContain(`${proxy.url}/rooms/1?`);
  });

  test("the search, the settings and the administration open and can be reloaded", async () => {
    await ada.page.goto(`${proxy.url}/search?q=below`);
    await ada.page.locator("mark").first().waitFor();
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await ada.page.getByRole("heading", { name: "Sessions" }).waitFor();
    expect(addressOf()).toBe(`${proxy.url}/settings`);
    await ada.page.reload();
    await ada.page.getByRole("heading", { name: "Sessions" }).waitFor();
    await ada.page.getByRole("link", { name: "Administration" }).click();
    await ada.page.getByRole("main").getByText("Staff corner").waitFor();
    await ada.page.getByRole("link", { name: "People" }).click();
    await ada.page.reload();
    await ada.page.getByRole("main").getByText("grace").waitFor();
    expect(addressOf()).toBe(`${proxy.url}/admin/people`);
    await ada.page.keyboard.press("Control+k");
    await ada.page.getByRole("combobox").fill("General");
    await ada.page.getByRole("option", { name: "General" }).first().waitFor();
    await ada.page.keyboard.press("Enter");
    await expect.poll(addressOf).toBe(`${proxy.url}/rooms/1`);
  });

  test("a classic page's socket opens below the path", async () => {
    await ada.context.grantPermissions(["local-network-access"]);
    const answer = await ada.page.evaluate(
      (url) =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.send(JSON.stringify({ command: "join", room: 1 }));
          socket.onmessage = ({ data }) => {
            resolve(JSON.parse(data));
            socket.close();
          };
          socket.onclose = () => reject(new Error("closed"));
        }),
      `${proxy.url.replace("http:", "ws:")}/chat/stream/`,
    );
    expect(answer).toEqual({ join: "1", title: "General" });
  });

  test("the pages of the API's document work", async () => {
    const { page, context, problems } = await openBrowser(browser, proxy.url);
    await page.goto(`${proxy.url}/api/docs`);
    await page.getByText("Sign in with a username").first().waitFor();
    expect(problems.filter((problem) => !problem.includes("swagger"))).toEqual([]);
    await context.close();
  });

  test("signing out leads to the sign-in page below the path", async () => {
    await ada.page.goto(`${proxy.url}/settings`);
    await ada.page.getByRole("button", { name: "Sign out", exact: true }).click();
    await ada.page.getByLabel("Username").waitFor();
    expect(addressOf()).toBe(`${proxy.url}/login`);
    expect((await ada.context.cookies()).map(({ name }) => name)).toEqual(["multichat_device"]);
    expect(await ada.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([
      `multichat${path}`,
    ]);
  });

  test("a page opened at the server itself goes to the same address below the path", async () => {
    const { page, context } = await openBrowser(browser, server.url);
    await page.goto("/rooms/1?seq=1");
    await page.getByLabel("Username").waitFor();
    const { pathname, search } = new URL(page.url());
    expect([pathname, search]).toEqual([`${path}/login`, `?next=${encodeURIComponent("/rooms/1?seq=1")}`]);
    await context.close();
  });

  test("nothing is requested outside of the path, and nothing goes wrong", () => {
    const outside = [...requested].filter((url) => !url.startsWith(`${proxy.url}/`) && !url.startsWith("data:"));
    expect(outside).toEqual([]);
    expect(ada.problems).toEqual([]);
  });
});
