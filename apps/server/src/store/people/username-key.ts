/**
 * Returns the form in which two usernames are compared: `Ａlice`, `alice` and `ALICE` are one name. NFKC comes first,
 * because it can produce letters that fold; upper case before lower case, because some letters (`ß`, final `ς`) only
 * become equal there; NFKC again, because changing case can denormalise a text.
 */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
