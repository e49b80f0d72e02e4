import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, openAccount } from "../../src/account.ts";
import type { Visitor } from "../../src/browser.ts";
import { axeFindings, composer, message, messageLog, roomColumn, roomLink } from "../../src/chat-page.ts";
import { type ChatWorld, openChatWorld } from "../../src/chat-world.ts";
import { createPng } from "../../src/png.ts";

let world: ChatWorld;
let alice: Visitor;
let bob: Visitor;
let ada: Account;

beforeAll(async () => {
  world = await openChatWorld();
  ada = await openAccount(world.server, "ada");
  alice = await world.visit("alice");
  bob = await world.visit("bob");
});

afterAll(async () => {
  await world?.dispose();
});

const harbor = { name: "harbor.png", mimeType: "image/png", buffer: createPng({ width: 900, height: 600, hue: 20 }) };
const garden = { name: "garden.png", mimeType: "image/png", buffer: createPng({ width: 400, height: 700, hue: 120 }) };
const minutes = {
  name: "minutes of the meeting.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.4 none"),
};

const tray = (page: Page) => page.getByRole("list", { name: "Attached files" });

async function choose(page: Page, room: number, files: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) {
  await composer(page, room).waitFor();
  await roomColumn(page, room).locator("input[type=file]").setInputFiles(files);
}

/** Drops or pastes a file as the browser does. */
async function hand(page: Page, room: number, type: "drop" | "paste", name: string): Promise<void> {
  await composer(page, room).evaluate(
    (field, { type, name }) => {
      const data = new DataTransfer();
      data.items.add(new File([`content of ${name}`], name, { type: "text/plain" }));
      const init = { bubbles: true, cancelable: true };
      if (type === "paste") field.dispatchEvent(new ClipboardEvent(type, { ...init, clipboardData: data }));
      else {
        const target = field.closest("section")?.querySelector("header") ?? field;
        for (const name of ["dragenter", "dragover", "drop"]) {
          target.dispatchEvent(new DragEvent(name, { ...init, dataTransfer: data }));
        }
      }
    },
    { type, name },
  );
}

test("files are chosen, removed, sent with a text, and shown to others in their size", async () => {
  await choose(alice.page, 1, [harbor, garden, minutes]);
  await tray(alice.page).getByText("harbor.png").waitFor();
  await tray(alice.page).getByRole("button", { name: "Remove garden.png" }).click();
  await tray(alice.page).getByText("garden.png").waitFor({ state: "detached" });
  await tray(alice.page).locator("img").waitFor();
  expect(await axeFindings(alice.page)).toEqual([]);
  await composer(alice.page, 1).fill("from the walk");
  await composer(alice.page, 1).press("Enter");
  await tray(alice.page).waitFor({ state: "detached" });
  for (const { page } of [alice, bob]) {
    const row = message(page, 1, "from the walk");
    const picture = row.getByRole("button", { name: "Show harbor.png large" });
    // The acknowledgement replaces the row of the sender.
    await expect
      .poll(async () => {
        const { width = 0, height = 1 } = (await picture.boundingBox()) ?? {};
        return width / height;
      })
      .toBeCloseTo(1.5, 1);
    await row.getByRole("link", { name: "minutes of the meeting.pdf" }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  }
});

test("a picture opens large: keys zoom and show the next one, Escape returns to it", async () => {
  await choose(alice.page, 1, [harbor, garden]);
  await composer(alice.page, 1).fill("two pictures");
  await composer(alice.page, 1).press("Enter");
  const row = message(bob.page, 1, "two pictures");
  const opener = row.getByRole("button", { name: "Show garden.png large" });
  await opener.focus();
  await bob.page.keyboard.press("Enter");
  const viewer = bob.page.getByRole("dialog", { name: "garden.png" });
  await viewer.getByText("2 of 2").waitFor();
  expect(await axeFindings(bob.page)).toEqual([]);
  const width = async () => (await viewer.getByRole("img", { name: "garden.png" }).boundingBox())?.width ?? 0;
  const before = await width();
  await bob.page.keyboard.press("+");
  await expect.poll(width).toBeGreaterThan(before);
  await bob.page.keyboard.press("0");
  await expect.poll(width).toBe(before);
  await bob.page.keyboard.press("ArrowRight");
  await bob.page.getByRole("dialog", { name: "harbor.png" }).getByText("1 of 2").waitFor();
  await bob.page.keyboard.press("Escape");
  await bob.page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => opener.evaluate((element) => element === document.activeElement)).toBe(true);
});

test("files are dropped anywhere on the room, and pasted; a message can be files only", async () => {
  await hand(alice.page, 1, "drop", "dropped.txt");
  await tray(alice.page).getByText("dropped.txt").waitFor();
  await hand(alice.page, 1, "paste", "pasted.txt");
  await tray(alice.page).getByText("pasted.txt").waitFor();
  await composer(alice.page, 1).press("Enter");
  const row = bob.page.getByRole("article").filter({ has: bob.page.getByRole("link", { name: "pasted.txt" }) });
  await row.getByRole("link", { name: "dropped.txt" }).waitFor();
  const [download] = await Promise.all([
    bob.page.waitForEvent("download"),
    row.getByRole("link", { name: "dropped.txt" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("dropped.txt");
});

test("uploaded files survive a reload; what was written meanwhile is sent when they are there", async () => {
  await choose(alice.page, 1, harbor);
  await tray(alice.page).locator("img").waitFor();
  await alice.page.reload();
  await tray(alice.page).getByText("harbor.png").waitFor();
  await alice.context.setOffline(true);
  await choose(alice.page, 1, garden);
  await tray(alice.page).getByRole("progressbar", { name: "Uploading garden.png" }).waitFor();
  await composer(alice.page, 1).fill("sent later");
  await composer(alice.page, 1).press("Enter");
  await alice.page.getByText("Sending when the files are uploaded").waitFor();
  await alice.context.setOffline(false);
  const row = message(bob.page, 1, "sent later");
  await row.getByRole("button", { name: "Show harbor.png large" }).waitFor();
  await row.getByRole("button", { name: "Show garden.png large" }).waitFor();
  await tray(alice.page).waitFor({ state: "detached" });
});

test("more files than a message can have are refused", async () => {
  const many = Array.from({ length: 11 }, (_, n) => ({ ...minutes, name: `page ${n}.pdf` }));
  await choose(alice.page, 1, many);
  await alice.page.getByText("A message can have 10 files.").waitFor();
  expect(await tray(alice.page).getByRole("listitem").count()).toBe(10);
  for (let n = 0; n < 10; n += 1) await tray(alice.page).getByRole("button").first().click();
  await tray(alice.page).waitFor({ state: "detached" });
});

test("a file that is too large says how large one may be, and leaves the others alone", async () => {
  await composer(alice.page, 1).evaluate((field) => {
    const data = new DataTransfer();
    const part = new Uint8Array(1_048_576);
    data.items.add(
      new File(
        Array.from({ length: 101 }, () => part),
        "film.mov",
        { type: "video/quicktime" },
      ),
    );
    data.items.add(new File(["short"], "note.txt", { type: "text/plain" }));
    field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
  });
  const film = tray(alice.page).getByRole("listitem").filter({ hasText: "film.mov" });
  await film.getByRole("alert").getByText("Larger than 105 MB, the most that this server takes.").waitFor();
  expect(await film.getByRole("button", { name: "Upload film.mov again" }).count()).toBe(0);
  await tray(alice.page).getByText("note.txt").waitFor();
  await film.getByRole("button", { name: "Remove film.mov" }).click();
  await composer(alice.page, 1).press("Enter");
  await tray(alice.page).waitFor({ state: "detached" });
  const sent = roomColumn(bob.page, 1).getByText("note.txt");
  await sent.last().waitFor();
});

test("a message of files alone has no text to copy", async () => {
  const row = messageLog(bob.page, 1).getByRole("article").filter({ hasText: "note.txt" });
  await row.hover();
  await row.getByRole("button", { name: "More actions" }).click();
  await bob.page.getByRole("menuitem", { name: "Copy link" }).waitFor();
  expect(await bob.page.getByRole("menuitem", { name: "Copy text" }).count()).toBe(0);
  await bob.page.keyboard.press("Escape");
});

test("a deleted message takes its files along; those of a lost room are gone", async () => {
  const { number, id } = await ada.createRoom({ title: "Photos", private: true });
  await ada.command("member.add", { room: id, user: "alice" });
  await roomLink(alice.page, "Photos").click();
  await choose(alice.page, number, harbor);
  await tray(alice.page).locator("img").waitFor();
  await composer(alice.page, number).press("Enter");
  const picture = roomColumn(alice.page, number).getByRole("button", { name: "Show harbor.png large" });
  const address = await picture.locator("img").getAttribute("src");
  const status = (page: Page, url: string | null) =>
    page.evaluate(async (asked) => (await fetch(asked ?? "", { cache: "no-store" })).status, url);
  expect([await status(alice.page, address), await status(bob.page, address)]).toEqual([200, 404]);
  const { messages } = await ada.command("history.page", { room: id });
  const sent = messages.find(({ files }) => files !== undefined);
  if (sent === undefined) throw new Error("expected a message with files");
  await choose(alice.page, number, garden);
  await tray(alice.page).locator("img").waitFor();
  await composer(alice.page, number).press("Enter");
  const other = await roomColumn(alice.page, number)
    .getByRole("button", { name: "Show garden.png large" })
    .locator("img")
    .getAttribute("src");
  await ada.command("message.delete", { room: id, message: sent.id });
  await picture.waitFor({ state: "detached" });
  await expect.poll(() => status(alice.page, address)).toBe(404);
  expect(await status(alice.page, other)).toBe(200);
  await ada.command("member.remove", { room: id, user: "alice" });
  await expect.poll(() => status(alice.page, other)).toBe(404);
});
