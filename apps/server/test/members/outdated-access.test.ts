import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../../src/accounts/accounts.ts";
import { addMember, changeMember, removeMember } from "../../src/members/index.ts";
import { changeRoom, deleteRoom } from "../../src/rooms/index.ts";
import type { ActorRef, MemberStore, RoomStore } from "../../src/store/store.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
let people: Readonly<Record<"alice" | "bob" | "carol" | "sara", Actor>>;
beforeAll(async () => {
  fixture = await openCommandFixture();
  await fixture.context.accounts.create({ username: "carol", password: "the password of carol" });
  const [alice, bob, carol, sara] = await Promise.all(["alice", "bob", "carol", "sara"].map(fixture.actor));
  if (!alice || !bob || !carol || !sara) throw new Error("expected four people");
  people = { alice, bob, carol, sara };
});
afterAll(async () => {
  await fixture.close();
});

interface Case {
  readonly name: string;
  /** The role of bob, who acts. @default "moderator" */
  readonly role?: "owner" | "moderator";
  readonly kind?: "open";
  /** What alice, the owner, does in the same moment. */
  readonly revoke: (store: { members: MemberStore; rooms: RoomStore }, room: string, by: ActorRef) => Promise<unknown>;
  readonly act: (context: CommandFixture["context"], room: string) => Promise<unknown>;
  readonly code: string;
}

const removeBob: Case["revoke"] = ({ members }, room, by) => members.remove({ room, user: people.bob, by });
const demoteBob: Case["revoke"] = ({ members }, room, by) =>
  members.change({ room, user: people.bob.id, changes: { role: "member" }, by });

test.each<Case>([
  {
    name: "a removed moderator adds themselves",
    revoke: removeBob,
    act: (context, room) => addMember(context, people.bob, { room, user: "bob", role: "moderator" }),
    code: "ROOM_INVALID",
  },
  {
    name: "a removed moderator repeats an addition that has no effect",
    revoke: removeBob,
    act: (context, room) => addMember(context, people.bob, { room, user: "carol" }),
    code: "ROOM_INVALID",
  },
  {
    name: "a demoted moderator takes the role back",
    revoke: demoteBob,
    act: (context, room) => changeMember(context, people.bob, { room, user: "bob", role: "moderator" }),
    code: "ROOM_ACCESS_DENIED",
  },
  {
    name: "a demoted moderator mutes a member",
    revoke: demoteBob,
    act: (context, room) => changeMember(context, people.bob, { room, user: "carol", muteSeconds: 600 }),
    code: "ROOM_ACCESS_DENIED",
  },
  {
    name: "a demoted moderator mutes a guest",
    kind: "open",
    revoke: demoteBob,
    act: (context, room) => changeMember(context, people.bob, { room, user: "sara", muteSeconds: 600 }),
    code: "ROOM_ACCESS_DENIED",
  },
  {
    name: "a demoted moderator bans a member",
    revoke: demoteBob,
    act: (context, room) => removeMember(context, people.bob, { room, user: "carol", ban: true }),
    code: "ROOM_ACCESS_DENIED",
  },
  {
    name: "a moderator bans a user who is made an owner",
    kind: "open",
    revoke: ({ members }, room, by) => members.add({ room, user: people.carol, role: "owner", by }),
    act: (context, room) => removeMember(context, people.bob, { room, user: "carol", ban: true }),
    code: "ROOM_ACCESS_DENIED",
  },
  {
    name: "a demoted owner opens the room",
    role: "owner",
    revoke: demoteBob,
    act: (context, room) => changeRoom(context, people.bob, { room, changes: { kind: "open" } }),
    code: "FORBIDDEN",
  },
  {
    name: "a demoted moderator archives the room",
    revoke: demoteBob,
    act: (context, room) => changeRoom(context, people.bob, { room, changes: { archived: true } }),
    code: "FORBIDDEN",
  },
  {
    name: "a demoted owner deletes the room",
    role: "owner",
    revoke: demoteBob,
    act: (context, room) => deleteRoom(context, people.bob, { room }),
    code: "FORBIDDEN",
  },
  {
    name: "staff make a room private that just became so",
    kind: "open",
    revoke: ({ rooms }, room, by) => rooms.change({ room, changes: { kind: "private" }, by }),
    act: (context, room) => changeRoom(context, people.sara, { room, changes: { kind: "private" } }),
    code: "ROOM_INVALID",
  },
])("access that was just lost decides no change: $name", async ({ role, kind, revoke, act, code }) => {
  const { context } = fixture;
  const { store } = context;
  const by = { id: people.alice.id, username: "alice" };
  const { room } = await store.rooms.create({ title: "Room", private: kind !== "open", by });
  await store.members.add({ room: room.id, user: people.bob, role: role ?? "moderator", by });
  if (kind !== "open") await store.members.add({ room: room.id, user: people.carol, role: "member", by });
  // Written first, and not yet in the cache that the policy is asked with.
  const revoking = revoke(store, room.id, by);
  const acting = act(context, room.id);
  await expect(acting).rejects.toMatchObject({ code });
  await revoking;
  const after = await store.rooms.find(room.id);
  const log = await store.eventLog.readSince({ room: room.id, since: 0, limit: 20 });
  const last = log?.at(-1);
  expect(last, "the loss is the last event").toMatchObject({ seq: after?.lastSeq, by });
  expect(after?.members?.has(people.sara.id) ?? false).toBe(false);
});
