import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

const OTHERS = Array.from({ length: 60 }, (_, n) => `guest${n}`);

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({
    people: ["alice", ...OTHERS].map((username) => ({ username })),
    env: { LIMIT_COMMANDS_PER_SECOND: "10000" },
  });
});
afterAll(() => chat.close());

test("a room that opens while a connection asks for the list is in the list, or announced", async () => {
  await chat.session("alice");
  for (const [n, username] of OTHERS.entries()) {
    const guest = await ChatClient.open(chat, username);
    const opening = ChatClient.open(chat, "alice");
    // Another moment of the handshake each time.
    for (let turn = 0; turn < n % 12; turn += 1) await setTimeout(turn % 3);
    const direct = guest.do("direct.open", { user: "alice" });
    const alice = await opening;
    const { rooms } = await alice.do("room.list", {});
    const { room } = await direct;
    const isAnnounced = () => alice.events.some((event) => event.on === "room.listed" && event.room === room.id);
    await alice.until(() => rooms.some(({ id }) => id === room.id) || isAnnounced());
    alice.close();
    guest.close();
  }
});
