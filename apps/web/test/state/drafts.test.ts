import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readDraft, writeDraft } from "../../src/state/storage/drafts.ts";
import { createMessage } from "../fixtures/message.ts";

class FakeStorage {
  readonly values = new Map<string, string>();
  isFull = false;
  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error("QuotaExceededError");
    this.values.set(key, value);
  }
  removeItem(key: string): void {
    this.values.delete(key);
  }
}

let storage: FakeStorage;

beforeEach(() => {
  storage = new FakeStorage();
  vi.stubGlobal("localStorage", storage);
});

afterEach(() => vi.unstubAllGlobals());

const write = (user: string, room: string, text: string): void => writeDraft(user, room, { text, replyTo: null });

test("stores a draft per user and room", () => {
  write("ann", "r1", "half a sentence");
  expect(readDraft("ann", "r1").text).toBe("half a sentence");
  expect(readDraft("ann", "r2").text).toBe("");
  expect(readDraft("bob", "r1").text).toBe("");
});

test("removes an empty draft from the storage", () => {
  write("ann", "r1", "x");
  write("ann", "r1", " \n");
  expect(readDraft("ann", "r1").text).toBe("");
  expect(storage.values.size).toBe(0);
});

test("drops the least recently changed drafts above the maximum", () => {
  for (let i = 0; i < 250; i += 1) write("cara", `room-${i}`, `draft ${i}`);
  write("cara", "room-60", "changed again");
  write("cara", "room-250", "one more");
  expect(readDraft("cara", "room-49").text).toBe("");
  expect(readDraft("cara", "room-60").text).toBe("changed again");
  expect(readDraft("cara", "room-250").text).toBe("one more");
});

test("keeps a draft in memory when the storage is full", () => {
  storage.isFull = true;
  write("dan", "r1", "still here");
  expect(readDraft("dan", "r1").text).toBe("still here");
});

test("skips invalid entries in the storage", () => {
  storage.values.set("multichat.drafts.eve", '[["r1","values"],["r2"],5,null,{"r3":"x"}]');
  expect(readDraft("eve", "r1").text).toBe("values");
  expect(readDraft("eve", "r2").text).toBe("");
  storage.values.set("multichat.drafts.eve", "not json");
  expect(readDraft("eve", "r1").text).toBe("");
});

const repliedTo = createMessage({
  id: "m7",
  room: "r1",
  seq: 7,
  author: { id: "bob", username: "bob" },
  body: "x".repeat(5_000),
});

test("stores the message that is replied to, cut to an excerpt, even without text", () => {
  writeDraft("fay", "r1", { text: "", replyTo: repliedTo });
  const { text, replyTo } = readDraft("fay", "r1");
  expect(text).toBe("");
  expect(replyTo).toMatchObject({ id: "m7", seq: 7, author: { username: "bob" } });
  expect(replyTo?.body.length).toBeLessThan(200);
  write("fay", "r1", "");
  expect(readDraft("fay", "r1").replyTo).toBeNull();
  storage.values.set("multichat.drafts.fay", '[["r1","text",5],["r2","text",{"id":"x"}]]');
  expect(readDraft("fay", "r1").text).toBe("");
});
