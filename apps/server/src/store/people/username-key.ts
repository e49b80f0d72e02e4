import { normalizeName } from "@multichat/protocol/markup";

/** Returns the form in which two usernames are compared, and in which a mention names one. */
export function usernameKey(username: string): string {
  return normalizeName(username);
}

/** Stands in the key of an account whose name is that of another one, between the name and the id. No name has it. */
export const SHARED_KEY = "#";
/** The character after it, in the order of the index. */
export const AFTER_SHARED_KEY = "$";
