import { protocolGroup } from "@multichat/channels";
import type { Resumption } from "@multichat/channels-client";
import { expect, test } from "vitest";
import { chat, FEED_HISTORY } from "./support/chat.ts";
import { type ChatClient, untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();

interface Reader {
  readonly texts: string[];
  readonly replies: (Resumption & { readonly posts: number })[];
}

/** Subscribes to a feed, and records what its listeners get. */
async function read(client: ChatClient, feed: string): Promise<Reader> {
  const reader: Reader = { texts: [], replies: [] };
  const subscription = client.subscribe(
    "feed.subscribe",
    { feed },
    {
      onReply: ({ posts }, { recovered }) => reader.replies.push({ posts, recovered }),
      on: {
        "feed.posted": (post) => {
          // What travels beside the payload is not part of it.
          expect(Object.keys(post).sort()).toEqual(["feed", "text"]);
          if (post.feed === feed) reader.texts.push(post.text);
        },
      },
    },
  );
  await subscription.ready;
  return reader;
}

async function post(feed: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await fixture.world.postToFeed(feed, text);
}

/** Runs `work` while the client has no connection. */
async function whileAway(client: ChatClient, work: () => Promise<void>): Promise<void> {
  const { network } = fixture;
  const { target } = network;
  network.target = 1;
  network.cut();
  await untilPhase(client, "waiting");
  await work();
  network.target = target;
}

test("a subscription gets what it missed between two connections, once and in order", async () => {
  const client = fixture.open();
  const reader = await read(client, "a");
  await post("a", "1", "2");
  await expect.poll(() => reader.texts).toEqual(["1", "2"]);
  await whileAway(client, () => post("a", "3", "4"));
  await expect.poll(() => reader.texts).toEqual(["1", "2", "3", "4"]);
  await post("a", "5");
  await expect.poll(() => reader.texts).toEqual(["1", "2", "3", "4", "5"]);
  await whileAway(client, () => post("a", "6"));
  await expect.poll(() => reader.texts).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(reader.replies).toEqual([
    { posts: 0, recovered: undefined },
    { posts: 4, recovered: true },
    { posts: 6, recovered: true },
  ]);
});

test("one that has missed nothing is recovered, also before the first event", async () => {
  const client = fixture.open();
  const reader = await read(client, "quiet");
  await whileAway(client, async () => {});
  await expect.poll(() => reader.replies).toHaveLength(2);
  expect(reader.replies[1]).toEqual({ posts: 0, recovered: true });
  await post("quiet", "1");
  await expect.poll(() => reader.texts).toEqual(["1"]);
});

test("one that has missed too much is not recovered, and continues from the reply", async () => {
  const client = fixture.open();
  const reader = await read(client, "long");
  await post("long", "first");
  await expect.poll(() => reader.texts).toEqual(["first"]);
  const missed = Array.from({ length: FEED_HISTORY + 1 }, (_, index) => `missed ${index}`);
  await whileAway(client, () => post("long", ...missed));
  await expect.poll(() => reader.replies).toHaveLength(2);
  expect(reader.replies[1]).toEqual({ posts: 1 + missed.length, recovered: false });
  await post("long", "next");
  await expect.poll(() => reader.texts).toEqual(["first", "next"]);
  await whileAway(client, () => post("long", "last"));
  await expect.poll(() => reader.texts).toEqual(["first", "next", "last"]);
  expect(reader.replies[2]?.recovered).toBe(true);
});

test("an event that arrives before the reply that also has it is delivered once", async () => {
  const client = fixture.open();
  const reader = await read(client, "both");
  await post("both", "1");
  await expect.poll(() => reader.texts).toEqual(["1"]);
  await whileAway(client, async () => {
    await post("both", "2");
    // The connection is in the group by then, and the history is not read yet.
    fixture.world.layer.beforeHistory = () => post("both", "3");
  });
  await expect.poll(() => reader.replies).toHaveLength(2);
  await post("both", "4");
  await expect.poll(() => reader.texts).toEqual(["1", "2", "3", "4"]);
});

test("each of several subscriptions to a group recovers for itself", async () => {
  const client = fixture.open();
  const readers = [await read(client, "shared"), await read(client, "shared"), await read(client, "other")];
  await whileAway(client, async () => {
    await post("shared", "1", "2");
    await post("other", "x");
  });
  for (const [index, texts] of [["1", "2"], ["1", "2"], ["x"]].entries()) {
    await expect.poll(() => readers[index]?.texts).toEqual(texts);
  }
  await post("shared", "3");
  await expect.poll(() => readers.map(({ texts }) => texts)).toEqual([["1", "2", "3"], ["1", "2", "3"], ["x"]]);
});

test("events without a listener count as received", async () => {
  const client = fixture.open();
  const reader = await read(client, "typing");
  let typing = 0;
  client.on("feed.typing", () => {
    typing += 1;
  });
  const group = protocolGroup(chat, fixture.world.layer, "feed.typing");
  for (let n = 0; n < 3 * FEED_HISTORY; n += 1) await group.send("feed.typing", { feed: "typing" });
  await expect.poll(() => typing).toBe(3 * FEED_HISTORY);
  await whileAway(client, () => post("typing", "1"));
  await expect.poll(() => reader.texts).toEqual(["1"]);
  expect(reader.replies[1]?.recovered).toBe(true);
});

test("one whose command subscribes to no history is not recovered", async () => {
  const client = fixture.open();
  const resumptions: Resumption[] = [];
  const subscription = client.subscribe(
    "room.join",
    { room: "without" },
    { onReply: (_reply, resumption) => resumptions.push(resumption) },
  );
  await subscription.ready;
  await whileAway(client, async () => {});
  await expect.poll(() => resumptions).toEqual([{ recovered: undefined }, { recovered: false }]);
  expect(subscription.state.get()).toMatchObject({ phase: "active", recovered: false });
});

test("a gap of the server's layer is filled on the same connection", async () => {
  const { layer } = fixture.world;
  const client = fixture.open();
  const reader = await read(client, "gap");
  await post("gap", "1");
  await expect.poll(() => reader.texts).toEqual(["1"]);
  layer.notifyGap();
  await expect.poll(() => reader.replies).toHaveLength(2);
  await post("gap", "2");
  await expect.poll(() => reader.texts).toEqual(["1", "2"]);
  expect(reader.replies[1]).toEqual({ posts: 1, recovered: true });
  // What was lost meanwhile is in the history.
  layer.beforeHistory = () => post("gap", "3");
  layer.notifyGap();
  await expect.poll(() => reader.texts).toEqual(["1", "2", "3"]);
  expect(client.connection.get().phase).toBe("open");
});

test("after a gap of the layer a client waits for a random time, since all clients learn of it at once", async () => {
  const longMs = 3_600_000;
  const client = fixture.open({ backoff: { baseMs: longMs, maxMs: longMs, stableAfterMs: 1 } });
  const reader = await read(client, "jitter");
  fixture.world.layer.notifyGap();
  await post("jitter", "1");
  // The server has handled whatever was sent before.
  await client.call("echo", { text: "fence" });
  await client.call("echo", { text: "fence" });
  expect(fixture.world.roomCommands.filter((command) => command === "subscribe jitter")).toHaveLength(1);
  expect(reader.replies).toHaveLength(1);
  client.close();
});

/** Joins a room, whose group has no history, and records what is posted there. */
async function readRoom(client: ChatClient, room: string): Promise<readonly string[]> {
  const texts: string[] = [];
  const on = { "room.posted": (post: { readonly text: string }) => texts.push(post.text) };
  await client.subscribe("room.join", { room }, { on }).ready;
  return texts;
}

function postToRoom(room: string, text: string): Promise<unknown> {
  return protocolGroup(chat, fixture.world.layer, `room.${room}`).send("room.posted", { room, seq: 1, text });
}

test("events of a group without a history arrive also while a client waits after a gap", async () => {
  const longMs = 3_600_000;
  const client = fixture.open({ backoff: { baseMs: longMs, maxMs: longMs, stableAfterMs: 1 } });
  const reader = await read(client, "waiting");
  const texts = await readRoom(client, "waiting");
  fixture.world.layer.notifyGap();
  await post("waiting", "in the history");
  await postToRoom("waiting", "1");
  await postToRoom("waiting", "2");
  await expect.poll(() => texts).toEqual(["1", "2"]);
  expect(reader.texts).toEqual([]);
  client.close();
});

test("events of a group without a history arrive also while the command fails after a gap", async () => {
  const { world } = fixture;
  const client = fixture.open({ backoff: { baseMs: 1, maxMs: 3_600_000, stableAfterMs: 1 } });
  await read(client, "failing");
  const texts = await readRoom(client, "failing");
  world.joinFailures = 8;
  world.layer.notifyGap();
  await expect.poll(() => world.joinFailures).toBe(0);
  // The next try is a hundred milliseconds away.
  await postToRoom("failing", "1");
  await expect.poll(() => texts).toEqual(["1"]);
  await expect.poll(() => world.roomCommands.filter((command) => command === "join failing")).toHaveLength(10);
  await postToRoom("failing", "2");
  await expect.poll(() => texts).toEqual(["1", "2"]);
});

test("an event of a numbering that has ended is not delivered after the reply that has the state", async () => {
  const { layer } = fixture.world;
  const client = fixture.open();
  const reader = await read(client, "ended");
  await post("ended", "1");
  await expect.poll(() => reader.texts).toEqual(["1"]);
  layer.beforeHistory = async () => {
    await post("ended", "2");
    await layer.flush();
  };
  layer.notifyGap();
  await expect.poll(() => reader.replies).toHaveLength(2);
  expect(reader.replies[1]).toEqual({ posts: 2, recovered: false });
  await client.call("echo", { text: "fence" });
  expect(reader.texts).toEqual(["1"]);
});
