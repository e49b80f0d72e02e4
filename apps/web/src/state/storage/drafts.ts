import type { Message } from "@multichat/protocol";
import { createStore, type Store, useStore } from "../store.ts";
import { readJson, writeStored } from "./storage.ts";

/** Unsent text per account and room. It survives a reload and a session that ended elsewhere; signing out deletes it. */

const PREFIX = "multichat.drafts.";
/** Drafts per account; the least recently changed are dropped first. */
const MAX_DRAFTS = 200;
/** Above the default limit of a message, so that nothing is cut that could still be sent. */
const MAX_DRAFT_CHARS = 100_000;
/** The stored part of the message that is replied to: as much as is shown of it. */
const MAX_QUOTED_CHARS = 140;

export interface Draft {
  readonly text: string;
  /** The message that is replied to, with its body cut. */
  readonly replyTo: Message | null;
}

const EMPTY_DRAFT: Draft = { text: "", replyTo: null };

type StoredDraft = readonly [room: string, text: string, replyTo?: Message];

function isStoredDraft(entry: unknown): entry is StoredDraft {
  return (
    Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string" && isReplyTarget(entry[2])
  );
}

function isReplyTarget(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && "id" in value && "seq" in value && "body" in value;
}

/** Loads the drafts of an account, oldest first. */
function loadDrafts(user: string): readonly StoredDraft[] {
  const stored = readJson(PREFIX + user);
  return Array.isArray(stored) ? stored.filter(isStoredDraft) : [];
}

export function readDraft(user: string, room: string): Draft {
  const stored = loadDrafts(user).find((draft) => draft[0] === room);
  return stored === undefined ? EMPTY_DRAFT : { text: stored[1], replyTo: stored[2] ?? null };
}

export function writeDraft(user: string, room: string, { text, replyTo }: Draft): void {
  const drafts = loadDrafts(user).filter((draft) => draft[0] !== room);
  const body = text.slice(0, MAX_DRAFT_CHARS);
  if (replyTo !== null)
    drafts.push([room, body, { ...replyTo, body: replyTo.body.slice(0, MAX_QUOTED_CHARS), reactions: [] }]);
  else if (text.trim() !== "") drafts.push([room, body]);
  const stored = drafts.slice(-MAX_DRAFTS);
  writeStored(PREFIX + user, stored.length === 0 ? null : JSON.stringify(stored));
  setRooms(user, stored);
}

/** Returns the drafts of an account, the most recently changed first. */
export function listDrafts(user: string): readonly { readonly room: string; readonly draft: Draft }[] {
  return loadDrafts(user)
    .map(([room, text, replyTo]) => ({ room, draft: { text, replyTo: replyTo ?? null } }))
    .reverse();
}

/** The ids of the rooms with a draft, by account. A new set for each change, of which typing is none. */
const roomsOf = new Map<string, Store<ReadonlySet<string>>>();

function toRooms(drafts: readonly StoredDraft[]): ReadonlySet<string> {
  return new Set(drafts.map(([room]) => room));
}

function setRooms(user: string, drafts: readonly StoredDraft[]): void {
  roomsOf.get(user)?.set((before) => {
    const rooms = toRooms(drafts);
    return rooms.size === before.size && [...rooms].every((room) => before.has(room)) ? before : rooms;
  });
}

/** Returns the ids of the rooms that have a draft. */
export function useDraftRooms(user: string): ReadonlySet<string> {
  return useStore(draftRoomsOf(user));
}

function draftRoomsOf(user: string): Store<ReadonlySet<string>> {
  let rooms = roomsOf.get(user);
  if (rooms === undefined) {
    rooms = createStore(toRooms(loadDrafts(user)));
    roomsOf.set(user, rooms);
    // Another tab has written one. A null key: all of the storage was cleared.
    window.addEventListener("storage", ({ key }) => {
      if (key === null || key.startsWith(PREFIX)) setRooms(user, loadDrafts(user));
    });
  }
  return rooms;
}

export function hasDrafts(user: string): boolean {
  return loadDrafts(user).length > 0;
}

export function deleteDrafts(user: string): void {
  writeStored(PREFIX + user, null);
  setRooms(user, []);
}
