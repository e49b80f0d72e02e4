import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  indexedDbOutbox,
  indexedDbStorage,
  memoryOutbox,
  memoryStorage,
  type OutboxRecord,
  type OutboxStorage,
  type StateStorage,
} from "../src/index.ts";
import { fileOutbox } from "../src/node.ts";
import { alice, shownItems, TestWorld } from "./support/test-world.ts";

const folder = mkdtempSync(join(tmpdir(), "multichat-outbox-"));

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

const record = (clientId: string, body = "hello"): OutboxRecord => ({
  clientId,
  room: "room-1",
  body,
  replyTo: null,
  createdAt: 1,
  author: "alice",
  owner: "tab",
  failed: null,
});

const outboxes: [string, () => OutboxStorage][] = [
  ["in memory", memoryOutbox],
  ["in IndexedDB", indexedDbOutbox],
  ["in files", () => fileOutbox(join(folder, "outbox"))],
];

describe.each(outboxes)("an outbox %s", (_name, make) => {
  test("stores, replaces and deletes records by client id, and accepts a second deletion", async () => {
    const outbox = make();
    expect(await outbox.all()).toEqual([]);
    await outbox.put(record("one"));
    await outbox.put(record("two", "ümläut 🙂\n"));
    await outbox.put({ ...record("one"), failed: { code: "ROOM_INVALID", message: "There is no such room." } });
    const stored = [...(await outbox.all())].sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
    expect(stored).toEqual([
      { ...record("one"), failed: { code: "ROOM_INVALID", message: "There is no such room." } },
      record("two", "ümläut 🙂\n"),
    ]);
    await outbox.delete("one");
    await outbox.delete("one");
    expect((await outbox.all()).map(({ clientId }) => clientId)).toEqual(["two"]);
  });
});

test.each(outboxes.slice(1))("finds what another outbox in the same place has stored: %s", async (_name, make) => {
  await make().put(record("left"));
  expect(await make().all()).toEqual([record("left")]);
});

describe.each<[string, () => StateStorage]>([
  ["in memory", memoryStorage],
  ["in IndexedDB", indexedDbStorage],
])("state %s", (_name, make) => {
  test("is stored, replaced, deleted and cleared, as a copy", async () => {
    const storage = make();
    const value = { list: [1, 2], nested: { deep: true } };
    await storage.put("a", value);
    value.list.push(3);
    await storage.put("b", 1);
    await storage.put("b", 2);
    expect([...(await storage.entries())].sort()).toEqual([
      ["a", { list: [1, 2], nested: { deep: true } }],
      ["b", 2],
    ]);
    await storage.delete("a");
    await storage.delete("a");
    expect([...(await storage.entries()).keys()]).toEqual(["b"]);
    await storage.clear();
    expect((await storage.entries()).size).toBe(0);
  });
});

describe("in IndexedDB", () => {
  test("keeps outbox and state apart in one database", async () => {
    const [outbox, storage] = [indexedDbOutbox("chat"), indexedDbStorage("chat")];
    await Promise.all([outbox.put(record("one")), storage.put("one", "state")]);
    await storage.clear();
    expect(await outbox.all()).toEqual([record("one")]);
    expect((await indexedDB.databases()).map(({ name }) => name)).toEqual(["chat"]);
  });

  test("creates a deleted database again", async () => {
    const outbox = indexedDbOutbox("chat");
    await outbox.put(record("one"));
    await new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase("chat");
      deleting.onsuccess = resolve;
      deleting.onerror = deleting.onblocked = reject;
    });
    expect(await outbox.all()).toEqual([]);
    await outbox.put(record("two"));
    expect(await outbox.all()).toEqual([record("two")]);
  });

  test("rejects when the database cannot be opened, and tries again", async () => {
    const real = indexedDB;
    vi.stubGlobal("indexedDB", {
      open() {
        throw new DOMException("The operation is insecure.", "SecurityError");
      },
    });
    const outbox = indexedDbOutbox("chat");
    await expect(outbox.all()).rejects.toThrow(/insecure/);
    vi.stubGlobal("indexedDB", real);
    expect(await outbox.all()).toEqual([]);
  });

  test("is the client's default outbox, whose messages are sent after a reload", async () => {
    const world = new TestWorld();
    const general = world.createRoom();
    const oldClient = await world.connected();
    world.network.isReachable = false;
    world.socket(alice).cut({ isNoticed: true });
    oldClient.room(general.id).send("stored by the browser");
    await vi.waitFor(async () => expect(await indexedDbOutbox().all()).toHaveLength(1));
    oldClient.disconnect();
    world.network.isReachable = true;
    const newClient = world.client();
    newClient.connect();
    const room = newClient.room(general.id);
    room.open();
    await vi.waitFor(async () => {
      await world.clock.advance(20);
      expect(shownItems(room)).toEqual(["stored by the browser"]);
    });
  });
});

describe("in files", () => {
  test("ignores a file that was not finished", async () => {
    const outbox = fileOutbox(folder);
    await outbox.put(record("one"));
    writeFileSync(join(folder, "two.json.part"), '{"clientId":"tw');
    expect(await outbox.all()).toEqual([record("one")]);
    expect(readdirSync(folder).sort()).toEqual(["one.json", "two.json.part"]);
  });

  test.each(["", '{"clientId":"tw', "null and void"])(
    "leaves out a file that another program has changed to %j",
    async (text) => {
      const outbox = fileOutbox(join(folder, "new", "folders"));
      await outbox.put(record("one"));
      writeFileSync(join(folder, "new", "folders", "two.json"), text);
      expect(await outbox.all()).toEqual([record("one")]);
      expect(readdirSync(join(folder, "new", "folders")).sort()).toEqual(["one.json", "two.json"]);
    },
  );

  test("rejects a client id that contains a path", async () => {
    await expect(fileOutbox(folder).put(record("../escape"))).rejects.toThrow(/client id/);
  });
});
