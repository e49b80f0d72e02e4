import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestChat } from "../support/chat-server.ts";
import { TestShell } from "./test-terminal.ts";

/** The server learns of a change on the command line from the database. */
const SOON = { timeout: 300_000, interval: 20 };

describe("beside a running server", () => {
  let chat: TestChat;
  let shell: TestShell;
  beforeAll(async () => {
    chat = await TestChat.start();
    shell = TestShell.beside(chat.dataDir);
  });
  afterAll(async () => {
    await shell.close();
    await chat.close();
  });

  const titles = async (username: string) => {
    const { body } = await chat.api(username, "GET", "/api/rooms");
    return (body as { rooms: { title: string }[] }).rooms.map(({ title }) => title);
  };

  test("applies the creation, restriction and deletion of a room", async () => {
    await titles("alice");
    await shell.must(["room", "create", "From outside"]);
    await vi.waitFor(async () => expect(await titles("alice")).toContain("From outside"), SOON);
    const { number } = (await shell.json(["room", "list"])).at(-1);
    await shell.must(["room", "staff-only", String(number)]);
    await vi.waitFor(async () => expect(await titles("alice")).not.toContain("From outside"), SOON);
    expect(await titles("sara")).toContain("From outside");
    await shell.must(["room", "delete", String(number), "--yes"]);
    await vi.waitFor(async () => expect(await titles("sara")).not.toContain("From outside"), SOON);
  });

  test("ends the sessions of users who are deactivated or signed out", async () => {
    for (const [verb, username] of [
      ["deactivate", "alice"],
      ["sign-out", "bob"],
    ] as const) {
      const { cookie } = await chat.signIn(username);
      const status = async () => (await fetch(`${chat.url}/api/me`, { headers: { cookie } })).status;
      expect(await status()).toBe(200);
      await shell.must(["user", verb, username]);
      await vi.waitFor(async () => expect(await status()).toBe(401), SOON);
    }
  });

  test("shows staff rooms to a new staff member without a new sign-in", async () => {
    await shell.must(["user", "create", "newcomer", "--password-stdin"], "a long password");
    const { cookie } = await chat.signIn("newcomer", "a long password");
    const status = async () => (await fetch(`${chat.url}/api/rooms/3`, { headers: { cookie } })).status;
    expect(await status()).toBe(404);
    await shell.must(["user", "staff", "newcomer"]);
    await vi.waitFor(async () => expect(await status()).toBe(200), SOON);
  });

  test("shows loaded data", async () => {
    await writeFile(join(chat.dataDir, "data.json"), JSON.stringify({ rooms: [{ title: "Loaded" }] }));
    await shell.must(["loaddata", "data.json"]);
    await vi.waitFor(async () => expect(await titles("sara")).toContain("Loaded"), SOON);
  });
});
