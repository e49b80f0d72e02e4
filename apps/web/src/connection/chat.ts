import { type Client, createClient, indexedDbStorage } from "@multichat/client";

/**
 * The one connection of this page. It outlives a sign-out and a new sign-in: what could not be sent stays in its outbox for its
 * author. Rooms and last pages are kept too, so that a reload shows them at once. Nothing else in this client makes sockets.
 */
export const chat: Client = createClient({ storage: indexedDbStorage() });
