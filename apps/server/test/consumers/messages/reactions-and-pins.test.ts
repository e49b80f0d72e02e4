import { describe, expect, test } from "vitest";
import { findMessage, useMessageFixture } from "./message-fixture.ts";

const { open } = useMessageFixture();

describe("reactions", () => {
  test("are counted, marked as mine, and removed again", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { message } = await alice.say(1, "cake?");
    const address = { room: 1, message: message.id, emoji: "🎂" };
    await alice.do("reaction.add", address);
    await bob.do("reaction.add", address);
    await alice.event("reaction.added", (event) => event.message === message.id && event.user.username === "bob");
    expect((await findMessage(alice, message.id))?.reactions).toMatchObject([{ emoji: "🎂", count: 2, mine: true }]);
    await bob.do("reaction.remove", address);
    await alice.event("reaction.removed", (event) => event.message === message.id);
    expect((await findMessage(bob, message.id))?.reactions).toMatchObject([{ emoji: "🎂", count: 1, mine: false }]);
  });

  test("are idempotent to add and to remove", async () => {
    const [alice, phone, bob] = [await open("alice"), await open("alice"), await open("bob")];
    const { message } = await bob.say(1, "hm");
    const address = { room: 1, message: message.id, emoji: "👍" };
    const first = await alice.do("reaction.add", address);
    expect(await phone.do("reaction.add", address)).toEqual(first);
    const removed = await alice.do("reaction.remove", address);
    expect(await phone.do("reaction.remove", address)).toEqual(removed);
    await bob.event("reaction.removed", (event) => event.message === message.id);
    await bob.fence();
    const events = bob.events.filter((event) => "message" in event && event.message === message.id);
    expect(events.map(({ on: kind }) => kind)).toEqual(["reaction.added", "reaction.removed"]);
  });

  test("in two spellings of an emoji are one", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "react");
    const on = { room: 1, message: message.id };
    const { seq } = await alice.do("reaction.add", { ...on, emoji: "❤" });
    expect((await alice.do("reaction.add", { ...on, emoji: "❤️" })).seq).toBe(seq);
    expect((await findMessage(alice, message.id))?.reactions).toMatchObject([{ emoji: "❤️", count: 1 }]);
    await alice.do("reaction.remove", { ...on, emoji: "❤" });
    expect((await findMessage(alice, message.id))?.reactions).toEqual([]);
  });

  test("are one emoji each, up to a limit of different ones", async () => {
    const alice = await open("alice");
    const { message } = await alice.say(1, "everything");
    for (const emoji of ["ok", "", "👍👍", "<b>"]) {
      expect((await alice.refusal("reaction.add", { room: 1, message: message.id, emoji })).code).toBe(
        "COMMAND_INVALID",
      );
    }
    const faces = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    for (const emoji of faces.slice(0, 20)) await alice.do("reaction.add", { room: 1, message: message.id, emoji });
    const { code, message: text } = await alice.refusal("reaction.add", {
      room: 1,
      message: message.id,
      emoji: faces[20] ?? "",
    });
    expect([code, text]).toEqual(["LIMIT_EXCEEDED", expect.stringMatching(/at most 20/)]);
  });
});

describe("pins", () => {
  test("are set by moderators, listed newest first, idempotent, and announced when removed", async () => {
    const [alice, sara] = [await open("alice"), await open("sara")];
    const [one, two] = [(await alice.say(1, "one")).message.id, (await alice.say(1, "two")).message.id];
    expect((await alice.refusal("message.pin", { room: 1, message: one })).code).toBe("ROOM_ACCESS_DENIED");
    const first = await sara.do("message.pin", { room: 1, message: one });
    expect(await sara.do("message.pin", { room: 1, message: one })).toEqual(first);
    await sara.do("message.pin", { room: 1, message: two });
    const ids = async () => (await alice.do("pin.list", { room: 1 })).messages.map(({ id }) => id);
    expect(await ids()).toEqual([two, one]);
    expect((await findMessage(alice, one))?.pinned).toBe(true);
    await sara.do("message.unpin", { room: 1, message: one });
    await alice.event("message.unpinned", (event) => event.message === one);
    expect(await ids()).toEqual([two]);
    expect((await alice.refusal("message.unpin", { room: 1, message: two })).code).toBe("ROOM_ACCESS_DENIED");
    await alice.do("message.delete", { room: 1, message: two });
    expect(await ids()).toEqual([]);
  });
});
