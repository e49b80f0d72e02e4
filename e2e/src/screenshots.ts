import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type Account, openAccount } from "./account.ts";
import { launchBrowser, openBrowser } from "./browser.ts";
import { composer, message, sendMessage, signIn } from "./chat-page.ts";
import { type ChatServer, startChatServer } from "./chat-server.ts";
import { PASSWORD } from "./fixture.ts";
import { dialog, heading, type Screen } from "./screens.ts";
import { addActivity, postConversations, SCREENSHOT_FIXTURE } from "./screenshot-data.ts";

/**
 * Draws every screen at three widths in both color schemes into docs/screenshots, with a page that shows them all.
 * Arguments limit it to the screens whose names contain one of them.
 */

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
] as const;
const SCHEMES = ["light", "dark"] as const;
/** The screenshots are in the repository, so their total size is limited. */
const MAX_TOTAL_BYTES = 14 * 1024 * 1024;

interface TitledScreen extends Screen {
  readonly title: string;
}

const text = (words: string) => (page: Page) => page.getByText(words).first().waitFor();
const inMain = (words: string) => (page: Page) => page.getByRole("main").getByText(words).first().waitFor();
const press = async (page: Page, words: string, name: string): Promise<void> => {
  await message(page, 1, words).hover();
  await message(page, 1, words).getByRole("button", { name }).first().click();
};
const newRoom = async (page: Page): Promise<void> => {
  await page.getByRole("main").getByRole("button", { name: "New room" }).click();
  await page.getByLabel("Room name").fill("Garden");
  await page.getByLabel("Topic").fill("Beds, seeds, and whose turn it is to water");
};

const SCREENS: readonly TitledScreen[] = [
  { name: "sign-in", title: "Signing in", path: "/login", waitUntilShown: heading("Sign in") },
  { name: "rooms", title: "The rooms", path: "/", username: "yuki", waitUntilShown: text("Bicycle workshop") },
  { name: "room", title: "A room", path: "/rooms/1", username: "yuki", waitUntilShown: text("See you at nine!") },
  {
    name: "side-by-side",
    title: "Rooms side by side, over one connection",
    path: "/rooms/1?open=1,2",
    username: "maren",
    waitUntilShown: text("See you at nine!"),
  },
  {
    name: "message-menu",
    title: "The menu of a message",
    path: "/rooms/1",
    username: "maren",
    prepare: async (page) => {
      await press(page, "You are a treasure!", "More actions");
    },
    waitUntilShown: (page) => page.getByRole("menu").waitFor(),
  },
  {
    name: "profile",
    title: "The card of an author",
    path: "/rooms/1",
    username: "maren",
    prepare: (page) => press(page, "I would bring the soup", "yuki"),
    waitUntilShown: dialog,
  },
  {
    name: "reactions",
    title: "Choosing a reaction",
    path: "/rooms/1",
    username: "yuki",
    prepare: async (page) => {
      await press(page, "Then we have everything", "Add reaction");
    },
    waitUntilShown: dialog,
  },
  {
    name: "writing",
    title: "Replying, with a name being completed",
    path: "/rooms/1",
    username: "amara",
    prepare: async (page) => {
      await press(page, "Then we have everything", "Reply");
      await composer(page, 1).pressSequentially("I bring **two** chairs. @o");
    },
    waitUntilShown: (page) => page.getByRole("option", { name: "olek" }).waitFor(),
  },
  {
    name: "members",
    title: "The members of a room",
    path: "/rooms/2?pane=members",
    username: "maren",
    prepare: (page) => page.getByRole("complementary").getByRole("button", { name: /yuki/ }).click(),
    waitUntilShown: (page) => page.getByRole("button", { name: "Make moderator" }).waitFor(),
  },
  {
    name: "pinned",
    title: "Pinned messages",
    path: "/rooms/1?pane=pins",
    username: "yuki",
    waitUntilShown: (page) =>
      page
        .getByRole("link", { name: /^Jump to message/ })
        .first()
        .waitFor(),
  },
  {
    name: "about",
    title: "About a room",
    path: "/rooms/2?pane=about",
    username: "maren",
    waitUntilShown: (page) => page.getByRole("button", { name: "Edit room" }).waitFor(),
  },
  {
    name: "search",
    title: "Searching in all rooms",
    path: "/rooms/1?pane=search&q=soup&in=all",
    username: "yuki",
    waitUntilShown: (page) => page.locator("mark").first().waitFor(),
  },
  {
    name: "direct",
    title: "A direct conversation",
    path: "/rooms/8",
    username: "leila",
    waitUntilShown: text("See you at the library"),
  },
  {
    name: "browse",
    title: "Browsing open rooms",
    path: "/rooms/1",
    username: "amara",
    prepare: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("Browse");
      await page.getByRole("option", { name: "Browse open rooms" }).waitFor();
      await page.keyboard.press("Enter");
    },
    waitUntilShown: (page) => page.getByRole("heading", { name: "Browse open rooms" }).waitFor(),
  },
  {
    name: "drafts",
    title: "Unsent messages",
    path: "/rooms/1",
    username: "olek",
    prepare: async (page) => {
      await composer(page, 1).fill("I could also bring the lamp from the workshop, if");
      await page.goto("/rooms/4");
      await composer(page, 4).fill("Is there still a place for a bass?");
      await page.goto("/drafts");
    },
    waitUntilShown: (page) => page.getByRole("list", { name: "Drafts" }).getByRole("listitem").first().waitFor(),
  },
  {
    name: "empty-room",
    title: "An empty room",
    path: "/rooms/3",
    username: "maren",
    waitUntilShown: text("No messages yet."),
  },
  {
    name: "refused",
    title: "A room that refuses the user",
    path: "/rooms/3",
    username: "yuki",
    waitUntilShown: heading("You can’t open room 3"),
  },
  {
    name: "jump",
    title: "Jumping to a room",
    path: "/rooms/1",
    username: "maren",
    prepare: (page) => page.keyboard.press("Control+k"),
    waitUntilShown: dialog,
  },
  {
    name: "keys",
    title: "The keys",
    path: "/settings",
    username: "maren",
    prepare: (page) => page.keyboard.press("?"),
    waitUntilShown: dialog,
  },
  { name: "settings", title: "Settings", path: "/settings", username: "leila", waitUntilShown: heading("Sessions") },
  {
    name: "admin-rooms",
    title: "Administration of rooms",
    path: "/admin/rooms",
    username: "maren",
    waitUntilShown: inMain("Lost and found"),
  },
  {
    name: "new-room",
    title: "A new room",
    path: "/admin/rooms",
    username: "maren",
    prepare: newRoom,
    waitUntilShown: dialog,
  },
  {
    name: "admin-people",
    title: "Administration of people",
    path: "/admin/people",
    username: "maren",
    waitUntilShown: text("amara"),
  },
  {
    name: "edit-person",
    title: "A user's account",
    path: "/admin/people",
    username: "maren",
    prepare: (page) => page.getByRole("button", { name: "Edit tomas" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "admin-invitations",
    title: "Invitation links",
    path: "/admin/invitations",
    username: "maren",
    waitUntilShown: inMain("For any number of people"),
  },
  {
    name: "admin-settings",
    title: "Settings of the server",
    path: "/admin/settings",
    username: "maren",
    waitUntilShown: text("Who can create rooms"),
  },
  {
    name: "admin-audit",
    title: "The audit log",
    path: "/admin/audit",
    username: "maren",
    waitUntilShown: (page) => page.getByRole("listitem").filter({ hasText: "by maren" }).first().waitFor(),
  },
  {
    name: "not-found",
    title: "No such page",
    path: "/nowhere",
    username: "maren",
    waitUntilShown: heading("Page not found"),
  },
];

/** Connected users, who stay online while the screenshots are taken. */
const accounts = new Map<string, Account>();

/** Fills the server with conversations and activity. */
async function seed(server: ChatServer): Promise<void> {
  for (const { username } of SCREENSHOT_FIXTURE.users) accounts.set(username, await openAccount(server, username));
  const accountOf = (username: string): Account => {
    const account = accounts.get(username);
    if (account === undefined) throw new Error(`expected a user named ${username}`);
    return account;
  };
  await addActivity(accountOf, await postConversations(accountOf));
  await addInvitations(server);
}

/** A link that some have used, and one for everyone. */
async function addInvitations({ url }: ChatServer): Promise<void> {
  const send = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const init = {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    };
    const response = await fetch(`${url}/api/${path}`, init);
    if (!response.ok) throw new Error(`expected ${path} to succeed, got ${response.status}: ${await response.text()}`);
    // As the API documents it.
    return (await response.json()) as { token: string };
  };
  const { token: session } = await send("auth/sign-in/username", { username: "maren", password: PASSWORD });
  const authorization = { authorization: `Bearer ${session}` };
  const { token } = await send("invitations", { maxUses: 5, rooms: [4] }, authorization);
  for (const username of ["ines", "jonas"]) await send("invitations/accept", { token, username, password: PASSWORD });
  await send("invitations", { maxUses: null, expiresInSeconds: null }, authorization);
}

async function draw(page: Page, name: string): Promise<void> {
  // The pointer would highlight whatever is under the last click.
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), caret: "hide" });
}

const filters = process.argv.slice(2);
const names = ["first-run", ...SCREENS.map(({ name }) => name), "away"];
const unknown = filters.find((word) => !names.some((name) => name.includes(word)));
if (unknown !== undefined) {
  console.error(`Expected part of a screen's name, got "${unknown}". The screens: ${names.join(", ")}.`);
  process.exit(2);
}
const isSelected = (name: string): boolean => filters.length === 0 || filters.some((word) => name.includes(word));
const drawnScreens: { name: string; title: string }[] = [];

/** Draws one screen in all sizes and schemes; `visit` brings the page to the screen. */
async function drawAll(
  browser: Browser,
  server: ChatServer,
  screen: { name: string; title: string },
  visit: (page: Page) => Promise<void>,
): Promise<void> {
  if (!isSelected(screen.name)) return;
  for (const colorScheme of SCHEMES) {
    for (const viewport of SIZES) {
      const { page, context } = await openBrowser(browser, server.url, { colorScheme, viewport });
      await visit(page);
      await draw(page, `${screen.name}-${viewport.width}-${colorScheme}`);
      await context.close();
    }
  }
  drawnScreens.push(screen);
  console.log(screen.name);
}

async function openScreen(page: Page, screen: Screen): Promise<void> {
  if (screen.username !== undefined) await signIn(page, screen.username, PASSWORD, screen.path);
  else await page.goto(screen.path);
}

mkdirSync(FOLDER, { recursive: true });
if (filters.length === 0) for (const file of readdirSync(FOLDER)) rmSync(join(FOLDER, file));
const browser = await launchBrowser();
const server = await startChatServer({ fixture: SCREENSHOT_FIXTURE });
const emptyServer = await startChatServer();
try {
  await seed(server);
  await drawAll(browser, emptyServer, { name: "first-run", title: "The first run" }, async (page) => {
    await page.goto(await emptyServer.setupAddress());
    await page.getByLabel("Username").fill("maren");
  });
  for (const screen of SCREENS) {
    await drawAll(browser, server, screen, async (page) => {
      await openScreen(page, screen);
      await page.getByRole("heading").first().waitFor();
      await screen.prepare?.(page);
      await screen.waitUntilShown(page);
    });
  }
  await drawAll(browser, server, { name: "away", title: "The server is down; messages wait" }, async (page) => {
    await signIn(page, "amara", PASSWORD, "/rooms/1");
    await text("See you at nine!")(page);
    await server.kill();
    await sendMessage(page, 1, "I will be there at half past eight.");
    await page.getByText("1 unsent message.").waitFor();
    const countdown = page.getByText(/Retrying in \d+ s/);
    await countdown.waitFor();
    await server.start();
  });
} finally {
  for (const account of accounts.values()) account.disconnect();
  await browser.close();
  await server.dispose();
  await emptyServer.dispose();
}

if (filters.length === 0) {
  const page = [
    "# Screenshots",
    "",
    "Every screen at 390, 768 and 1440 pixels, light and dark, taken from the running application by `npm run screenshots`.",
    ...drawnScreens.flatMap(({ name, title }) => [
      "",
      `## ${title}`,
      "",
      ...SCHEMES.map((scheme) =>
        SIZES.map(
          ({ width }) =>
            `<img src="${name}-${width}-${scheme}.png" alt="${title}, ${width} pixels wide, ${scheme}" height="360">`,
        ).join(" "),
      ),
    ]),
    "",
  ];
  writeFileSync(join(FOLDER, "README.md"), page.join("\n"));
}
const bytes = readdirSync(FOLDER).reduce((sum, file) => sum + statSync(join(FOLDER, file)).size, 0);
console.log(`${readdirSync(FOLDER).length} files, ${(bytes / 1024 / 1024).toFixed(1)} MB`);
if (bytes > MAX_TOTAL_BYTES) throw new Error(`Expected at most ${MAX_TOTAL_BYTES} bytes of screenshots, got ${bytes}.`);
