import { describe, expect, test } from "vitest";
import { awaitEffect, createRoom, expectNotReceived, findEntry, isListed, useMemberFixture } from "./member-fixture.ts";

const fixture = useMemberFixture();
const { open } = fixture;

describe("a banned user", () => {
  test("loses the room and cannot return until the ban is lifted", async () => {
    const [alice, bob, carol] = [await open("alice"), await open("bob"), await open("carol")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    await awaitEffect(
      () => alice.do("member.remove", { room: room.id, user: "bob", ban: true }),
      () => bob.event("room.unlisted", (event) => event.room === room.id),
    );
    await alice.event("member.removed", (event) => event.user.username === "bob" && event.banned);
    await expectNotReceived(bob, room.id, alice);
    for (const address of [room.id, room.number]) {
      expect((await bob.refusal("room.join", { room: address })).code).toBe("ROOM_INVALID");
      expect((await bob.refusal("member.add", { room: address })).code).toBe("ROOM_INVALID");
    }
    expect(await isListed(bob, room.id)).toBe(false);
    expect((await alice.refusal("member.add", { room: room.id, user: "bob" })).code).toBe("MEMBER_BANNED");
    await fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Changed during the ban" });
    await carol.event("room.listed", (event) => event.entry.title === "Changed during the ban");
    await bob.fence();
    expect(JSON.stringify(bob.received)).not.toContain("Changed during the ban");

    await alice.do("member.remove", { room: room.id, user: "bob", ban: false });
    await bob.event("room.listed", (event) => event.room === room.id && event.entry.title === "Changed during the ban");
    await bob.join(room.id);
  });

  test("is listed with the time and author of the ban until it is lifted", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    const before = Date.now();
    await alice.do("member.remove", { room: room.id, user: "carol", ban: true });
    await bob.do("member.remove", { room: room.id, user: "dave", ban: true });
    await bob.do("member.remove", { room: room.id, user: "erin" });
    const { banned, count } = await bob.do("member.bans", { room: room.number });
    expect(banned.map(({ user, by }) => [user.username, by?.username])).toEqual([
      ["dave", "bob"],
      ["carol", "alice"],
    ]);
    expect(count).toBe(2);
    for (const { at } of banned) expect(at).toBeGreaterThanOrEqual(before);
    const { body } = await fixture.chat.api("bob", "GET", `/api/rooms/${room.number}/bans`);
    expect(body, "the same answer over HTTP").toEqual({ banned, count });
    await bob.do("member.remove", { room: room.id, user: "carol", ban: false });
    expect(await bob.do("member.bans", { room: room.id })).toEqual({ banned: banned.slice(0, 1), count: 1 });
  });

  test("is no longer listed for a moderator who becomes a plain member or is banned", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.do("member.add", { room: room.id, user: "bob", role: "moderator" });
    await bob.do("member.bans", { room: room.id });
    await alice.do("member.change", { room: room.id, user: "bob", role: "member" });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_ACCESS_DENIED");
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    expect((await bob.refusal("member.bans", { room: room.id })).code).toBe("ROOM_INVALID");
  });

  test("cannot be staff when the room's owner is not", async () => {
    const alice = await open("alice");
    const room = await createRoom(alice);
    expect((await alice.refusal("member.remove", { room: room.id, user: "sara", ban: true })).code).toBe(
      "ROOM_ACCESS_DENIED",
    );
  });

  test("receives nothing when the room is deleted", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.do("member.remove", { room: room.id, user: "bob", ban: true });
    await bob.event("room.unlisted", (event) => event.room === room.id);
    await fixture.chat.api("alice", "DELETE", `/api/rooms/${room.id}`);
    await alice.event("room.unlisted", (event) => event.room === room.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "room.unlisted")).toHaveLength(1);
  });
});

describe("a muted user", () => {
  test("can read but not write until the mute ends; a muted guest becomes a member", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.join(room.id);
    const { message } = await bob.say(room.id, "loud");
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 600 });
    const listed = await bob.event("room.listed", (event) => (event.membership?.mutedUntil ?? 0) > Date.now());
    expect(listed.membership?.role).toBe("member");
    const address = { room: room.id, message: message.id };
    for (const refusal of [
      await bob.refusal("message.send", { room: room.id, clientId: "a", body: "louder" }),
      await bob.refusal("message.edit", { ...address, body: "louder" }),
      await bob.refusal("reaction.add", { ...address, emoji: "👍" }),
      await bob.refusal("typing.start", { room: room.id }),
    ]) {
      expect(refusal.code).toBe("MEMBER_MUTED");
      expect(refusal.retryAfter).toBeGreaterThan(500);
    }
    expect((await bob.refusal("member.remove", { room: room.id })).code, "leaving does not end the mute").toBe(
      "MEMBER_MUTED",
    );
    await bob.do("message.delete", address);
    await alice.say(room.id, "quiet");
    await bob.event("message.posted", (event) => event.message.body === "quiet");
    expect(await findEntry(bob, room.id)).toMatchObject({ mutedUntil: listed.membership?.mutedUntil });
    await alice.do("member.change", { room: room.id, user: "bob", muteSeconds: 0 });
    await bob.say(room.id, "sorry");
  });

  test("is muted once when the command is retried after a lost reply", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const room = await createRoom(alice);
    await alice.join(room.id);
    await bob.do("member.add", { room: room.id });
    const mute = { room: room.id, user: "bob", muteSeconds: 600 };
    const first = await alice.do("member.change", mute);
    expect(await alice.do("member.change", mute)).toEqual(first);
    await alice.fence();
    expect(alice.events.filter((event) => event.on === "member.changed")).toHaveLength(1);
  });
});
