import { chat } from "../connection/chat.ts";
import { RequestFailed } from "../connection/http.ts";
import { profileApi } from "../connection/profile-api.ts";
import { deleteAttachments } from "./attachments/attachments.ts";
import { deleteOwnPresence } from "./presence.ts";
import { endSession, ignorePendingRefresh, session } from "./session.ts";
import { deleteDrafts } from "./storage/drafts.ts";
import { LAST_ADDRESS_KEY } from "./storage/last-address.ts";
import { writeStored } from "./storage/storage.ts";

/**
 * Signs out and deletes what the account has left on this device: cached rooms and messages, drafts, unsent messages, the status.
 * A session that ended in another way keeps drafts and unsent messages for the same account.
 *
 * @throws RequestFailed when the server could not be reached; the user is still signed in then.
 */
export async function signOut(): Promise<void> {
  const state = session.get();
  // The server closes the connection of an ended session, which would look as if it had been ended elsewhere.
  ignorePendingRefresh();
  chat.disconnect();
  try {
    await profileApi.signOut();
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.code !== "USER_HAS_TO_LOGIN") {
      if (state.kind === "signed-in" && !state.profile.me.passwordChangeRequired) chat.connect();
      throw error;
    }
  }
  if (state.kind === "signed-in") deleteAccountData(state.profile.me.id);
  await endSession("signed-out");
}

function deleteAccountData(user: string): void {
  for (const { clientId } of chat.outbox.get()) chat.outbox.discard(clientId);
  deleteDrafts(user);
  deleteAttachments();
  deleteOwnPresence(user);
  writeStored(LAST_ADDRESS_KEY, null);
}
