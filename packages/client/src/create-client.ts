import type { Client } from "./client.ts";
import type { ClientOptions } from "./options.ts";

/** @returns a client that is not connected yet. */
export function createClient(options: ClientOptions = {}): Client {
  throw new Error(`The engine of the client for ${options.url ?? "this origin"} is not in place yet.`);
}
