import { type EventOf, InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { expect, test } from "vitest";
import type { ChatEvents } from "../../src/fan-out/chat-events.ts";
import type { Hint } from "../../src/fan-out/hints.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import type { StoredRoom } from "../../src/store/store.ts";

const publicGeneral = {
  id: "general",
  number: 1,
  title: "General",
  topic: "",
  kind: "open",
  staffOnly: false,
  archived: false,
  slowModeSeconds: 0,
  people: [],
  lastSeq: 1,
  createdAt: 1,
} as const;
const general: StoredRoom = {
  ...publicGeneral,
  accessVersion: 1,
  members: null,
  banned: new Set(),
  roles: new Map(),
  mutedUntil: new Map(),
};
const backRoom: StoredRoom = { ...general, kind: "private", members: new Set(["alice", "bob"]) };

async function createBroadcasts(groups: readonly string[], rooms = [general]) {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of groups) await layer.groupAdd(group, channel);
  const lost: unknown[] = [];
  const claimed = new Set<string>();
  const changes = {
    claim: async ({ room, seq }: { room: string; seq: number }): Promise<boolean> => {
      const isFirst = !claimed.has(`${room} ${seq}`);
      claimed.add(`${room} ${seq}`);
      return isFirst;
    },
  };
  const broadcasts = new LayerBroadcasts({ layer, rooms, changes, onLost: (error) => lost.push(error) });
  return { layer, channel, changes, broadcasts, lost, next: (): Promise<LayerMessage> => layer.receive(channel) };
}

test("a room change carries the room's previous visibility", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody"]);
  await broadcasts.publishRoomChange({ ...general, staffOnly: true });
  expect(await next()).toMatchObject({
    type: "room.changed",
    previous: { staffOnly: false, open: true },
    room: { staffOnly: true },
  });
  await broadcasts.publishRoomChange({ ...general, title: "Back room", staffOnly: true });
  expect(await next()).toMatchObject({ previous: { staffOnly: true } });
  await broadcasts.publishRoomChange({ ...general, id: "new", number: 2 });
  expect(await next()).toMatchObject({ previous: null, room: { id: "new" } });
});

test("the audience of a private room is sent beside its public form", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody"]);
  await broadcasts.publishRoomChange({ ...backRoom, banned: new Set(["eve"]) });
  const { room, audience } = await next();
  expect(audience).toEqual({ members: ["alice", "bob"], banned: ["eve"] });
  expect(Object.keys(room as object).sort()).toEqual(Object.keys(publicGeneral).sort());
});

test("a membership change is published to its user alone", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody", "user.bob", "user.carol"], [backRoom]);
  await broadcasts.publishMemberChange({ ...backRoom, members: new Set(["alice"]) }, "bob", null);
  expect(await next()).toMatchObject({
    type: "membership.changed",
    admitted: false,
    wasAdmitted: true,
    membership: { role: null, mutedUntil: null },
  });
  const withCarol = { ...backRoom, members: new Set(["alice", "carol"]) };
  await broadcasts.publishMemberChange(withCarol, "carol", { role: "member", mutedUntil: null });
  expect(await next()).toMatchObject({ admitted: true, wasAdmitted: false, membership: { role: "member" } });
});

test("a room change with membership changes is also published to each affected user", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody", "user.bob", "user.eve"], [backRoom]);
  await broadcasts.publishRoomChange({
    ...backRoom,
    members: new Set(["alice", "carol"]),
    banned: new Set(["bob", "eve"]),
  });
  expect(await next()).toMatchObject({ type: "room.changed" });
  expect(await next()).toMatchObject({
    type: "membership.changed",
    admitted: false,
    wasAdmitted: true,
    membership: null,
  });
  await broadcasts.publishRoomDeletion(backRoom);
  expect(await next(), "eve was not admitted before either, and receives nothing").toMatchObject({
    type: "room.deleted",
  });
});

test("a room change that comes with a membership change is published to everybody first", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody", "user.alice"]);
  await broadcasts.publishMemberChange(backRoom, "alice", { role: "owner", mutedUntil: null });
  expect(await next()).toMatchObject({ type: "room.changed", previous: { open: true } });
  expect(await next()).toMatchObject({ type: "membership.changed", admitted: true });
});

test("connections receive the public form of a room", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody"], [backRoom]);
  await broadcasts.publishRoomChange({ ...backRoom, accessVersion: 7, roles: new Map([["alice", "owner"]]) });
  // The layer carries any message; this is the one that was published.
  const changed = (await next()) as unknown as EventOf<ChatEvents, "room.changed">;
  expect(changed.room).toEqual({ ...publicGeneral, kind: "private" });
  expect(Object.keys(changed).sort()).toEqual(["audience", "previous", "room", "type"]);
});

test("a deletion is published once, with its audience", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody"], [{ ...general, staffOnly: true }]);
  await broadcasts.publishRoomDeletion(general);
  await broadcasts.publishRoomDeletion(general);
  await broadcasts.publishRoomChange({ ...general, id: "fence" });
  expect(await next()).toEqual({
    type: "room.deleted",
    id: "general",
    kind: "open",
    staffOnly: true,
    audience: { members: null, banned: [] },
  });
  expect(await next()).toMatchObject({ type: "room.changed" });
});

test("a log event is published only by the process that claims it", async () => {
  const { broadcasts, changes, next } = await createBroadcasts(["room.general"]);
  const event = (seq: number) => ({ on: "room.created", room: "general", seq, by: null }) as const;
  expect(await changes.claim({ room: "general", seq: 1 })).toBe(true);
  await broadcasts.publishLogEventOnce(general, event(1));
  await broadcasts.publishLogEventOnce(general, event(2));
  await broadcasts.publishLogEventOnce(general, event(2));
  await broadcasts.publishLogEvent(general, event(3));
  expect((await next()).event).toMatchObject({ seq: 2 });
  expect((await next()).event).toMatchObject({ seq: 3 });
});

test("the connection that left receives the event once, on its own channel", async () => {
  const { broadcasts, channel, next } = await createBroadcasts([]);
  await broadcasts.publishExit(general, { id: "u1", username: "alice" }, channel);
  expect(await next()).toEqual({
    type: "occupancy.changed",
    room: "general",
    number: 1,
    user: { id: "u1", username: "alice" },
    entered: false,
    except: null,
  });
});

test.each([
  [{ session: "s1" }, { session: "s1", keep: null, code: 4200 }],
  [
    { session: null, keep: "s2" },
    { session: null, keep: "s2", code: 4200 },
  ],
  [
    { session: null, banned: true },
    { session: null, keep: null, code: 4201 },
  ],
])("the end of session %j is published to its user", async (end, event) => {
  const { broadcasts, next } = await createBroadcasts(["user.u1"]);
  await broadcasts.publishSessionEnd("u1", end);
  expect(await next()).toEqual({ type: "session.ended", ...event });
});

test("connections here get the event, and other processes only a hint of where to look", async () => {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of ["everybody", "user.u1", "room.general", "classic.general"]) await layer.groupAdd(group, channel);
  const hints: Hint[] = [];
  const broadcasts = new LayerBroadcasts({
    layer: {
      send: (to, message) => layer.send(to, message),
      groupSend: async () => {
        throw new Error("expected nothing but hints on the server");
      },
      groupSendLocal: (group, message) => layer.groupSend(group, message),
    },
    rooms: [general],
    changes: { claim: async () => true },
    hints: { publish: async (hint) => void hints.push(hint) },
    onLost: (error) => {
      throw error;
    },
  });
  const next = async () => (await layer.receive(channel)).type;
  const received: string[] = [];
  const alice = { id: "u1", username: "alice" };
  const state = { role: null, mutedUntil: null, readSeq: 3, unread: 0, mentions: 0 };
  const publish = [
    () => broadcasts.publishLogEvent(general, { on: "room.created", room: "general", seq: 1, by: null }),
    () => broadcasts.publishRoomChange({ ...general, staffOnly: true }),
    () => broadcasts.publishMemberChange({ ...general, staffOnly: true }, "u1", { role: "owner", mutedUntil: null }),
    () => broadcasts.publishAccountChange({ ...alice, email: "a@b.example", staff: true, superuser: true }),
    () => broadcasts.publishSessionEnd("u1", { session: "s1" }),
    () => broadcasts.publishEntry(general, alice, "her-channel"),
    () => broadcasts.publishExit(general, alice),
    () => broadcasts.publishOccupancy("general", { count: 1, entered: [alice], exited: [] }),
    () => broadcasts.publishTyping("general", alice, { started: true, except: "her-channel" }),
    () => broadcasts.publishPresence("general", { user: "u1", status: "busy", text: "at lunch" }),
    () => broadcasts.publishReadMarker("u1", "general", state),
    () => broadcasts.publishRoomDeletion(general),
  ];
  for (const run of publish) {
    await run();
    received.push(await next());
  }
  expect(received).toEqual([
    "log.event",
    "room.changed",
    "membership.changed",
    "account.changed",
    "session.ended",
    "occupancy.changed",
    "occupancy.changed",
    "occupancy.counted",
    "typing.changed",
    "presence.changed",
    "marker.moved",
    "room.deleted",
  ]);
  const changes = { type: "changes.committed" };
  expect(hints).toEqual([
    { type: "log.event", room: "general", seq: 1 },
    changes,
    changes,
    changes,
    changes,
    { type: "occupancy.changed", room: "general", user: "u1", entered: true },
    { type: "occupancy.changed", room: "general", user: "u1", entered: false },
    { type: "typing.changed", room: "general", user: "u1", started: true },
    { type: "presence.changed", room: "general", user: "u1", status: "busy", text: "at lunch" },
    { type: "marker.moved", room: "general", user: "u1" },
    changes,
  ]);
});

test("an event that the layer rejects is reported, and the publisher does not fail", async () => {
  const { broadcasts, layer, lost } = await createBroadcasts([]);
  await layer.close();
  await broadcasts.publishRoomChange(general);
  await broadcasts.publishExit(general, { id: "u1", username: "alice" }, "other-channel");
  expect(lost).toHaveLength(3);
});
