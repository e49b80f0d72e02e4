import { describe, expect, test } from "vitest";
import { useMemberFixture } from "./member-fixture.ts";

const fixture = useMemberFixture();
const { open } = fixture;

describe("a direct conversation", () => {
  test("is one room for both users, created once and listed for both at once", async () => {
    const [alice, bob, phone] = [await open("alice"), await open("bob"), await open("bob")];
    const { room } = await alice.do("direct.open", { user: "bob" });
    expect(room).toMatchObject({ kind: "direct", title: "" });
    expect(room.people.map(({ username }) => username).sort()).toEqual(["alice", "bob"]);
    expect((await bob.do("direct.open", { user: "alice" })).room.id).toBe(room.id);
    await phone.event("room.listed", (event) => event.room === room.id);
    await bob.join(room.id);
    await alice.join(room.id);
    await alice.say(room.id, "hello");
    await bob.event("message.posted", (event) => event.room === room.id);
    expect(bob.events.filter((event) => event.on === "room.listed" && event.room === room.id)).toHaveLength(1);
  });

  test("cannot be changed, left or extended, and both users may pin", async () => {
    const [alice, bob] = [await open("alice"), await open("bob")];
    const { room } = await alice.do("direct.open", { user: "bob" });
    const refusals = [
      await alice.refusal("member.add", { room: room.id, user: "carol" }),
      await alice.refusal("member.remove", { room: room.id, user: "bob", ban: true }),
      await alice.refusal("member.remove", { room: room.id }),
      await alice.refusal("member.change", { room: room.id, user: "bob", muteSeconds: 60 }),
      await alice.refusal("member.bans", { room: room.id }),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(Array(5).fill("ROOM_ACCESS_DENIED"));
    expect((await fixture.chat.api("alice", "PATCH", `/api/rooms/${room.id}`, { title: "Us" })).status).toBe(403);
    expect((await fixture.chat.api("alice", "DELETE", `/api/rooms/${room.id}`)).status).toBe(403);
    await bob.join(room.id);
    const { message } = await bob.say(room.id, "keep this");
    await alice.do("message.pin", { room: room.id, message: message.id });
    expect((await alice.refusal("message.delete", { room: room.id, message: message.id })).code).toBe(
      "ROOM_ACCESS_DENIED",
    );
  });
});
