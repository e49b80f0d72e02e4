import { type Client, createClient } from "@multichat/client";

/**
 * The one connection of this page. It outlives a sign-out and a new sign-in: what could not be sent stays in its outbox for its
 * author. Nothing else in this client makes sockets.
 */
export const chat: Client = createClient();
