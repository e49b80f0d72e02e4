import { ChatClient } from "./chat-client.ts";
import type { Client } from "./client.ts";
import type { ClientOptions } from "./client-options.ts";
import { resolveOptions } from "./resolved-options.ts";

/**
 * Creates a client, which connects with `connect()`.
 * @throws TypeError when an option is out of its bounds.
 */
export function createClient(options: ClientOptions = {}): Client {
  return new ChatClient(resolveOptions(options));
}
