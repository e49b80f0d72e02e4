import type { Room } from "@multichat/protocol";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";
import { type TestClients, useTestClients } from "../../support/test-clients.ts";

const PEOPLE = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  ...["alice", "bob", "carol", "dave", "erin", "gone"].map((username) => ({ username })),
];

/** A chat with people, in which everybody can create rooms, for the tests of the calling file. */
export interface MemberFixture extends TestClients {
  readonly chat: TestChat;
}

export function useMemberFixture(): MemberFixture {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await TestChat.start({ people: PEOPLE, env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
  });
  afterAll(() => chat.close());
  beforeEach(async () => {
    await chat.api("admin", "PATCH", "/api/settings", { roomCreators: "everybody" });
  });
  const clients = useTestClients(() => chat);
  return {
    ...clients,
    get chat() {
      return chat;
    },
  };
}

export async function createRoom(owner: ChatClient, options: { private?: boolean } = {}): Promise<Room> {
  return (await owner.do("room.create", { clientId: crypto.randomUUID(), title: "Allotment", ...options })).room;
}

export async function findEntry(client: ChatClient, room: string) {
  return (await client.do("room.list", {})).rooms.find(({ id }) => id === room);
}

export async function isListed(client: ChatClient, room: string): Promise<boolean> {
  return (await findEntry(client, room)) !== undefined;
}

/** Makes a change and waits until its effect arrives. */
export async function awaitEffect(change: () => Promise<unknown>, effect: () => Promise<unknown>): Promise<void> {
  await change();
  await effect();
}

/** Posts a message to the room, and expects that the client does not receive it. */
export async function expectNotReceived(client: ChatClient, room: string, insider: ChatClient): Promise<void> {
  await insider.join(room);
  const { message } = await insider.say(room, "not for everyone");
  await insider.event("message.posted", (event) => event.message.id === message.id);
  await client.fence();
  expect(JSON.stringify(client.received)).not.toContain(message.id);
}
