import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { toRefusal } from "../../src/access/to-refusal.ts";
import { postMessage } from "../../src/messages/post-message.ts";
import { readHistory } from "../../src/messages/read-history.ts";
import { changeRoom } from "../../src/rooms/change-room.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { testConfig } from "../support/chat-server.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
beforeAll(async () => {
  fixture = await openCommandFixture();
});
afterAll(async () => {
  await fixture.close();
});

let messageCount = 0;
let room = "";
beforeEach(async () => {
  room = (await fixture.context.store.rooms.create({ title: "A room of the test", by: null })).room.id;
});
const newMessage = (body: string) => {
  messageCount += 1;
  return { room, clientId: `m-${messageCount}`, body };
};

test("publishes a message once after its commit, and answers a retry with it without publishing again", async () => {
  const { context } = fixture;
  const alice = await fixture.actor("alice");
  await fixture.subscribe(`room.${room}`);
  const message = newMessage("hello");
  const first = await postMessage(context, alice, message);
  expect(first.message).toMatchObject({ room, body: "hello", author: { id: alice.id, username: "alice" } });
  expect(await fixture.takeMessages()).toMatchObject([
    { type: "log.event", event: { on: "message.posted", seq: first.seq, message: { body: "hello" } } },
  ]);
  expect(await postMessage(context, alice, message)).toEqual(first);
  expect(await fixture.takeMessages()).toEqual([]);
});

test("keeps the order of messages that are posted without waiting", async () => {
  const { context } = fixture;
  const alice = await fixture.actor("alice");
  const posted = await Promise.all(
    Array.from({ length: 300 }, (_, i) => postMessage(context, alice, newMessage(String(i)))),
  );
  const seqs = posted.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
});

test("checks access again when the room changes during the append", async () => {
  const { context } = fixture;
  const [admin, sara, alice] = [
    await fixture.actor("admin"),
    await fixture.actor("sara"),
    await fixture.actor("alice"),
  ];
  const changing = changeRoom(context, admin, { room, changes: { staffOnly: true } });
  const [bySara, byAlice] = await Promise.allSettled([
    postMessage(context, sara, newMessage("still staff")),
    postMessage(context, alice, newMessage("too late")),
  ]);
  await changing;
  expect(bySara.status).toBe("fulfilled");
  expect(byAlice).toMatchObject({ status: "rejected", reason: { code: "ROOM_INVALID" } });
  const { messages } = await readHistory(context, admin, { room });
  expect(messages.map(({ body }) => body)).toEqual(["still staff"]);
});

test("respects a change of another process that this one has not read yet", async () => {
  const { context } = fixture;
  const [sara, alice] = [await fixture.actor("sara"), await fixture.actor("alice")];
  const otherStore = await openSqliteStore({ file: testConfig(fixture.dataDir).databaseFile });
  try {
    await otherStore.rooms.change({ room, changes: { staffOnly: true }, by: null });
    expect((await context.store.rooms.find(room))?.staffOnly, "not read yet").toBe(false);
    const byAlice = postMessage(context, alice, newMessage("too late"));
    const bySara = postMessage(context, sara, newMessage("still staff"));
    await expect(byAlice).rejects.toMatchObject({ code: "ROOM_INVALID" });
    expect((await bySara).message.body).toBe("still staff");
  } finally {
    await otherStore.close();
  }
});

test("refuses messages to an archived room, from staff as well", async () => {
  const { context } = fixture;
  const sara = await fixture.actor("sara");
  await changeRoom(context, sara, { room, changes: { archived: true } });
  await expect(postMessage(context, sara, newMessage("x"))).rejects.toMatchObject({ code: "ROOM_ARCHIVED" });
});

test("is unavailable while the database is closed", async () => {
  const { context } = fixture;
  const alice = await fixture.actor("alice");
  await fixture.close();
  const failure = await postMessage(context, alice, newMessage("x")).catch((error: unknown) => error);
  expect(toRefusal(failure)).toMatchObject({ code: "UNAVAILABLE", retryAfter: 1 });
  fixture = await openCommandFixture();
});
