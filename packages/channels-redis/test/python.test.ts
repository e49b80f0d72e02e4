import type { LayerMessage } from "@multichat/channels/layer";
import { eventually } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findPython, PythonPeer } from "./support/python-peer.ts";
import { RedisProcess } from "./support/redis-process.ts";

/** What travels: text of several scripts, bytes, the limits of numbers, nesting. */
const message = {
  type: "chat.message",
  text: 'héllo 👩‍👩‍👧‍👦 日本 "quoted" \n \u0000',
  bytes: new Uint8Array([0, 1, 127, 128, 255]),
  none: null,
  yes: true,
  no: false,
  small: -1,
  byte: 255,
  int32: -2_147_483_648,
  uint32: 4_294_967_295,
  beyond32: 4_294_967_296,
  safe: Number.MAX_SAFE_INTEGER,
  unsafe: -Number.MAX_SAFE_INTEGER,
  float: 0.1,
  tiny: 5e-324,
  huge: 1.7976931348623157e308,
  list: [1, "two", [3, { four: 4 }], []],
  nested: { a: { b: { c: { d: {} } } } },
  long: "x".repeat(70_000),
} as const;

let first: RedisProcess;
let second: RedisProcess;
const open: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];

beforeAll(async () => {
  first = await RedisProcess.start();
  second = await RedisProcess.start();
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});
afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.close?.();
    await one.stop?.();
  }
});

interface Setting {
  readonly title: string;
  readonly hosts: () => string[];
  readonly keys?: readonly string[];
  readonly json?: boolean;
}

const settings: readonly Setting[] = [
  { title: "one host", hosts: () => [first.url] },
  { title: "two hosts", hosts: () => [first.url, second.url] },
  { title: "encryption", hosts: () => [first.url], keys: ["new key", "old key"] },
  { title: "json", hosts: () => [first.url], json: true },
];

let prefixes = 0;

function pair(
  kind: "pubsub" | "queue",
  setting: Setting,
): {
  node: RedisPubSubLayer | RedisQueueLayer;
  python: PythonPeer;
  /** Of a group. */
  topic: (group: string) => string;
} {
  prefixes += 1;
  const prefix = `py${prefixes}`;
  const hosts = setting.hosts();
  const options = {
    hosts,
    prefix,
    symmetricEncryptionKeys: setting.keys ?? [],
    serializer: setting.json === true ? ("json" as const) : ("msgpack" as const),
  };
  const node = kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer(options);
  const python = new PythonPeer(kind, {
    hosts,
    prefix,
    ...(setting.keys === undefined ? {} : { symmetric_encryption_keys: setting.keys.toReversed() }),
    ...(setting.json === true ? { serializer_format: "json" } : {}),
  });
  open.push(node, python);
  return { node, python, topic: (group) => `${prefix}__group__${group}` };
}

/**
 * Until the servers know of the subscriptions: channels_redis does not wait for their word, and a new connection of its
 * may be taken up after a message that was sent later on another.
 */
async function heard(kind: "pubsub" | "queue", ...topics: readonly string[]): Promise<void> {
  if (kind === "queue") return;
  const clients = [new Redis(first.url), new Redis(second.url)];
  try {
    await eventually(async () => {
      const all = await Promise.all(clients.map((client) => client.pubsub("CHANNELS")));
      expect(all.flat()).toEqual(expect.arrayContaining([...topics]));
    });
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** What the installed channels_redis can be told: the serializer, and encryption on pub/sub, came with 4.2. */
const recent = Number.parseFloat(findPython().version) >= 4.2;

function cannot(kind: "pubsub" | "queue", setting: Setting): string | undefined {
  if (recent) return undefined;
  if (setting.json === true) return `channels_redis ${findPython().version} has no serializer option`;
  if (setting.keys !== undefined && kind === "pubsub") {
    return `channels_redis ${findPython().version} has no encryption on pub/sub`;
  }
  return undefined;
}

for (const kind of ["pubsub", "queue"] as const) {
  for (const setting of settings) {
    const reason = cannot(kind, setting);
    const { bytes: _, ...withoutBytes } = message;
    const sent: LayerMessage = setting.json === true ? withoutBytes : message;
    const title = `${kind}, ${setting.title}, with channels_redis ${findPython().version}`;
    describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, () => {
      it("carries a group's message from Node to Python and to Node, equal to what was sent", async () => {
        const { node, python, topic } = pair(kind, setting);
        const mine = node.newChannel();
        await node.groupAdd("room.one", mine);
        const theirs = await python.newChannel();
        await python.groupAdd("room.one", theirs);
        await heard(kind, theirs, topic("room.one"));
        const received = [python.receive(theirs), node.receive(mine)];
        await node.groupSend("room.one", sent);
        expect(await Promise.all(received)).toEqual([sent, sent]);
      });

      it("carries a group's message from Python to Node and to Python, equal to what was sent", async () => {
        const { node, python, topic } = pair(kind, setting);
        const mine = node.newChannel();
        await node.groupAdd("room.one", mine);
        const theirs = await python.newChannel();
        await python.groupAdd("room.one", theirs);
        await heard(kind, theirs, topic("room.one"));
        const received = [python.receive(theirs), node.receive(mine)];
        await python.groupSend("room.one", sent);
        expect(await Promise.all(received)).toEqual([sent, sent]);
      });

      it("carries a message to one channel of the other, in both directions", async () => {
        const { node, python } = pair(kind, setting);
        // What Python sends before Node listens on each of the servers would be nobody's.
        await node.ready();
        const mine = node.newChannel();
        const theirs = await python.newChannel();
        await heard(kind, theirs);
        // Until somebody waits there, Python has not begun to listen.
        const atPython = python.receive(theirs);
        const atNode = node.receive(mine);
        await node.send(theirs, sent);
        expect(await atPython).toEqual(sent);
        await python.send(mine, sent);
        expect(await atNode).toEqual(sent);
      });

      it("keeps the order of a sender's messages in both directions", async () => {
        const { node, python, topic } = pair(kind, setting);
        const mine = node.newChannel();
        await node.groupAdd("ordered", mine);
        const theirs = await python.newChannel();
        await python.groupAdd("ordered", theirs);
        await heard(kind, theirs, topic("ordered"));
        const numbers = Array.from({ length: 30 }, (_unused, n) => n);
        for (const n of numbers) await node.groupSend("ordered", { type: "numbered", n });
        const atPython: unknown[] = [];
        for (const _n of numbers) atPython.push(await python.receive(theirs));
        expect(atPython).toEqual(numbers.map((n) => ({ type: "numbered", n })));
        for (const _n of numbers) await node.receive(mine);
        for (const n of numbers) await python.groupSend("ordered", { type: "numbered", n });
        const atNode: unknown[] = [];
        for (const _n of numbers) atNode.push(await node.receive(mine));
        expect(atNode).toEqual(numbers.map((n) => ({ type: "numbered", n })));
      });

      it("takes a member that left out of the group for both", async () => {
        const { node, python, topic } = pair(kind, setting);
        const [stays, leaves] = [node.newChannel(), node.newChannel()];
        const theirs = await python.newChannel();
        await node.groupAdd("left", stays);
        await node.groupAdd("left", leaves);
        await python.groupAdd("left", theirs);
        await heard(kind, theirs, topic("left"));
        await node.groupDiscard("left", leaves);
        await python.groupDiscard("left", theirs);
        await python.groupSend("left", { type: "from.python" });
        expect(await node.receive(stays)).toEqual({ type: "from.python" });
        await node.groupSend("left", { type: "from.node" });
        expect(await node.receive(stays)).toEqual({ type: "from.node" });
        await node.send(leaves, { type: "fence" });
        expect(await node.receive(leaves)).toEqual({ type: "fence" });
        const fenced = python.receive(theirs);
        await node.send(theirs, { type: "fence" });
        expect(await fenced).toEqual({ type: "fence" });
      });
    });
  }
}

it("queue: named channels carry work from either side to the other", async () => {
  const { node, python } = pair("queue", settings[0] ?? { title: "", hosts: () => [] });
  const atNode = node.receive("work.node");
  await python.send("work.node", { type: "job", n: 1 });
  expect(await atNode).toEqual({ type: "job", n: 1 });
  await node.send("work.python", { type: "job", n: 2 });
  expect(await python.receive("work.python")).toEqual({ type: "job", n: 2 });
});

it("queue: a key that was taken away can no longer read, a key that was added can", async () => {
  const hosts = [first.url];
  const one = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["old"] });
  const two = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["new", "old"] });
  const told: unknown[] = [];
  const onError = (error: unknown) => told.push(error);
  const three = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["new"], onError });
  open.push(one, two, three);
  await one.send("rotated", { type: "by.old" });
  expect(await two.receive("rotated")).toEqual({ type: "by.old" });
  await one.send("rotated", { type: "unreadable" });
  const readable = three.receive("rotated");
  // Two senders have no common order within a millisecond: the second sends when the first message has been read.
  await expect.poll(() => String(told)).toContain("symmetricEncryptionKeys");
  await three.send("rotated", { type: "by.new" });
  expect(await readable).toEqual({ type: "by.new" });
});
