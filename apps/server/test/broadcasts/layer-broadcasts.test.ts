import { ChannelsError, InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { expect, test } from "vitest";
import { LayerBroadcasts } from "../../src/broadcasts/layer-broadcasts.ts";

const general = {
  id: "general",
  number: 1,
  title: "General",
  topic: "",
  staffOnly: false,
  archived: false,
  lastSeq: 1,
  createdAt: 1,
  rights: 1,
};

async function house(groups: readonly string[], rooms = [general]) {
  const layer = new InMemoryLayer();
  const channel = layer.newChannel();
  for (const group of groups) await layer.groupAdd(group, channel);
  const lost: unknown[] = [];
  const claimed = new Set<string>();
  const changes = {
    claim: async (room: string, seq: number): Promise<boolean> => {
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
  await broadcasts.roomAltered({ ...general, staffOnly: true });
  expect(await next()).toMatchObject({ type: "room.altered", wasStaffOnly: false, room: { staffOnly: true } });
  await broadcasts.roomAltered({ ...general, title: "Back room", staffOnly: true });
  expect(await next()).toMatchObject({ wasStaffOnly: true });
  await broadcasts.roomAltered({ ...general, id: "new", number: 2 });
  expect(await next()).toMatchObject({ wasStaffOnly: null, room: { id: "new" } });
});

test("what a stored room carries beside the wire's members stays here", async () => {
  const { broadcasts, next } = await house(["everybody"]);
  const { rights: _, ...wire } = general;
  await broadcasts.roomAltered({ ...general, rights: 7 });
  expect(await next()).toMatchObject({ rights: 7, room: wire });
  await broadcasts.roomAltered(general);
  expect((await next()).room).toEqual(wire);
});

test("a deletion is told once, and with whom it concerns", async () => {
  const { broadcasts, next } = await house(["everybody"], [{ ...general, staffOnly: true }]);
  await broadcasts.roomDeleted(general);
  await broadcasts.roomDeleted(general);
  await broadcasts.roomAltered({ ...general, id: "fence" });
  expect(await next()).toEqual({ type: "room.deleted", id: "general", wasStaffOnly: true });
  expect(await next()).toMatchObject({ type: "room.altered" });
});

test("of those that are about to tell an event of a log, the one that claims it does", async () => {
  const { broadcasts, changes, next } = await house(["room.general"]);
  const event = (seq: number) => ({ on: "room.created", room: "general", seq, by: null }) as const;
  expect(await changes.claim("general", 1)).toBe(true);
  await broadcasts.loggedOnce(general, event(1));
  await broadcasts.loggedOnce(general, event(2));
  await broadcasts.loggedOnce(general, event(2));
  await broadcasts.logged(general, event(3));
  expect((await next()).event).toMatchObject({ seq: 2 });
  expect((await next()).event).toMatchObject({ seq: 3 });
});

test("who left hears of it on its own channel, once, though it is in the group no more", async () => {
  const { broadcasts, channel, next } = await house([]);
  await broadcasts.left(general, { id: "u1", username: "alice" }, channel);
  expect(await next()).toEqual({
    type: "member.moved",
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
  await broadcasts.sessionEnded("u1", ended);
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
      groupSendHere: (group, message) => layer.groupSend(group, message),
    },
    rooms: [general],
    changes: { claim: async () => true },
    onLost: (_error, type) => lost.push(type),
  });
  const next = async () => (await layer.receive(channel)).type;

  await broadcasts.here.roomAltered(general);
  await broadcasts.here.sessionEnded("u1", { session: null });
  expect([await next(), await next()]).toEqual(["room.altered", "session.ended"]);
  expect(sent).toEqual([]);

  const event = { on: "room.created", room: "general", seq: 1, by: null } as const;
  await broadcasts.logged(general, event);
  expect(sent).toEqual(["log.event"]);
  away = true;
  await broadcasts.logged(general, event);
  expect(await next()).toBe("log.event");
  expect(lost).toEqual(["log.event"]);
  await broadcasts.settled();
});

test("an event that the layer does not take fails nobody, and is reported", async () => {
  const { broadcasts, layer, lost } = await house([]);
  await layer.close();
  await broadcasts.roomAltered(general);
  await broadcasts.left(general, { id: "u1", username: "alice" }, "somebody");
  expect(lost).toHaveLength(3);
});
