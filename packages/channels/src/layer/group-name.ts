import { createHash } from "node:crypto";
import { MAX_NAME_LENGTH } from "./names.ts";

const NEEDS_ESCAPE = /[^A-Za-z0-9-]/gu;
/** Not in a name that is not hashed, because no part of it is empty. */
const HASH_MARK = "..";
const HASH_LENGTH = 64;

/**
 * Returns the name of a group that belongs to something which users name: `groupName("room", room)`. Plain parts are joined by dots
 * and stay as they are: `room.lobby`. In each part `_` becomes `__`, and anything else but ASCII letters, digits and `-` becomes its
 * bytes in UTF-8, each as `_` and two hexadecimal digits: `room.my_20room`. An empty part becomes `_`. What is then longer than 99
 * characters is cut after 33, and `..` and the SHA-256 of the whole in hexadecimal follow. So any text gives a valid name, other
 * parts give another one, and every process gets the same.
 */
export function groupName(...parts: readonly [string | number, ...(string | number)[]]): string {
  const name = parts.map((part) => escapePart(String(part))).join(".");
  if (name.length <= MAX_NAME_LENGTH) return name;
  const start = name.slice(0, MAX_NAME_LENGTH - HASH_MARK.length - HASH_LENGTH);
  return `${start}${HASH_MARK}${createHash("sha256").update(name).digest("hex")}`;
}

function escapePart(part: string): string {
  return part === "" ? "_" : part.replace(NEEDS_ESCAPE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  if (character === "_") return "__";
  // Not UTF-8, which has none for half of a surrogate pair: all of them would be the same. Python's "surrogatepass" gives the same.
  const code = character.length === 1 ? character.charCodeAt(0) : 0;
  const isLoneSurrogate = code >= 0xd800 && code <= 0xdfff;
  const bytes = isLoneSurrogate ? [0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)] : Buffer.from(character);
  return Array.from(bytes, (byte) => `_${byte.toString(16).padStart(2, "0")}`).join("");
}
