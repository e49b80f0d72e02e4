import { RequestFailed } from "../../connection/http.ts";
import { signIn } from "../../state/session.ts";

/** What the server says where the first attempt has succeeded, and its answer was lost. */
const DONE_BEFORE = new Set(["LINK_INVALID", "USERNAME_TAKEN"]);

/** No answer of the chat has arrived. */
const UNANSWERED = new Set(["OFFLINE", "UNAVAILABLE", "INTERNAL"]);

/**
 * Sends a request that uses up a link. Where an earlier attempt may have succeeded although its answer was lost, a refusal of the next one
 * may be the proof of that: then signing in works.
 */
export async function submitOnce(
  attempt: { isRepeated: boolean },
  send: () => Promise<unknown>,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (attempt.isRepeated && DONE_BEFORE.has(error.code)) {
      try {
        await signIn(username, password);
        return;
      } catch {
        throw error;
      }
    }
    if (UNANSWERED.has(error.code)) attempt.isRepeated = true;
    throw error;
  }
}
