import type { Page } from "playwright-core";
import { openAccount } from "./account.ts";
import { chooseMessageAction, composer, message } from "./chat-page.ts";
import type { ChatServer } from "./chat-server.ts";

/** A room with a sample of everything that a conversation can show. */
const SAMPLE_ROOM = 2;

/** Fills the sample room. */
export async function postSamples(server: ChatServer): Promise<void> {
  const [ada, alice] = [await openAccount(server, "ada"), await openAccount(server, "alice")];
  await ada.command("member.add", { room: SAMPLE_ROOM });
  await ada.command("member.add", { room: SAMPLE_ROOM, user: "bob" });
  const question = await alice.post(SAMPLE_ROOM, "Who brings the **soup**? @ada, @bob");
  await ada.post(SAMPLE_ROOM, "I do.", question.id);
  const list = await ada.post(SAMPLE_ROOM, "> we need\n\n- a pot\n- `spoons`\n\n```\ncode\n```");
  const { id } = await alice.post(SAMPLE_ROOM, "the furst draft");
  await alice.command("message.edit", { room: SAMPLE_ROOM, message: id, body: "the first draft" });
  const mistake = await alice.post(SAMPLE_ROOM, "a mistake");
  await alice.command("message.delete", { room: SAMPLE_ROOM, message: mistake.id });
  for (const emoji of ["👍", "🎉"]) {
    await ada.command("reaction.add", { room: SAMPLE_ROOM, message: question.id, emoji });
    await alice.command("reaction.add", { room: SAMPLE_ROOM, message: question.id, emoji });
  }
  await ada.command("message.pin", { room: SAMPLE_ROOM, message: list.id });
  await ada.command("member.change", { room: SAMPLE_ROOM, user: "bob", muteSeconds: 3600 });
  await ada.command("direct.open", { user: "grace" });
  const bob = await openAccount(server, "bob");
  await bob.command("room.leave", { room: SAMPLE_ROOM });
  for (const account of [ada, alice, bob]) account.disconnect();
}

/** A screen of the web client, and how to get there. */
export interface Screen {
  readonly name: string;
  readonly path: string;
  /** The signed-in user; none if absent. */
  readonly username?: string;
  /** Opens what the screen is about. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** Resolves when the screen is complete. */
  readonly waitUntilShown: (page: Page) => Promise<void>;
  /** The same on a phone, if that shows something else. */
  readonly waitUntilShownNarrow?: (page: Page) => Promise<void>;
}

export const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
export const dialog = (page: Page) => page.getByRole("dialog").waitFor();

/** Opens an entry of the jump dialog, which works on a phone too. */
async function openFromJump(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(name);
  await page.getByRole("option", { name }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Every screen of the web client. */
export const SCREENS: readonly Screen[] = [
  { name: "sign-in", path: "/login", waitUntilShown: heading("Sign in") },
  { name: "a closed set-up", path: "/setup#token=x", waitUntilShown: heading("Setup is complete") },
  {
    name: "welcome",
    path: "/",
    username: "ada",
    waitUntilShown: heading("Welcome, ada"),
    waitUntilShownNarrow: heading("Rooms"),
  },
  {
    name: "a room",
    path: "/rooms/1",
    username: "ada",
    waitUntilShown: (page) => page.getByText("a message with a link").waitFor(),
  },
  {
    name: "rooms side by side",
    path: "/rooms/1?open=1,2",
    username: "ada",
    waitUntilShown: heading("Random"),
    waitUntilShownNarrow: heading("General"),
  },
  {
    name: "a conversation with a sample of everything",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    waitUntilShown: (page) => message(page, SAMPLE_ROOM, "the first draft").waitFor(),
  },
  {
    name: "the toolbar of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => message(page, SAMPLE_ROOM, "Who brings").hover(),
    waitUntilShown: (page) =>
      message(page, SAMPLE_ROOM, "Who brings").getByRole("button", { name: "More actions" }).waitFor(),
  },
  {
    name: "the menu of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "More actions" }).click();
    },
    waitUntilShown: (page) => page.getByRole("menu").waitFor(),
  },
  {
    name: "the card of an author",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => message(page, SAMPLE_ROOM, "Who brings").getByRole("button", { name: "alice" }).click(),
    waitUntilShown: (page) => page.getByRole("dialog", { name: "alice" }).waitFor(),
  },
  {
    name: "choosing a reaction",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "Add reaction" }).click();
    },
    waitUntilShown: (page) => page.getByRole("dialog", { name: "Pick an emoji" }).waitFor(),
  },
  {
    name: "deleting a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => chooseMessageAction(page, SAMPLE_ROOM, "I do.", "Delete"),
    waitUntilShown: dialog,
  },
  {
    name: "earlier versions of a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: (page) => chooseMessageAction(page, SAMPLE_ROOM, "the first draft", "Edit history"),
    waitUntilShown: (page) => page.getByText("the furst draft").waitFor(),
  },
  {
    name: "writing a reply",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "alice",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "I do.").hover();
      await message(page, SAMPLE_ROOM, "I do.").getByRole("button", { name: "Reply" }).click();
    },
    waitUntilShown: (page) => page.getByText("Replying to ada").waitFor(),
  },
  {
    name: "editing a message",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "alice",
    prepare: async (page) => {
      await message(page, SAMPLE_ROOM, "the first draft").waitFor();
      await composer(page, SAMPLE_ROOM).fill("");
      await composer(page, SAMPLE_ROOM).press("Escape");
      await composer(page, SAMPLE_ROOM).press("ArrowUp");
    },
    waitUntilShown: (page) => page.getByText("Editing message").waitFor(),
  },
  {
    name: "completing a name",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "ada",
    prepare: async (page) => {
      await composer(page, SAMPLE_ROOM).fill("");
      await composer(page, SAMPLE_ROOM).pressSequentially("@gra");
    },
    waitUntilShown: (page) => page.getByRole("option", { name: "grace" }).waitFor(),
  },
  {
    name: "a muted user",
    path: `/rooms/${SAMPLE_ROOM}`,
    username: "bob",
    waitUntilShown: (page) => page.getByText(/^You’re muted/).waitFor(),
  },
  {
    name: "members",
    path: `/rooms/${SAMPLE_ROOM}?pane=members`,
    username: "ada",
    prepare: (page) => page.getByRole("complementary").getByRole("button", { name: /bob/ }).click(),
    waitUntilShown: (page) => page.getByRole("button", { name: "Unmute" }).waitFor(),
  },
  {
    name: "banning a user",
    path: `/rooms/${SAMPLE_ROOM}?pane=members&q=bob`,
    username: "ada",
    prepare: (page) => page.getByRole("complementary").getByRole("button", { name: "Ban" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "pinned messages",
    path: `/rooms/${SAMPLE_ROOM}?pane=pins`,
    username: "ada",
    waitUntilShown: (page) => page.getByRole("link", { name: /^Jump to message/ }).waitFor(),
  },
  {
    name: "nothing pinned",
    path: "/rooms/1?pane=pins",
    username: "ada",
    waitUntilShown: heading("No pinned messages"),
  },
  {
    name: "about a room",
    path: `/rooms/${SAMPLE_ROOM}?pane=about`,
    username: "ada",
    waitUntilShown: (page) => page.getByRole("button", { name: "Edit room" }).waitFor(),
  },
  {
    name: "searching in a room",
    path: `/rooms/${SAMPLE_ROOM}?pane=search`,
    username: "ada",
    waitUntilShown: (page) => page.getByText("Search tips").waitFor(),
  },
  {
    name: "search results",
    path: "/search?q=soup",
    username: "ada",
    waitUntilShown: (page) => page.locator("mark").first().waitFor(),
  },
  {
    name: "a search without a result",
    path: "/search?q=nowhere",
    username: "ada",
    waitUntilShown: (page) => page.getByText("No results").waitFor(),
  },
  {
    name: "browsing the rooms",
    path: "/settings",
    username: "ada",
    prepare: (page) => openFromJump(page, "Browse open rooms"),
    waitUntilShown: dialog,
  },
  {
    name: "a new direct message",
    path: "/settings",
    username: "ada",
    prepare: (page) => openFromJump(page, "New direct message"),
    waitUntilShown: dialog,
  },
  {
    name: "the user's status",
    path: "/settings",
    username: "ada",
    // On a phone, the sidebar with its footer is not beside the settings.
    prepare: async (page) => {
      if (await page.getByRole("contentinfo").isVisible())
        await page.getByRole("contentinfo").getByRole("button").first().click();
    },
    waitUntilShown: (page) => page.getByLabel("Status text").waitFor(),
    waitUntilShownNarrow: heading("Sessions"),
  },
  { name: "a refused room", path: "/rooms/3", username: "alice", waitUntilShown: heading("You can’t open room 3") },
  { name: "no such page", path: "/nowhere", username: "ada", waitUntilShown: heading("Page not found") },
  { name: "settings", path: "/settings", username: "ada", waitUntilShown: heading("Sessions") },
  { name: "administration of rooms", path: "/admin/rooms", username: "ada", waitUntilShown: heading("Administration") },
  {
    name: "administration of people",
    path: "/admin/people",
    username: "ada",
    waitUntilShown: (page) => page.getByRole("main").getByText("grace").waitFor(),
  },
  {
    name: "administration without staff rights",
    path: "/admin/rooms",
    username: "alice",
    waitUntilShown: heading("Staff only"),
  },
  {
    name: "invitations",
    path: "/admin/invitations",
    username: "ada",
    waitUntilShown: heading("No invitations yet"),
  },
  {
    name: "a new invitation",
    path: "/admin/invitations",
    username: "ada",
    prepare: (page) => page.getByRole("button", { name: "Invite people" }).first().click(),
    waitUntilShown: dialog,
  },
  {
    name: "an invitation that does not work",
    path: "/invite#token=x",
    waitUntilShown: heading("This link doesn’t work"),
  },
  { name: "no drafts", path: "/drafts", username: "bob", waitUntilShown: heading("No drafts") },
  {
    name: "server settings",
    path: "/admin/settings",
    username: "ada",
    waitUntilShown: (page) => page.getByText("Who can create rooms").first().waitFor(),
  },
  {
    name: "a new room",
    path: "/admin/rooms",
    username: "ada",
    prepare: (page) => page.getByRole("main").getByRole("button", { name: "New room" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "editing an account",
    path: "/admin/people",
    username: "ada",
    prepare: (page) => page.getByRole("button", { name: "Edit grace" }).click(),
    waitUntilShown: dialog,
  },
  {
    name: "the jump dialog",
    path: "/settings",
    username: "ada",
    prepare: (page) => page.keyboard.press("Control+k"),
    waitUntilShown: dialog,
  },
  {
    name: "the keyboard shortcuts",
    path: "/settings",
    username: "ada",
    prepare: (page) => page.keyboard.press("?"),
    waitUntilShown: dialog,
  },
];
