import { describe, expect, test } from "vitest";
import { findMessage, useMessageFixture } from "./message-fixture.ts";

const { open } = useMessageFixture();

describe("editing", () => {
  test("changes the message in the log and in the history", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "helo");
    const { seq, message: edited } = await alice.do("message.edit", { room: 1, message: message.id, body: "hello" });
    expect(edited).toMatchObject({ id: message.id, seq: message.seq, body: "hello", editedAt: expect.any(Number) });
    const event = await bob.event("message.edited", ({ message: { id } }) => id === message.id);
    expect(event).toEqual({
      on: "message.edited",
      room: message.room,
      seq,
      message: edited,
      by: { id: message.author?.id, username: "alice" },
    });
    expect(await findMessage(bob, message.id)).toEqual(edited);
  });

  test("is idempotent for the same body, and published once", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "helo");
    const edit = { room: 1, message: message.id, body: "hello" };
    const first = await alice.do("message.edit", edit);
    expect(await phone.do("message.edit", edit)).toEqual(first);
    await bob.event("message.edited", (event) => event.message.id === message.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "message.edited")).toHaveLength(1);
  });

  test("is allowed only for the author, and not for deleted or unknown messages", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const { message } = await alice.say(1, "mine");
    for (const other of [bob, sara]) {
      const { code } = await other.refusal("message.edit", { room: 1, message: message.id, body: "theirs" });
      expect(code).toBe("ROOM_ACCESS_DENIED");
    }
    await alice.do("message.delete", { room: 1, message: message.id });
    for (const id of [message.id, "nothing"]) {
      expect((await alice.refusal("message.edit", { room: 1, message: id, body: "again" })).code).toBe(
        "MESSAGE_NOT_FOUND",
      );
    }
  });

  test("refuses an empty body", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "something");
    expect((await alice.refusal("message.edit", { room: 1, message: message.id, body: " " })).code).toBe(
      "MESSAGE_INVALID",
    );
  });

  test("does not find a message of another room", async () => {
    const alice = await open("alice");
    await alice.join(2);
    const { message } = await alice.say(2, "over there");
    expect((await alice.refusal("message.edit", { room: 1, message: message.id, body: "here" })).code).toBe(
      "MESSAGE_NOT_FOUND",
    );
  });
});

describe("deleting", () => {
  test("by the author removes the body everywhere and keeps the message's place", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "a regrettable rhododendron");
    const { seq } = await alice.do("message.delete", { room: 1, message: message.id });
    const event = await bob.event("message.deleted", (event) => event.message === message.id);
    expect(event).toMatchObject({ seq, deletedAt: expect.any(Number), by: { username: "alice" } });
    expect(await findMessage(bob, message.id)).toMatchObject({ body: "", deletedAt: event.deletedAt });
    const { found } = await bob.do("message.search", { query: "rhododendron" });
    expect(found).toEqual([]);
    const rejoined = await bob.do("room.join", { room: 1, since: message.seq - 1 });
    expect(JSON.stringify(rejoined)).not.toContain("rhododendron");
  });

  test("is idempotent, also from another device, and published once", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "twice");
    const first = await alice.do("message.delete", { room: 1, message: message.id });
    expect(await phone.do("message.delete", { room: 1, message: message.id })).toEqual(first);
    await bob.event("message.deleted", (event) => event.message === message.id);
    await bob.fence();
    expect(bob.events.filter((event) => event.on === "message.deleted")).toHaveLength(1);
  });

  test("is refused for another member and allowed for staff", async () => {
    const [alice, bob, sara] = [await open("alice"), await open("bob"), await open("sara")];
    const { message } = await alice.say(1, "rude");
    expect((await bob.refusal("message.delete", { room: 1, message: message.id })).code).toBe("ROOM_ACCESS_DENIED");
    await sara.do("message.delete", { room: 1, message: message.id });
    expect(await alice.event("message.deleted", (event) => event.message === message.id)).toMatchObject({
      by: { username: "sara" },
    });
  });
});
