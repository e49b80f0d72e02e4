import { ChannelsError, type EventOf, InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { expect, test } from "vitest";
import type { ChatEvents, ProcessEvents } from "../../src/fan-out/chat-events.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import { deserializeRoom } from "../../src/fan-out/serialized-room.ts";
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

test("processes receive the whole stored room, clients its public form alone", async () => {
  const { broadcasts, next } = await createBroadcasts(["everybody", "processes"], [backRoom]);
  const stored: StoredRoom = {
    ...backRoom,
    accessVersion: 7,
    banned: new Set(["eve"]),
    roles: new Map([["alice", "owner"]]),
    mutedUntil: new Map([["bob", 9]]),
  };
  await broadcasts.publishRoomChange(stored);
  const changed = (await next()) as unknown as EventOf<ChatEvents, "room.changed">;
  expect(changed.room).toEqual({ ...publicGeneral, kind: "private" });
  expect(deserializeRoom(changed)).toEqual(stored);
  await broadcasts.publishMemberChange(stored, "bob", { role: "member", mutedUntil: 9 });
  const refreshed = (await next()) as unknown as EventOf<ProcessEvents, "room.refreshed">;
  expect(refreshed).toMatchObject({ type: "room.refreshed" });
  expect(deserializeRoom(refreshed)).toEqual(stored);
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

test("local access events bypass the layer's server, and every event reaches local connections while it is away", async () => {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of ["everybody", "user.u1", "room.general"]) await layer.groupAdd(group, channel);
  let isAway = false;
  const sent: string[] = [];
  const lost: string[] = [];
  const broadcasts = new LayerBroadcasts({
    layer: {
      send: (to, message) => layer.send(to, message),
      groupSend: async (_group, { type }) => {
        if (isAway) throw new ChannelsError("LayerDisconnected", { reason: "it is away" });
        sent.push(type);
      },
      groupSendLocal: (group, message) => layer.groupSend(group, message),
    },
    rooms: [general],
    changes: { claim: async () => true },
    onLost: (_error, type) => lost.push(type),
  });
  const next = async () => (await layer.receive(channel)).type;

  await broadcasts.local.publishRoomChange(general);
  await broadcasts.local.publishSessionEnd("u1", { session: null });
  expect([await next(), await next()]).toEqual(["room.changed", "session.ended"]);
  expect(sent).toEqual([]);

  const event = { on: "room.created", room: "general", seq: 1, by: null } as const;
  await broadcasts.publishLogEvent(general, event);
  expect(sent).toEqual(["log.event"]);
  isAway = true;
  await broadcasts.publishLogEvent(general, event);
  expect(await next()).toBe("log.event");
  expect(lost).toEqual(["log.event"]);
  await broadcasts.flush();
});

test("an event that the layer rejects is reported, and the publisher does not fail", async () => {
  const { broadcasts, layer, lost } = await createBroadcasts([]);
  await layer.close();
  await broadcasts.publishRoomChange(general);
  await broadcasts.publishExit(general, { id: "u1", username: "alice" }, "other-channel");
  expect(lost).toHaveLength(3);
});
