import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readDraft, writeDraft } from "../../src/state/drafts.ts";
import { messageWith } from "../fixtures/message.ts";

class Storage {
  readonly kept = new Map<string, string>();
  full = false;
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.full) throw new Error("QuotaExceededError");
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

let storage: Storage;

beforeEach(() => {
  storage = new Storage();
  vi.stubGlobal("localStorage", storage);
});

afterEach(() => vi.unstubAllGlobals());

const write = (user: string, room: string, text: string): void => writeDraft(user, room, { text, replyTo: null });

test("a draft belongs to one person and one room", () => {
  write("ann", "r1", "half a sentence");
  expect(readDraft("ann", "r1").text).toBe("half a sentence");
  expect(readDraft("ann", "r2").text).toBe("");
  expect(readDraft("bob", "r1").text).toBe("");
});

test("what was sent or deleted leaves nothing behind", () => {
  write("ann", "r1", "x");
  write("ann", "r1", " \n");
  expect(readDraft("ann", "r1").text).toBe("");
  expect(storage.kept.size).toBe(0);
});

test("of very many drafts those touched longest ago go", () => {
  for (let i = 0; i < 250; i += 1) write("cara", `room-${i}`, `draft ${i}`);
  write("cara", "room-60", "touched again");
  write("cara", "room-250", "one more");
  expect(readDraft("cara", "room-49").text).toBe("");
  expect(readDraft("cara", "room-60").text).toBe("touched again");
  expect(readDraft("cara", "room-250").text).toBe("one more");
});

test("with the storage full a draft lives as long as the page", () => {
  storage.full = true;
  write("dan", "r1", "still here");
  expect(readDraft("dan", "r1").text).toBe("still here");
});

test("what is not a draft in the storage is passed over", () => {
  storage.kept.set("multichat.drafts.eve", '[["r1","kept"],["r2"],5,null,{"r3":"x"}]');
  expect(readDraft("eve", "r1").text).toBe("kept");
  expect(readDraft("eve", "r2").text).toBe("");
  storage.kept.set("multichat.drafts.eve", "not json");
  expect(readDraft("eve", "r1").text).toBe("");
});

const answered = messageWith({
  id: "m7",
  room: "r1",
  seq: 7,
  author: { id: "bob", username: "bob" },
  body: "x".repeat(5_000),
});

test("what a draft answers is kept with it, cut to what is shown of it, and alone too", () => {
  writeDraft("fay", "r1", { text: "", replyTo: answered });
  const { text, replyTo } = readDraft("fay", "r1");
  expect(text).toBe("");
  expect(replyTo).toMatchObject({ id: "m7", seq: 7, author: { username: "bob" } });
  expect(replyTo?.body.length).toBeLessThan(200);
  write("fay", "r1", "");
  expect(readDraft("fay", "r1").replyTo).toBeNull();
  storage.kept.set("multichat.drafts.fay", '[["r1","text",5],["r2","text",{"id":"x"}]]');
  expect(readDraft("fay", "r1").text).toBe("");
});
