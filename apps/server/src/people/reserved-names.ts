import { ADDRESSING_WORDS, OFFICIAL_WORDS } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import { usernameSkeletons } from "../store/people/username-skeleton.ts";

const SEPARATORS = /[._-]/g;

const toSkeletons = (words: readonly string[]) => new Set(words.flatMap(usernameSkeletons));
const ADDRESSING = toSkeletons(ADDRESSING_WORDS);
const OFFICIAL = toSkeletons(OFFICIAL_WORDS);

/** Whether no account can have this name: it would be taken for a word that addresses people. */
export function isAddressingWord(username: string): boolean {
  return looksLikeOneOf(ADDRESSING, username);
}

/** @throws Refusal USERNAME_RESERVED for a reserved word, also in look-alike letters. The operator may use the official ones. */
export function assertNotReserved(actor: Pick<Actor, "operator">, username: string): void {
  if (isAddressingWord(username)) throw new Refusal("USERNAME_RESERVED");
  if (actor.operator !== true && looksLikeOneOf(OFFICIAL, username)) {
    throw new Refusal("USERNAME_RESERVED", "This username is reserved. Only the command line can create it.");
  }
}

function looksLikeOneOf(skeletons: ReadonlySet<string>, username: string): boolean {
  return usernameSkeletons(username.replace(SEPARATORS, "")).some((skeleton) => skeletons.has(skeleton));
}
