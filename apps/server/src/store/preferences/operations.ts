import { concurrentWrite, read } from "../database/operation.ts";
import { getPreference, listPreferences, setPreference } from "./room-preferences.ts";

export const preferenceOperations = {
  /** Returns what the user has set for rooms, also for those that the user can no longer see. */
  list: read(listPreferences),
  /** Returns what the user has set for a room, or the defaults. */
  get: read(getPreference),
  /** Changes what is given, and returns all of it. */
  set: concurrentWrite(setPreference, ({ user, room }) => `${user} ${room}`),
};
