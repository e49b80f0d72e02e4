import { InMemoryPresence } from "@multichat/channels";
import { SteppableClock } from "@multichat/channels/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PresenceService } from "../../src/presence/presence-service.ts";

const UPDATE_INTERVAL_MS = 250;
const GRACE_MS = 5_000;

let clock: SteppableClock;
let service: PresenceService;
let published: string[];
beforeEach(() => {
  clock = new SteppableClock();
  published = [];
  const publishPresence = async (
    room: string,
    { user, status, text }: { user: string; status: string; text: string },
  ) => {
    published.push(`${room}: ${user} ${status}${text === "" ? "" : ` (${text})`}`);
  };
  service = new PresenceService({ broadcasts: { publishPresence }, groups: new InMemoryPresence({ clock }) });
});
afterEach(() => service.close());

/** Advances the clock and returns what has been published since the last call, sorted. */
async function publishedWithin(ms = UPDATE_INTERVAL_MS): Promise<string[]> {
  await clock.advance(ms);
  return published.splice(0).sort();
}

async function connect(user: string, channel: string, ...rooms: string[]): Promise<void> {
  await service.connect(user, channel);
  for (const room of rooms) await service.joinRoom(user, channel, room);
}

test("publishes a user once in each room, however many devices join it", async () => {
  await connect("alice", "desk", "a", "b");
  await connect("alice", "phone", "a");
  expect(await publishedWithin()).toEqual(["a: alice online", "b: alice online"]);
});

test("publishes offline in every room after the grace period, and nothing for a reload within it", async () => {
  await connect("alice", "desk", "a", "b");
  await publishedWithin();
  await service.disconnect("alice", "desk");
  expect(await publishedWithin(GRACE_MS - 1_000)).toEqual([]);
  await connect("alice", "desk-2", "a", "b");
  expect(await publishedWithin(2 * GRACE_MS)).toEqual([]);
  await service.disconnect("alice", "desk-2");
  expect(await publishedWithin(GRACE_MS + UPDATE_INTERVAL_MS)).toEqual(["a: alice offline", "b: alice offline"]);
  expect(await service.list(["alice"])).toEqual([]);
});

test("publishes nothing in a room that every device has left", async () => {
  await connect("alice", "desk", "a", "b");
  await publishedWithin();
  service.leaveRoom("alice", "desk", "b");
  await service.setStatus("alice", "desk", { status: "busy", text: "writing" });
  expect(await publishedWithin()).toEqual(["a: alice busy (writing)"]);
  await service.disconnect("alice", "desk");
  expect(await publishedWithin(GRACE_MS + UPDATE_INTERVAL_MS)).toEqual(["a: alice offline"]);
});

test("publishes only in the rooms that a reconnected device has joined", async () => {
  await connect("alice", "desk", "a", "b");
  await publishedWithin();
  await service.disconnect("alice", "desk");
  await connect("alice", "desk-2", "a");
  await service.setStatus("alice", "desk-2", { status: "away", text: "" });
  expect(await publishedWithin(GRACE_MS + UPDATE_INTERVAL_MS)).toEqual(["a: alice away"]);
});

test("treats an invisible user as offline, and does not publish that they disconnect", async () => {
  await connect("alice", "desk");
  await service.setStatus("alice", "desk", { status: "offline", text: "" });
  await service.joinRoom("alice", "desk", "a");
  expect(await publishedWithin(GRACE_MS + UPDATE_INTERVAL_MS)).toEqual([]);
  expect(await service.list(["alice"])).toEqual([]);
  await service.disconnect("alice", "desk");
  expect(await publishedWithin(GRACE_MS + UPDATE_INTERVAL_MS)).toEqual([]);
});

test("shows the text of the most active device", async () => {
  await connect("alice", "desk", "a");
  await connect("alice", "phone", "a");
  await service.setStatus("alice", "phone", { status: "away", text: "on the train" });
  await service.setStatus("alice", "desk", { status: "busy", text: "in a meeting" });
  expect(await service.list(["alice"])).toEqual([{ user: "alice", status: "busy", text: "in a meeting" }]);
  await service.disconnect("alice", "desk");
  await clock.advance(GRACE_MS + UPDATE_INTERVAL_MS);
  expect(await service.list(["alice", "nobody"])).toEqual([{ user: "alice", status: "away", text: "on the train" }]);
});

test("publishes nothing in a large room, and still answers who is online", async () => {
  for (let i = 0; i < 300; i += 1) await connect(`p${i}`, `c${i}`, "large");
  const first = await publishedWithin();
  expect(first).toHaveLength(200);
  await service.setStatus("p0", "c0", { status: "busy", text: "" });
  expect(await publishedWithin()).toEqual([]);
  expect(await service.list(["p0", "p299"])).toMatchObject([{ status: "busy" }, { status: "online" }]);
  for (let i = 150; i < 300; i += 1) await service.disconnect(`p${i}`, `c${i}`);
  await service.setStatus("p0", "c0", { status: "away", text: "" });
  expect(await publishedWithin(), "the room is small again").toContain("large: p0 away");
});

test("ignores connections that it does not know", async () => {
  await service.setStatus("alice", "desk", { status: "busy", text: "" });
  await service.joinRoom("alice", "desk", "a");
  service.leaveRoom("alice", "desk", "a");
  await service.disconnect("alice", "desk");
  expect(await publishedWithin(GRACE_MS)).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
