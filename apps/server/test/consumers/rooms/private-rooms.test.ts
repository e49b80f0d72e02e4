import type { Room } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { awaitEffect, createRoom, expectNotReceived, findEntry, isListed, useMemberFixture } from "./member-fixture.ts";

const fixture = useMemberFixture();
const { open } = fixture;

describe("a private room", () => {
  test("appears at once for an added user; a removed user loses it without a reason", async () => {
    const [alice, bob, phone, carol] = [await open("alice"), await open("bob"), await open("bob"), await open("carol")];
    const room = await createRoom(alice, { private: true });
    await alice.join(room.id);
    const { seq } = await alice.do("member.add", { room: room.id, user: "bob" });
    const listed = await phone.event("room.listed", (event) => event.room === room.id);
    expect(listed.membership).toEqual({ role: "member", mutedUntil: null });
    expect(await alice.event("member.joined", (event) => event.seq === seq)).toMatchObject({
      user: { username: "bob" },
      by: { username: "alice" },
      role: "member",
    });
    await bob.join(room.id);
    await bob.say(room.id, "thank you");

    await awaitEffect(
      () => alice.do("member.remove", { room: room.id, user: "bob" }),
      () => Promise.all([bob, phone].map((client) => client.event("room.unlisted", ({ room: id }) => id === room.id))),
    );
    await expectNotReceived(bob, room.id, alice);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
    expect((await bob.refusal("room.join", { room: room.id })).code).toBe("ROOM_INVALID");
    expect((await bob.refusal("message.send", { room: room.id, clientId: "a", body: "hey" })).code).toBe(
      "ROOM_INVALID",
    );
    expect(await isListed(bob, room.id)).toBe(false);
    const { epoch } = await bob.do("room.list", {});
    expect((await bob.do("resume", { epoch, rooms: { [room.id]: 1 } })).rooms).toEqual({ [room.id]: { gone: true } });
    await carol.fence();
    expect(JSON.stringify(carol.received)).not.toContain(room.id);
  });

  test("evicts users who are not members when it becomes private, and admits them again when it opens", async () => {
    const [alice, bob, carol, sara] = [await open("alice"), await open("bob"), await open("carol"), await open("sara")];
    const room = await createRoom(alice);
    await alice.do("member.add", { room: room.id, user: "carol" });
    for (const client of [bob, carol, sara]) await client.join(room.id);
    const close = () => fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "private" });
    await awaitEffect(close, () =>
      Promise.all([bob, sara].map((client) => client.event("room.unlisted", (event) => event.room === room.id))),
    );
    await expectNotReceived(bob, room.id, alice);
    await expectNotReceived(sara, room.id, alice);
    await carol.event("message.posted", (event) => event.room === room.id);
    expect(bob.events.some((event) => event.on === "room.changed")).toBe(false);
    await fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Behind the hedge" });
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("hedge");
    await fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { kind: "open" });
    await bob.event("room.listed", (event) => event.entry.title === "Behind the hedge");
    await bob.join(room.id);
  });

  test("keeps staff who make a room private as its owner", async () => {
    const [sara, alice] = [await open("sara"), await open("alice")];
    const { body } = await fixture.chat.api("sara", "PATCH", "/api/rooms/1", { kind: "private" });
    const { id } = (body as { room: Room }).room;
    expect(await findEntry(sara, id)).toMatchObject({ role: "owner", kind: "private" });
    expect(await isListed(alice, id)).toBe(false);
  });

  test("delivers nothing to a removed user afterwards, even while their connection is busy", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    // Events of a connection wait while it answers: these answers take a while each.
    const busy = Array.from({ length: 1_500 }, () => bob.begin("history.page", { room: room.id }));
    await bob.reply(busy[0] ?? 0);
    await alice.do("member.remove", { room: room.id, user: "bob" });
    const posted = await Promise.all(
      Array.from({ length: 10 }, (_, i) => alice.say(room.id, `after the removal of bob ${i}`)),
    );
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    const received = bob.events.flatMap((event) => (event.on === "message.posted" ? [event.message.id] : []));
    expect(posted.map(({ message }) => message.id).filter((id) => received.includes(id))).toEqual([]);
    expect(bob.events.some(({ on }) => on === "member.removed")).toBe(false);
  });

  test("cannot be joined again by a user who left it", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice, { private: true });
    await alice.do("member.add", { room: room.id, user: "bob" });
    await alice.join(room.id);
    await bob.join(room.id);
    await bob.do("member.remove", { room: room.id });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await alice.event("member.left", ({ user }) => user.username === "bob");
    expect((await bob.refusal("member.add", { room: room.id })).code).toBe("ROOM_INVALID");
  });
});
