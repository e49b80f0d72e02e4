import { afterEach } from "vitest";
import { ChatClient } from "./chat-client.ts";
import type { TestChat } from "./chat-server.ts";

/** The clients of one test, which are closed after it. */
export interface TestClients {
  /** Opens a connection with the user's session. */
  open(username: string): Promise<ChatClient>;
  /** Closes one that was opened in another way. */
  add(client: { close(): void }): void;
}

export function useTestClients(chat: () => TestChat): TestClients {
  const clients: { close(): void }[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  return {
    async open(username) {
      const client = await ChatClient.open(chat(), username);
      clients.push(client);
      return client;
    },
    add: (client) => clients.push(client),
  };
}
