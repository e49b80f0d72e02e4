import type { Limits } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { memoryStorage } from "../src/index.ts";
import { seededRandom } from "./model/random.ts";
import { alice, shownItems, TestWorld } from "./support/test-world.ts";

// The kind: a limit of the server that the client does not know.

const bytesOf = (text: string) => new TextEncoder().encode(text).length;
/** The bytes of `message.send` besides its body. */
const ENVELOPE_BYTES = 200;
/** Characters by their bytes in a frame: ASCII, escaped in JSON, two, three and four bytes. */
const CHARACTERS = ["a", '"', "\\", "\n", "\u0001", "é", "你", "\u2028", "😀", "\ud800"];

async function worldWith(limits: Partial<Limits> | undefined) {
  const world = new TestWorld(limits === undefined ? {} : { limits });
  const client = await world.connected();
  const room = await world.open(client, world.createRoom());
  return { world, client, room };
}

describe("a message that the server's limits do not allow fails, and the next one is sent: the limits are", () => {
  test.each([1024, 2048, 4096, 65_536, 1_048_576])("a frame of %d bytes, for any characters", async (frameBytes) => {
    for (const character of CHARACTERS) {
      const { world, client, room } = await worldWith({ frameBytes });
      const bytes = bytesOf(JSON.stringify(character)) - 2;
      const tooMany = character.repeat(Math.ceil(frameBytes / bytes));
      // Whitespace alone would be an empty message.
      const fits = `x${character.repeat(Math.floor((frameBytes - ENVELOPE_BYTES) / bytes))}x`;
      room.send(tooMany);
      expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "PAYLOAD_TOO_LARGE" }]);
      room.send("next");
      room.send(fits);
      await world.clock.advance(500);
      expect(client.outbox.get().map(({ state, body }) => [state, body.length])).toEqual([["failed", tooMany.length]]);
      expect(client.state.phase).toBe("open");
      expect(world.server.messagesOf([...world.server.rooms.values()][0] ?? never()).map((m) => m.body)).toEqual([
        "next",
        JSON.parse(JSON.stringify(fits)),
      ]);
    }
  });

  test("random, with messages of random lengths", async () => {
    const random = seededRandom(11);
    const pick = (least: number, most: number) => Math.floor(least * (most / least) ** random());
    for (let round = 0; round < 40; round += 1) {
      const frameBytes = pick(1024, 200_000);
      const { world, client, room } = await worldWith({ frameBytes, commandsPerSecond: pick(1, 100) });
      const sent = Array.from({ length: 6 }, () =>
        (CHARACTERS[Math.floor(random() * CHARACTERS.length)] ?? "a").repeat(pick(1, 100_000)),
      );
      for (const body of sent) room.send(`x${body}x`);
      room.send("the last one");
      await world.clock.advance(60_000);
      const bodies = world.server.messagesOf([...world.server.rooms.values()][0] ?? never()).map((m) => m.body);
      expect(bodies.at(-1)).toBe("the last one");
      expect(client.outbox.get().every((entry) => entry.state === "failed")).toBe(true);
      expect(bodies.length + client.outbox.get().length).toBe(sent.length + 1);
      expect(client.state.phase).toBe("open");
    }
  });

  test("those of a server that reports none: the connection closes once, then the message fails", async () => {
    const { world, client, room } = await worldWith(undefined);
    world.server.maxFrameBytes = 2048;
    room.send("x".repeat(5_000));
    room.send("next");
    await world.clock.advance(20_000);
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "PAYLOAD_TOO_LARGE" }]);
    expect(shownItems(room)).toContain("next");
  });

  test("lower than before, after a restart of the server", async () => {
    const { world, client, room } = await worldWith({ frameBytes: 65_536 });
    world.server.limits = { frameBytes: 2048 };
    world.server.maxFrameBytes = 2048;
    world.socket(alice).cut({ isNoticed: true });
    room.send("x".repeat(5_000));
    room.send("next");
    await world.clock.advance(20_000);
    expect(client.outbox.get()).toMatchObject([{ state: "failed", code: "PAYLOAD_TOO_LARGE" }]);
    expect(shownItems(room)).toContain("next");
  });
});

test("a message that only a server with higher limits accepts waits until they are known, and is sent", async () => {
  const world = new TestWorld({ limits: { frameBytes: 1_048_576 } });
  const general = world.createRoom();
  const client = world.client();
  const { delivered } = client.room(general.id).send("x".repeat(80_000));
  expect(client.outbox.get()).toMatchObject([{ state: "pending" }]);
  client.connect();
  await world.clock.advance(1_000);
  expect((await delivered).body).toHaveLength(80_000);
});

test.each([1, 3, 20, 200])(
  "more rooms than fit into a frame are resumed, with at most %d per connection",
  async (rooms) => {
    const limits = { frameBytes: 1024, roomsPerConnection: Math.max(60, rooms) };
    const world = new TestWorld({ limits });
    for (let i = 0; i < rooms; i += 1) world.createRoom(`Room ${i}`, 1);
    const storage = memoryStorage();
    const client = await world.connected(alice, { storage });
    await world.clock.advance(5_000);
    world.socket(alice).cut({ isNoticed: true });
    await world.clock.advance(10_000);
    expect(client.state.phase).toBe("open");
    expect(client.rooms.get().status).toBe("live");
    client.disconnect();
    await world.clock.advance(2_000);
    // After a reload the stored limits apply, before the server reports them.
    const reloaded = await world.connected(alice, { storage });
    await world.clock.advance(5_000);
    expect(reloaded.rooms.get().status).toBe("live");
  },
);

test.each([1, 10, 100])("pages have at most as many messages as the server gives: %d", async (historyPage) => {
  const world = new TestWorld({ limits: { historyPage } });
  const client = await world.connected();
  const room = await world.open(client, world.createRoom("General", 60));
  const loaded = room.loadBefore();
  await world.clock.advance(500);
  await loaded;
  expect(world.server.largestPage).toBe(Math.min(50, historyPage));
});

test.each([null, [], "none", { frameBytes: "many" }, { frameBytes: -1 }, { frameBytes: Number.NaN }, { other: 3 }])(
  "limits that are not ones are ignored: %j",
  async (limits) => {
    const { world, room } = await worldWith(undefined);
    // What the types forbid is what the test is about.
    world.server.limits = limits as never;
    world.socket(alice).cut({ isNoticed: true });
    room.send("hello");
    await world.clock.advance(5_000);
    expect(shownItems(room)).toContain("hello");
  },
);

function never(): never {
  throw new Error("Expected a room.");
}
