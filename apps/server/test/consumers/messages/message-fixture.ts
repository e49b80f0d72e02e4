import type { Message } from "@multichat/protocol";
import { afterAll, beforeAll } from "vitest";
import type { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { type TestClients, useTestClients } from "../../support/test-clients.ts";

/** A chat in which the clients of each test have joined the first room, for the tests of the calling file. */
export interface MessageFixture extends TestClients {
  readonly chat: TestChat;
}

export function useMessageFixture(): MessageFixture {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  });
  afterAll(() => chat.close());
  const clients = useTestClients(() => chat);
  return {
    get chat() {
      return chat;
    },
    ...clients,
    async open(username) {
      const client = await clients.open(username);
      await client.join(1);
      return client;
    },
  };
}

export async function findMessage(client: ChatClient, id: string): Promise<Message | undefined> {
  return (await client.do("history.page", { room: 1 })).messages.find((message) => message.id === id);
}
