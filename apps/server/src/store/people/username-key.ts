import { normalizeName } from "@multichat/protocol/markup";

/** Returns the form in which two usernames are compared, and in which a mention names one. */
export function usernameKey(username: string): string {
  return normalizeName(username);
}
