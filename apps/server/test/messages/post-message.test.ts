import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { toRefusal } from "../../src/access/to-refusal.ts";
import { pageHistory } from "../../src/messages/page-history.ts";
import { postMessage } from "../../src/messages/post-message.ts";
import { changeRoom } from "../../src/rooms/change-room.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { testConfig } from "../support/chat-server.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let house: CommandFixture;
beforeAll(async () => {
  house = await openCommandFixture();
});
afterAll(async () => {
  await house.close();
});

let made = 0;
let here = "";
beforeEach(async () => {
  here = (await house.context.store.rooms.create({ title: "A room of the test", by: null })).room.id;
});
const say = (body: string) => {
  made += 1;
  return { room: here, clientId: `m-${made}`, body };
};

test("is heard by the room after its commit, once, and a repetition is answered alike and heard by nobody", async () => {
  const { context } = house;
  const alice = await house.actor("alice");
  await house.subscribe(`room.${here}`);
  const message = say("hello");
  const first = await postMessage(context, alice, message);
  expect(first.message).toMatchObject({ room: here, body: "hello", author: { id: alice.id, username: "alice" } });
  expect(await house.takeMessages()).toMatchObject([
    { type: "log.event", event: { on: "message.posted", seq: first.seq, message: { body: "hello" } } },
  ]);
  expect(await postMessage(context, alice, message)).toEqual(first);
  expect(await house.takeMessages()).toEqual([]);
});

test("messages that are posted without waiting keep their order", async () => {
  const { context } = house;
  const alice = await house.actor("alice");
  const posted = await Promise.all(Array.from({ length: 300 }, (_, i) => postMessage(context, alice, say(String(i)))));
  const seqs = posted.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
});

test("a room that changes under the append is looked at again: who may still post does, who may not does not", async () => {
  const { context } = house;
  const [admin, sara, alice] = [await house.actor("admin"), await house.actor("sara"), await house.actor("alice")];
  const changing = changeRoom(context, admin, { room: here, changes: { staffOnly: true } });
  const [bySara, byAlice] = await Promise.allSettled([
    postMessage(context, sara, say("still staff")),
    postMessage(context, alice, say("too late")),
  ]);
  await changing;
  expect(bySara.status).toBe("fulfilled");
  expect(byAlice).toMatchObject({ status: "rejected", reason: { code: "ROOM_INVALID" } });
  const { messages } = await pageHistory(context, admin, { room: here });
  expect(messages.map(({ body }) => body)).toEqual(["still staff"]);
});

test("a change that another process has just made counts, though this one has not heard of it", async () => {
  const { context } = house;
  const [sara, alice] = [await house.actor("sara"), await house.actor("alice")];
  const beside = await openSqliteStore({ file: testConfig(house.dataDir).databaseFile });
  try {
    await beside.rooms.change({ room: here, changes: { staffOnly: true }, by: null });
    expect((await context.store.rooms.find(here))?.staffOnly, "not heard of yet").toBe(false);
    const byAlice = postMessage(context, alice, say("too late"));
    const bySara = postMessage(context, sara, say("still staff"));
    await expect(byAlice).rejects.toMatchObject({ code: "ROOM_INVALID" });
    expect((await bySara).message.body).toBe("still staff");
  } finally {
    await beside.close();
  }
});

test("an archived room takes nothing, from staff either", async () => {
  const { context } = house;
  const sara = await house.actor("sara");
  await changeRoom(context, sara, { room: here, changes: { archived: true } });
  await expect(postMessage(context, sara, say("x"))).rejects.toMatchObject({ code: "ROOM_ARCHIVED" });
});

test("when the database is closed it is unavailable, for whoever asks", async () => {
  const { context } = house;
  const alice = await house.actor("alice");
  await house.close();
  const failure = await postMessage(context, alice, say("x")).catch((error: unknown) => error);
  expect(toRefusal(failure)).toMatchObject({ code: "UNAVAILABLE", retryAfter: 1 });
  house = await openCommandFixture();
});
