import { GroupControl, type LayerMessage } from "@multichat/channels/layer";
import { eventually } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findPython, PythonPeer } from "./support/python-peer.ts";
import { RedisProcess } from "./support/redis-process.ts";

/** A message with text of several scripts, bytes, the limits of numbers, and nesting. */
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
  for (const resource of open.splice(0)) {
    await resource.close?.();
    await resource.stop?.();
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
  more: { readonly history?: number } = {},
): {
  node: RedisPubSubLayer | RedisQueueLayer;
  python: PythonPeer;
  /** Returns the topic of a group. */
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
    ...more,
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
 * Waits until the servers know the subscriptions: channels_redis does not wait for their confirmation, and the server may
 * accept its new connection after a message that was sent later on another connection.
 */
async function untilSubscribed(kind: "pubsub" | "queue", ...topics: readonly string[]): Promise<void> {
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

/** Whether channels_redis has the serializer option and encryption on pub/sub, which came with 4.2. */
const isRecent = Number.parseFloat(findPython().version) >= 4.2;

function skipReason(kind: "pubsub" | "queue", setting: Setting): string | undefined {
  if (isRecent) return undefined;
  if (setting.json === true) return `channels_redis ${findPython().version} has no serializer option`;
  if (setting.keys !== undefined && kind === "pubsub") {
    return `channels_redis ${findPython().version} has no encryption on pub/sub`;
  }
  return undefined;
}

for (const kind of ["pubsub", "queue"] as const) {
  for (const setting of settings) {
    const reason = skipReason(kind, setting);
    const { bytes: _, ...withoutBytes } = message;
    const sent: LayerMessage = setting.json === true ? withoutBytes : message;
    const title = `${kind}, ${setting.title}, with channels_redis ${findPython().version}`;
    describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, () => {
      it("delivers a group message from Node to Python and Node unchanged", async () => {
        const { node, python, topic } = pair(kind, setting);
        const nodeChannel = node.newChannel();
        await node.groupAdd("room.one", nodeChannel);
        const pythonChannel = await python.newChannel();
        await python.groupAdd("room.one", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("room.one"));
        const received = [python.receive(pythonChannel), node.receive(nodeChannel)];
        await node.groupSend("room.one", sent);
        expect(await Promise.all(received)).toEqual([sent, sent]);
      });

      it("L14 leaves out a Node member, and Python gets the message", async () => {
        const { node, python, topic } = pair(kind, setting);
        const [excepted, witness] = [node.newChannel(), node.newChannel()];
        for (const channel of [excepted, witness]) await node.groupAdd("room.one", channel);
        const pythonChannel = await python.newChannel();
        await python.groupAdd("room.one", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("room.one"));
        const received = [python.receive(pythonChannel), node.receive(witness)];
        await node.groupSend("room.one", { type: "news" }, { except: excepted });
        const key = kind === "pubsub" ? { __except__: excepted } : {};
        expect(await Promise.all(received)).toEqual([{ type: "news", ...key }, { type: "news" }]);
        await node.groupSend("room.one", { type: "next" });
        expect(await node.receive(excepted)).toEqual({ type: "next" });
      });

      it.skipIf(kind === "queue" && setting.title === "two hosts")("L15 numbers the events of Node alone", async () => {
        const { node, python, topic } = pair(kind, setting, { history: 10 });
        const nodeChannel = node.newChannel();
        const pythonChannel = await python.newChannel();
        await node.groupAdd("room.one", nodeChannel);
        await python.groupAdd("room.one", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("room.one"));
        const atPython = python.receive(pythonChannel);
        expect(await node.groupSend("room.one", { type: "from.node" })).toMatchObject({ offset: 1 });
        // What Python does not need to know it does not get, but for the key by which Node finds the position in its queue.
        const key = kind === "queue" ? { __history__: "room.one" } : {};
        expect(await atPython).toEqual({ type: "from.node", ...key });
        expect(await node.receive(nodeChannel)).toEqual({ type: "from.node" });
        await python.groupSend("room.one", { type: "from.python" });
        expect(await node.receive(nodeChannel)).toEqual({ type: "from.python" });
        expect(await node.groupSend("room.one", { type: "next" })).toMatchObject({ offset: 2 });
        const { events } = await node.groupHistory("room.one");
        expect(events.map(({ message: { type } }) => type)).toEqual(["from.node", "next"]);
      });

      it("delivers a group message from Python to Node and Python unchanged", async () => {
        const { node, python, topic } = pair(kind, setting);
        const nodeChannel = node.newChannel();
        await node.groupAdd("room.one", nodeChannel);
        const pythonChannel = await python.newChannel();
        await python.groupAdd("room.one", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("room.one"));
        const received = [python.receive(pythonChannel), node.receive(nodeChannel)];
        await python.groupSend("room.one", sent);
        expect(await Promise.all(received)).toEqual([sent, sent]);
      });

      it("delivers a message to a channel of the other side, in both directions", async () => {
        const { node, python } = pair(kind, setting);
        // A message that Python sends before Node has subscribed on each server would be lost.
        await node.ready();
        const nodeChannel = node.newChannel();
        const pythonChannel = await python.newChannel();
        await untilSubscribed(kind, pythonChannel);
        // Python subscribes only when a reader waits.
        const atPython = python.receive(pythonChannel);
        const atNode = node.receive(nodeChannel);
        await node.send(pythonChannel, sent);
        expect(await atPython).toEqual(sent);
        await python.send(nodeChannel, sent);
        expect(await atNode).toEqual(sent);
      });

      it("keeps the order of a sender's messages in both directions", async () => {
        const { node, python, topic } = pair(kind, setting);
        const nodeChannel = node.newChannel();
        await node.groupAdd("ordered", nodeChannel);
        const pythonChannel = await python.newChannel();
        await python.groupAdd("ordered", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("ordered"));
        const numbers = Array.from({ length: 30 }, (_unused, n) => n);
        for (const n of numbers) await node.groupSend("ordered", { type: "numbered", n });
        const atPython: unknown[] = [];
        for (const _n of numbers) atPython.push(await python.receive(pythonChannel));
        expect(atPython).toEqual(numbers.map((n) => ({ type: "numbered", n })));
        for (const _n of numbers) await node.receive(nodeChannel);
        for (const n of numbers) await python.groupSend("ordered", { type: "numbered", n });
        const atNode: unknown[] = [];
        for (const _n of numbers) atNode.push(await node.receive(nodeChannel));
        expect(atNode).toEqual(numbers.map((n) => ({ type: "numbered", n })));
      });

      it("removes a member that left for both sides", async () => {
        const { node, python, topic } = pair(kind, setting);
        const [stays, leaves] = [node.newChannel(), node.newChannel()];
        const pythonChannel = await python.newChannel();
        await node.groupAdd("left", stays);
        await node.groupAdd("left", leaves);
        await python.groupAdd("left", pythonChannel);
        await untilSubscribed(kind, pythonChannel, topic("left"));
        await node.groupDiscard("left", leaves);
        await python.groupDiscard("left", pythonChannel);
        await python.groupSend("left", { type: "from.python" });
        expect(await node.receive(stays)).toEqual({ type: "from.python" });
        await node.groupSend("left", { type: "from.node" });
        expect(await node.receive(stays)).toEqual({ type: "from.node" });
        await node.send(leaves, { type: "fence" });
        expect(await node.receive(leaves)).toEqual({ type: "fence" });
        const fenced = python.receive(pythonChannel);
        await node.send(pythonChannel, { type: "fence" });
        expect(await fenced).toEqual({ type: "fence" });
      });
    });
  }
}

it.each(["pubsub", "queue"] as const)(
  "%s: a process of Python with members is in silentProcesses (L19)",
  async (kind) => {
    const { node, python, topic } = pair(kind, settings[0] ?? { title: "", hosts: () => [] });
    const control = await GroupControl.start(node, { timeoutMs: 50 });
    await node.groupAdd("room", node.newChannel());
    for (let members = 0; members < 2; members += 1) await python.groupAdd("room", await python.newChannel());
    await untilSubscribed(kind, topic("room"));
    await eventually(async () =>
      expect(await control.count("room")).toEqual({ count: 1, processes: 1, unanswered: [], silentProcesses: 1 }),
    );
  },
);

it("queue: named channels carry work in both directions", async () => {
  const { node, python } = pair("queue", settings[0] ?? { title: "", hosts: () => [] });
  const atNode = node.receive("work.node");
  await python.send("work.node", { type: "job", n: 1 });
  expect(await atNode).toEqual({ type: "job", n: 1 });
  await node.send("work.python", { type: "job", n: 2 });
  expect(await python.receive("work.python")).toEqual({ type: "job", n: 2 });
});

it("queue: an added key can read, and a removed key no longer can", async () => {
  const hosts = [first.url];
  const oldOnly = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["old"] });
  const both = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["new", "old"] });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const newOnly = new RedisQueueLayer({ hosts, prefix: "rotate", symmetricEncryptionKeys: ["new"], onError });
  open.push(oldOnly, both, newOnly);
  await oldOnly.send("rotated", { type: "by.old" });
  expect(await both.receive("rotated")).toEqual({ type: "by.old" });
  await oldOnly.send("rotated", { type: "unreadable" });
  const readable = newOnly.receive("rotated");
  // Messages of two senders have no order within a millisecond, so the second waits until the first was read.
  await expect.poll(() => String(errors)).toContain("symmetricEncryptionKeys");
  await newOnly.send("rotated", { type: "by.new" });
  expect(await readable).toEqual({ type: "by.new" });
});
