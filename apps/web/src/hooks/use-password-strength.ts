import type { PasswordOwner } from "@multichat/protocol/passwords";
import { useEffect, useState } from "react";
import { retryImport } from "../state/retry-import.ts";
import type { PasswordStrength } from "./password-strength.ts";

/** How long after the last key the password is judged; nothing is computed or announced before. */
const PAUSE_MS = 250;

/** Judges a new password once the user pauses, by the server's rules; undefined while it is empty or not judged yet. */
export function usePasswordStrength(
  password: string,
  { username, email = null, minChars }: PasswordOwner & { readonly minChars: number },
): PasswordStrength | undefined {
  const [judged, setJudged] = useState<{ readonly password: string; readonly strength: PasswordStrength }>();
  useEffect(() => {
    if (password === "") return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      // Loaded with the first password: the list of breached ones is larger than the rest of the page.
      void retryImport(() => import("./password-strength.ts")).then(({ judgePassword }) => {
        if (isCurrent) setJudged({ password, strength: judgePassword(password, { username, email }, minChars) });
      });
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [password, username, email, minChars]);
  // While the user types on, the last result stays.
  return password === "" ? undefined : judged?.strength;
}
