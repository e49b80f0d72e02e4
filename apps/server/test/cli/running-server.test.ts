import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestChat } from "../support/chat-server.ts";
import { TestShell } from "./test-terminal.ts";

/** A change by the command line reaches the server through the database. */
const SOON = { timeout: 60_000, interval: 20 };

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

  const titles = async (who: string) => {
    const { body } = await chat.api(who, "GET", "/api/rooms");
    return (body as { rooms: { title: string }[] }).rooms.map(({ title }) => title);
  };

  test("a room that is made, closed, opened and deleted is so for the people in the server", async () => {
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

  test("who is deactivated or signed out is out", async () => {
    for (const [verb, username] of [
      ["deactivate", "alice"],
      ["sign-out", "bob"],
    ] as const) {
      const { cookie } = await chat.signIn(username);
      const look = async () => (await fetch(`${chat.url}/api/me`, { headers: { cookie } })).status;
      expect(await look()).toBe(200);
      await shell.must(["user", verb, username]);
      await vi.waitFor(async () => expect(await look()).toBe(401), SOON);
    }
  });

  test("who is made staff sees the staff's rooms without signing in again", async () => {
    await shell.must(["user", "create", "newcomer", "--password-stdin"], "a long password");
    const { cookie } = await chat.signIn("newcomer", "a long password");
    const look = async () => (await fetch(`${chat.url}/api/rooms/3`, { headers: { cookie } })).status;
    expect(await look()).toBe(404);
    await shell.must(["user", "staff", "newcomer"]);
    await vi.waitFor(async () => expect(await look()).toBe(200), SOON);
  });

  test("data can be loaded", async () => {
    await writeFile(join(chat.dataDir, "data.json"), JSON.stringify({ rooms: [{ title: "Loaded" }] }));
    await shell.must(["loaddata", "data.json"]);
    await vi.waitFor(async () => expect(await titles("sara")).toContain("Loaded"), SOON);
  });
});
