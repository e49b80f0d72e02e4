import { type Client, createClient, indexedDbStorage } from "@multichat/client";

/**
 * The page's only SDK client. It survives a session that ends, so unsent messages stay in the outbox of their author.
 * Rooms and their latest pages are stored, so that a reload shows them at once.
 */
export const chat: Client = createClient({ storage: indexedDbStorage() });
