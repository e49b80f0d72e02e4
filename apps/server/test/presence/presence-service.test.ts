import { InMemoryPresence } from "@multichat/channels";
import { SteppableClock } from "@multichat/channels/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PresenceService } from "../../src/presence/presence-service.ts";

const WINDOW = 250;
const GRACE = 5_000;

let clock: SteppableClock;
let here: PresenceService;
let told: string[];
beforeEach(() => {
  clock = new SteppableClock();
  told = [];
  const presence = async (room: string, { user, status, text }: { user: string; status: string; text: string }) => {
    told.push(`${room}: ${user} ${status}${text === "" ? "" : ` (${text})`}`);
  };
  here = new PresenceService({ broadcasts: { publishPresence: presence }, presence: new InMemoryPresence({ clock }) });
});
afterEach(() => here.close());

/** All that was told since the last time. */
async function tells(ms = WINDOW): Promise<string[]> {
  await clock.advance(ms);
  return told.splice(0).sort();
}

async function come(user: string, channel: string, ...rooms: string[]): Promise<void> {
  await here.connect(user, channel);
  for (const room of rooms) await here.joinRoom(user, channel, room);
}

test("who comes is told once in each room, however many devices they come with", async () => {
  await come("alice", "desk", "a", "b");
  await come("alice", "phone", "a");
  expect(await tells()).toEqual(["a: alice online", "b: alice online"]);
});

test("who reloads within the grace was never away; who stays away is told where they were", async () => {
  await come("alice", "desk", "a", "b");
  await tells();
  await here.disconnect("alice", "desk");
  expect(await tells(GRACE - 1_000)).toEqual([]);
  await come("alice", "desk again", "a", "b");
  expect(await tells(2 * GRACE)).toEqual([]);
  await here.disconnect("alice", "desk again");
  expect(await tells(GRACE + WINDOW)).toEqual(["a: alice offline", "b: alice offline"]);
  expect(await here.list(["alice"])).toEqual([]);
});

test("a room that was left hears nothing more, not even the end", async () => {
  await come("alice", "desk", "a", "b");
  await tells();
  here.leaveRoom("alice", "desk", "b");
  await here.setStatus("alice", "desk", "busy", "writing");
  expect(await tells()).toEqual(["a: alice busy (writing)"]);
  await here.disconnect("alice", "desk");
  expect(await tells(GRACE + WINDOW)).toEqual(["a: alice offline"]);
});

test("who comes back is told in the rooms that they have come back to alone", async () => {
  await come("alice", "desk", "a", "b");
  await tells();
  await here.disconnect("alice", "desk");
  await come("alice", "desk again", "a");
  await here.setStatus("alice", "desk again", "away", "");
  expect(await tells(GRACE + WINDOW)).toEqual(["a: alice away"]);
});

test("who is invisible is not there, and is not told to have gone", async () => {
  await come("alice", "desk");
  await here.setStatus("alice", "desk", "offline", "");
  await here.joinRoom("alice", "desk", "a");
  expect(await tells(GRACE + WINDOW)).toEqual([]);
  expect(await here.list(["alice"])).toEqual([]);
  await here.disconnect("alice", "desk");
  expect(await tells(GRACE + WINDOW)).toEqual([]);
});

test("the text is that of the device that counts", async () => {
  await come("alice", "desk", "a");
  await come("alice", "phone", "a");
  await here.setStatus("alice", "phone", "away", "on the train");
  await here.setStatus("alice", "desk", "busy", "in a meeting");
  expect(await here.list(["alice"])).toEqual([{ user: "alice", status: "busy", text: "in a meeting" }]);
  await here.disconnect("alice", "desk");
  await clock.advance(GRACE + WINDOW);
  expect(await here.list(["alice", "nobody"])).toEqual([{ user: "alice", status: "away", text: "on the train" }]);
});

test("in a crowd nobody is told of comings and goings, and whoever asks is answered", async () => {
  for (let i = 0; i < 300; i += 1) await come(`p${i}`, `c${i}`, "crowd");
  const first = await tells();
  expect(first).toHaveLength(200);
  await here.setStatus("p0", "c0", "busy", "");
  expect(await tells()).toEqual([]);
  expect(await here.list(["p0", "p299"])).toMatchObject([{ status: "busy" }, { status: "online" }]);
  for (let i = 150; i < 300; i += 1) await here.disconnect(`p${i}`, `c${i}`);
  await here.setStatus("p0", "c0", "away", "");
  expect(await tells(), "the crowd has gone").toContain("crowd: p0 away");
});

test("a connection that never came, and one that has gone, change nothing", async () => {
  await here.setStatus("alice", "desk", "busy", "");
  await here.joinRoom("alice", "desk", "a");
  here.leaveRoom("alice", "desk", "a");
  await here.disconnect("alice", "desk");
  expect(await tells(GRACE)).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});
