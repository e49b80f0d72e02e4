import { type Client, createClient, indexedDbOutbox, indexedDbStorage } from "@multichat/client";
import { BASE_PATH } from "./base-path.ts";

/** Chats under several paths of one host share its databases, so each has one of its own. */
const DATABASE = `multichat${BASE_PATH}`;

/**
 * The page's only SDK client. It survives a session that ends, so unsent messages stay in the outbox of their author.
 * Rooms and their latest pages are stored, so that a reload shows them at once.
 */
export const chat: Client = createClient({
  url: location.origin + BASE_PATH,
  outbox: indexedDbOutbox(DATABASE),
  storage: indexedDbStorage(DATABASE),
});
