import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

const TIMES = 150;

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000" } });
});
afterAll(() => chat.close());

const clients: ChatClient[] = [];
const open = async (username: string): Promise<ChatClient> => {
  const client = await ChatClient.open(chat, username);
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.close();
    await client.closed();
  }
});

describe("what one user switches on and off reaches the others a bounded number of times", () => {
  test.each([
    {
      title: "joining and leaving",
      switchOn: (bob: ChatClient) => bob.do("room.join", { room: 2 }),
      switchOff: (bob: ChatClient) => bob.do("room.leave", { room: 2 }),
      last: (alice: ChatClient) => alice.named("exited", "bob"),
    },
    {
      title: "typing",
      switchOn: (bob: ChatClient) => bob.do("typing.start", { room: 2 }),
      switchOff: (bob: ChatClient) => bob.do("typing.stop", { room: 2 }),
      last: (alice: ChatClient) => alice.event("typing.stopped"),
    },
    {
      title: "presence",
      switchOn: (bob: ChatClient) => bob.do("presence.set", { status: "busy" }),
      switchOff: (bob: ChatClient) => bob.do("presence.set", { status: "away" }),
      last: (alice: ChatClient) => alice.event("presence.changed", ({ status }) => status === "away"),
    },
  ])("$title", async ({ switchOn, switchOff, last }) => {
    const alice = await open("alice");
    await alice.join(2);
    const bobs = [await open("bob"), await open("bob")];
    for (const bob of bobs) await bob.join(2);
    // Otherwise his entry and his exit may fall into one difference, which says nothing.
    await alice.named("entered", "bob");
    await alice.fence();
    const before = alice.events.length;
    const startedAt = performance.now();
    for (let i = 0; i < TIMES; i += 1) {
      for (const bob of bobs) {
        await switchOn(bob);
        await switchOff(bob);
      }
    }
    await last(alice);
    const seconds = (performance.now() - startedAt) / 1_000;
    await alice.fence();
    // A burst, and two a second, or four differences of a room; each bob's first exit is published whatever the rate.
    expect(alice.events.length - before).toBeLessThanOrEqual(12 + bobs.length + Math.ceil(4 * seconds));
  });

  test("reactions, and the last one counts", async () => {
    const alice = await open("alice");
    const bobs = [await open("bob"), await open("bob")];
    for (const client of [alice, ...bobs]) await client.join(2);
    const { message } = await alice.say(2, "react to this");
    const target = { room: 2, message: message.id, emoji: "👍" };
    await alice.fence();
    const before = alice.events.length;
    const startedAt = performance.now();
    const ids: (readonly [ChatClient, number])[] = [];
    for (let i = 0; i < TIMES; i += 1) {
      for (const bob of bobs) {
        ids.push([bob, bob.begin("reaction.add", target)], [bob, bob.begin("reaction.remove", target)]);
      }
    }
    for (const [bob, id] of ids) expect(await bob.reply(id)).toEqual({ re: id, ok: { seq: expect.any(Number) } });
    // The last change of all: whatever the two devices did, it is what remains.
    await bobs[0]?.do("reaction.add", target);
    await alice.event("reaction.added", ({ seq }) => seq > message.seq);
    await alice.fence();
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(alice.events.length - before).toBeLessThanOrEqual(1 + 8 + Math.ceil(2 * seconds) + 2);
    const { messages } = await alice.do("history.page", { room: 2, limit: 1 });
    expect(messages[0]?.reactions).toMatchObject([{ emoji: "👍", count: 1 }]);
  });

  test("other commands of the same connection do not wait for a reaction that does", async () => {
    const bob = await open("bob");
    await bob.join(2);
    const { message } = await bob.say(2, "react to this, too");
    const target = { room: 2, message: message.id, emoji: "🎉" };
    const ids = Array.from({ length: 40 }, (_, i) =>
      bob.begin(i % 2 === 0 ? "reaction.add" : "reaction.remove", target),
    );
    const said = await bob.say(2, "meanwhile");
    expect(said.message.body).toBe("meanwhile");
    expect(
      ids.some((id) => bob.replies(id).length === 0),
      "some reactions still wait",
    ).toBe(true);
    for (const id of ids) expect(await bob.reply(id)).toMatchObject({ ok: { seq: expect.any(Number) } });
  });
});
