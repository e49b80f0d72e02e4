import { ChannelsError, type EventOf, InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { expect, test } from "vitest";
import type { ChatEvents, ProcessEvents } from "../../src/fan-out/chat-events.ts";
import { LayerBroadcasts } from "../../src/fan-out/layer-broadcasts.ts";
import { deserializeRoom } from "../../src/fan-out/serialized-room.ts";
import type { StoredRoom } from "../../src/store/store.ts";

const wire = {
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
  ...wire,
  accessVersion: 1,
  members: null,
  banned: new Set(),
  roles: new Map(),
  mutedUntil: new Map(),
};
const back: StoredRoom = { ...general, kind: "private", members: new Set(["alice", "bob"]) };

async function house(groups: readonly string[], rooms = [general]) {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of groups) await layer.groupAdd(group, channel);
  const lost: unknown[] = [];
  const claimed = new Set<string>();
  const changes = {
    claim: async ({ room, seq }: { room: string; seq: number }): Promise<boolean> => {
      const first = !claimed.has(`${room} ${seq}`);
      claimed.add(`${room} ${seq}`);
      return first;
    },
  };
  const broadcasts = new LayerBroadcasts({ layer, rooms, changes, onLost: (error) => lost.push(error) });
  return { layer, channel, changes, broadcasts, lost, next: (): Promise<LayerMessage> => layer.receive(channel) };
}

test("a change of a room travels with how the room was told before", async () => {
  const { broadcasts, next } = await house(["everybody"]);
  await broadcasts.publishRoomChange({ ...general, staffOnly: true });
  expect(await next()).toMatchObject({
    type: "room.changed",
    was: { staffOnly: false, open: true },
    room: { staffOnly: true },
  });
  await broadcasts.publishRoomChange({ ...general, title: "Back room", staffOnly: true });
  expect(await next()).toMatchObject({ was: { staffOnly: true } });
  await broadcasts.publishRoomChange({ ...general, id: "new", number: 2 });
  expect(await next()).toMatchObject({ was: null, room: { id: "new" } });
});

test("for whom a private room exists travels beside it", async () => {
  const { broadcasts, next } = await house(["everybody"]);
  await broadcasts.publishRoomChange({ ...back, banned: new Set(["eve"]) });
  const { room, audience } = await next();
  expect(audience).toEqual({ members: ["alice", "bob"], banned: ["eve"] });
  expect(Object.keys(room as object).sort()).toEqual(Object.keys(wire).sort());
});

test("what becomes of one person is told to that person alone", async () => {
  const { broadcasts, next } = await house(["everybody", "user.bob", "user.carol"], [back]);
  await broadcasts.publishMemberChange({ ...back, members: new Set(["alice"]) }, "bob", null);
  expect(await next()).toMatchObject({
    type: "membership.changed",
    admitted: false,
    wasAdmitted: true,
    membership: { role: null, mutedUntil: null },
  });
  const withCarol = { ...back, members: new Set(["alice", "carol"]) };
  await broadcasts.publishMemberChange(withCarol, "carol", { role: "member", mutedUntil: null });
  expect(await next()).toMatchObject({ admitted: true, wasAdmitted: false, membership: { role: "member" } });
});

test("a room that another process changed with its people tells each of these what became of them", async () => {
  const { broadcasts, next } = await house(["everybody", "user.bob", "user.eve"], [back]);
  await broadcasts.publishRoomChange({
    ...back,
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
  await broadcasts.publishRoomDeletion(back);
  expect(await next(), "eve was not let in before either, and hears nothing").toMatchObject({ type: "room.deleted" });
});

test("a room that turned out to be closed meanwhile is told to everybody before the one person", async () => {
  const { broadcasts, next } = await house(["everybody", "user.alice"]);
  await broadcasts.publishMemberChange(back, "alice", { role: "owner", mutedUntil: null });
  expect(await next()).toMatchObject({ type: "room.changed", was: { open: true } });
  expect(await next()).toMatchObject({ type: "membership.changed", admitted: true });
});

test("processes are told everything that they keep of a room, and clients its public part alone", async () => {
  const { broadcasts, next } = await house(["everybody", "processes"], [back]);
  const stored: StoredRoom = {
    ...back,
    accessVersion: 7,
    banned: new Set(["eve"]),
    roles: new Map([["alice", "owner"]]),
    mutedUntil: new Map([["bob", 9]]),
  };
  await broadcasts.publishRoomChange(stored);
  const altered = (await next()) as unknown as EventOf<ChatEvents, "room.changed">;
  expect(altered.room).toEqual({ ...wire, kind: "private" });
  expect(deserializeRoom(altered)).toEqual(stored);
  await broadcasts.publishMemberChange(stored, "bob", { role: "member", mutedUntil: 9 });
  const known = (await next()) as unknown as EventOf<ProcessEvents, "room.refreshed">;
  expect(known).toMatchObject({ type: "room.refreshed" });
  expect(deserializeRoom(known)).toEqual(stored);
});

test("a deletion is told once, and with whom it concerns", async () => {
  const { broadcasts, next } = await house(["everybody"], [{ ...general, staffOnly: true }]);
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

test("of those that are about to tell an event of a log, the one that claims it does", async () => {
  const { broadcasts, changes, next } = await house(["room.general"]);
  const event = (seq: number) => ({ on: "room.created", room: "general", seq, by: null }) as const;
  expect(await changes.claim({ room: "general", seq: 1 })).toBe(true);
  await broadcasts.publishLogEventOnce(general, event(1));
  await broadcasts.publishLogEventOnce(general, event(2));
  await broadcasts.publishLogEventOnce(general, event(2));
  await broadcasts.publishLogEvent(general, event(3));
  expect((await next()).event).toMatchObject({ seq: 2 });
  expect((await next()).event).toMatchObject({ seq: 3 });
});

test("who left hears of it on its own channel, once, though it is in the group no more", async () => {
  const { broadcasts, channel, next } = await house([]);
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
])("the end of a session %j", async (ended, event) => {
  const { broadcasts, next } = await house(["user.u1"]);
  await broadcasts.publishSessionEnd("u1", ended);
  expect(await next()).toEqual({ type: "session.ended", ...event });
});

test("who may do what is told here alone without the layer's server, and everything is while that is away", async () => {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of ["everybody", "user.u1", "room.general"]) await layer.groupAdd(group, channel);
  let away = false;
  const sent: string[] = [];
  const lost: string[] = [];
  const broadcasts = new LayerBroadcasts({
    layer: {
      send: (to, message) => layer.send(to, message),
      groupSend: async (_group, { type }) => {
        if (away) throw new ChannelsError("LayerDisconnected", { reason: "it is away" });
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
  away = true;
  await broadcasts.publishLogEvent(general, event);
  expect(await next()).toBe("log.event");
  expect(lost).toEqual(["log.event"]);
  await broadcasts.flush();
});

test("an event that the layer does not take fails nobody, and is reported", async () => {
  const { broadcasts, layer, lost } = await house([]);
  await layer.close();
  await broadcasts.publishRoomChange(general);
  await broadcasts.publishExit(general, { id: "u1", username: "alice" }, "somebody");
  expect(lost).toHaveLength(3);
});
