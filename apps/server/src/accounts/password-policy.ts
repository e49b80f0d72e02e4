import { findPasswordWeakness, type PasswordOwner, type PasswordWeakness } from "@multichat/protocol/passwords";
import { loadOnce } from "./load-once.ts";

const MESSAGES = {
  username: "This password is your username or contains little else.",
  product: "This password is the name of this product or contains little else.",
  repetition: "This password repeats a few characters or counts them up. Choose one that is harder to guess.",
  breached: "This password is in lists of stolen passwords, or close to one. Choose another one.",
} as const satisfies Record<PasswordWeakness, string>;

/** Reads the passwords of known breaches that come with zxcvbn, about 49,000, when the first password is chosen. */
const readBreachedPasswords = loadOnce<ReadonlySet<string>>(async () => {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set((dictionary["passwords-common"] as readonly string[]).map((word) => word.toLowerCase()));
});

/** Returns why a new password is refused, for its user to read; undefined where it is accepted. */
export async function explainWeakPassword(password: string, owner: PasswordOwner): Promise<string | undefined> {
  const weakness = findPasswordWeakness(password, owner, await readBreachedPasswords());
  return weakness === undefined ? undefined : MESSAGES[weakness];
}
