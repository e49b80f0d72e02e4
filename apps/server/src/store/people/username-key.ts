/**
 * What two usernames are compared by: `Ａlice`, `alice` and `ALICE` are one name. NFKC first, because it can make
 * letters that fold; upper before lower case, because some letters (`ß`, final `ς`) only meet there; NFKC again, because
 * changing case can take a text out of the normal form.
 */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
