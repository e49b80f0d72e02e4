import type { RoomPreference } from "@multichat/protocol";
import { chat } from "../connection/chat.ts";
import { readJson, writeStored } from "./storage/storage.ts";
import { useStore } from "./store.ts";

/** What the user has set for rooms, on all devices. */

type Preferences = ReadonlyMap<string, RoomPreference>;

let starred: { readonly of: Preferences; readonly rooms: ReadonlySet<string> } | undefined;

function toStarred(preferences: Preferences): ReadonlySet<string> {
  if (starred?.of !== preferences) {
    const rooms = new Set(
      [...preferences.values()].flatMap((preference) => (preference.starred ? [preference.room] : [])),
    );
    starred = { of: preferences, rooms };
  }
  return starred.rooms;
}

/** Returns the ids of the starred rooms; the same set until it changes. */
export const getStarredRooms = (): ReadonlySet<string> => toStarred(chat.preferences.get());

export const useStarred = (): ReadonlySet<string> => toStarred(useStore(chat.preferences));

export const useRoomPreferences = (): Preferences => useStore(chat.preferences);

/** A muted room shows only what mentions the user. */
export const isMuted = (room: string, preferences: Preferences = chat.preferences.get()): boolean =>
  preferences.get(room)?.notify === "nothing";

/** The stars that an earlier version stored in the browser, by user. */
const LOCAL_STARS = "multichat.starred.";

/** Moves the stars of this browser to the server, once. */
export function startStarUpload(): void {
  const unsubscribe = chat.rooms.subscribe(() => {
    const me = chat.me.get();
    if (me === null || chat.rooms.get().status !== "live") return;
    unsubscribe();
    const stored = readJson(LOCAL_STARS + me.id);
    if (!Array.isArray(stored)) return;
    const rooms = stored.filter((id) => typeof id === "string" && chat.rooms.entry(id).get() !== undefined);
    Promise.all(rooms.map((id) => chat.preferences.set(id, { starred: true }))).then(
      () => writeStored(LOCAL_STARS + me.id, null),
      // The next start tries it again.
      () => {},
    );
  });
}
