import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readDraft, writeDraft } from "../src/stores/drafts.ts";

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

test("a draft belongs to one person and one room", () => {
  writeDraft("ann", "r1", "half a sentence");
  expect(readDraft("ann", "r1")).toBe("half a sentence");
  expect(readDraft("ann", "r2")).toBe("");
  expect(readDraft("bob", "r1")).toBe("");
});

test("what was sent or deleted leaves nothing behind", () => {
  writeDraft("ann", "r1", "x");
  writeDraft("ann", "r1", " \n");
  expect(readDraft("ann", "r1")).toBe("");
  expect(storage.kept.size).toBe(0);
});

test("of very many drafts those touched longest ago go", () => {
  for (let i = 0; i < 250; i += 1) writeDraft("cara", `room-${i}`, `draft ${i}`);
  writeDraft("cara", "room-60", "touched again");
  writeDraft("cara", "room-250", "one more");
  expect(readDraft("cara", "room-49")).toBe("");
  expect(readDraft("cara", "room-60")).toBe("touched again");
  expect(readDraft("cara", "room-250")).toBe("one more");
});

test("with the storage full a draft lives as long as the page", () => {
  storage.full = true;
  writeDraft("dan", "r1", "still here");
  expect(readDraft("dan", "r1")).toBe("still here");
});

test("what is not a draft in the storage is passed over", () => {
  storage.kept.set("multichat.drafts.eve", '[["r1","kept"],["r2"],5,null,{"r3":"x"}]');
  expect(readDraft("eve", "r1")).toBe("kept");
  expect(readDraft("eve", "r2")).toBe("");
  storage.kept.set("multichat.drafts.eve", "not json");
  expect(readDraft("eve", "r1")).toBe("");
});
