import type { ChannelLayer } from "@multichat/channels/layer";
import { Inbox } from "@multichat/channels/testing";
import { RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RedisScript } from "../src/connection/redis-script.ts";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
const open: ChannelLayer[] = [];
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(async () => {
  await Promise.all(open.map((layer) => layer.close()));
  await redis?.stop();
});

async function member(layer: ChannelLayer): Promise<Inbox> {
  const inbox = new Inbox();
  const channel = layer.newChannel();
  await layer.subscribe(channel, inbox);
  await layer.groupAdd("room", channel);
  return inbox;
}

test("L17 reaches a member that joins between the reading of the members and the event, in the order of sending", async () => {
  const options = { hosts: [redis.url], prefix: "joining", history: 50 };
  const [sender, joiner] = [new RedisQueueLayer(options), new RedisQueueLayer(options)];
  open.push(sender, joiner);
  await member(sender);
  const { run } = RedisScript.prototype;
  const late: { inbox: Inbox; head: number }[] = [];
  const spy = vi.spyOn(RedisScript.prototype, "run").mockImplementation(async function (
    this: RedisScript,
    ...[connection, keys, values]: Parameters<typeof run>
  ) {
    // Of a send with a history the group is the third key: the members have been read by now.
    if (late.length < 2 && keys[2] === `${options.prefix}:group:room`) {
      const place = late.push({ inbox: new Inbox(), head: 0 }) - 1;
      const inbox = await member(joiner);
      const { position } = await joiner.groupHistory("room", { limit: 0 });
      late[place] = { inbox, head: position?.offset ?? 0 };
    }
    return await run.call(this, connection, keys, values);
  });
  try {
    const types = ["first", "second", "third"];
    const sent = await Promise.all(types.map((type) => sender.groupSend("room", { type })));
    expect(sent.map((position) => position?.offset)).toEqual([1, 2, 3]);
    expect(late).toHaveLength(2);
    for (const { inbox, head } of late) {
      await inbox.waitForType("third");
      expect([head, inbox.messages.map(({ type }) => type)]).toEqual([0, types]);
    }
  } finally {
    spy.mockRestore();
  }
});

test("L6 rejects a send to a group with a history while maxGroupSends are unanswered, and sends the others in order", async () => {
  const options = { hosts: [redis.url], prefix: "bounded", history: 500, maxGroupSends: 250 };
  const layer = new RedisQueueLayer(options);
  open.push(layer);
  const inbox = await member(layer);
  const drops: string[] = [];
  layer.onDrop(({ group, reason }) => drops.push(`${group} ${reason}`));
  const sends = Array.from({ length: 251 }, (_, n) => layer.groupSend("room", { type: "event", n }));
  const refused = { code: "ChannelFull", details: { channel: "", group: "room", capacity: 250 } };
  await expect(sends[250]).rejects.toMatchObject(refused);
  const positions = await Promise.all(sends.slice(0, 250));
  expect(positions.map((position) => position?.offset)).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));
  await vi.waitFor(() => expect(inbox.messages.map(({ n }) => n)).toEqual(Array.from({ length: 250 }, (_, n) => n)));
  expect(drops).toEqual(["room capacity"]);
  // There is room again.
  expect(await layer.groupSend("room", { type: "event", n: 250 })).toMatchObject({ offset: 251 });
});

test("an event to members that have not changed takes one round trip, also where one is left out", async () => {
  const options = { hosts: [redis.url], prefix: "trips", history: 50 };
  const [layer, other] = [new RedisQueueLayer(options), new RedisQueueLayer(options)];
  open.push(layer, other);
  const inbox = await member(layer);
  const excepted = other.newChannel();
  const exceptedInbox = new Inbox();
  await other.subscribe(excepted, exceptedInbox);
  await other.groupAdd("room", excepted);
  await layer.groupSend("room", { type: "first" });
  const spy = vi.spyOn(RedisScript.prototype, "run");
  try {
    await layer.groupSend("room", { type: "second" }, { except: excepted });
    await layer.groupSend("room", { type: "third" });
    expect(spy.mock.calls).toHaveLength(2);
  } finally {
    spy.mockRestore();
  }
  await inbox.waitForType("third");
  await exceptedInbox.waitForType("third");
  expect(exceptedInbox.messages.map(({ type }) => type)).toEqual(["first", "third"]);
});
