import { useSyncExternalStore } from "react";
import { readJson, writeStored } from "./storage.ts";

/** The rooms at the top of the user's list, on this device. */

const PREFIX = "multichat.starred.";
/** Starred rooms per account; the oldest are dropped first. */
const MAX_STARRED = 200;

let loaded: { readonly user: string; readonly rooms: ReadonlySet<string> } | undefined;
const listeners = new Set<() => void>();

function loadStarred(user: string): ReadonlySet<string> {
  const stored = readJson(PREFIX + user);
  return new Set(Array.isArray(stored) ? stored.filter((id) => typeof id === "string") : []);
}

/** Returns the ids of the starred rooms; the same set until it changes. */
export function getStarredRooms(user: string): ReadonlySet<string> {
  if (loaded?.user !== user) loaded = { user, rooms: loadStarred(user) };
  return loaded.rooms;
}

export function setStarred(user: string, room: string, { starred }: { readonly starred: boolean }): void {
  const rooms = new Set(getStarredRooms(user));
  rooms.delete(room);
  if (starred) rooms.add(room);
  const latest = [...rooms].slice(-MAX_STARRED);
  writeStored(PREFIX + user, latest.length === 0 ? null : JSON.stringify(latest));
  loaded = { user, rooms: new Set(latest) };
  for (const listener of listeners) listener();
}

/** Applies what another tab of the same browser starred. */
function onStorage(event: StorageEvent): void {
  if (event.key !== null && !event.key.startsWith(PREFIX)) return;
  loaded = undefined;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", onStorage);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", onStorage);
  };
}

export function useStarred(user: string): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => getStarredRooms(user));
}
