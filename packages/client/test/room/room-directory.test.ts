import type { Room, RoomListEntry } from "@multichat/protocol";
import { expect, test } from "vitest";
import { NotificationBatch } from "../../src/core/notification-batch.ts";
import { RoomDirectory } from "../../src/room/room-directory.ts";

const ENTRY: RoomListEntry = {
  id: "a",
  number: 1,
  title: "General",
  topic: "",
  kind: "direct",
  staffOnly: false,
  archived: false,
  slowModeSeconds: 0,
  lastSeq: 4,
  createdAt: 1,
  people: [
    { id: "u1", username: "alice" },
    { id: "u2", username: "bob" },
  ],
  role: null,
  mutedUntil: null,
  unread: 0,
  mentions: 0,
};

const [first, second] = ENTRY.people;
const fromLater = { id: "u2", username: "bob", later: 1 };
const people = (...changed: (RoomListEntry["people"][number] | undefined)[]) => ({
  people: changed.filter((person) => person !== undefined),
});

test.each<[what: string, change: Partial<Room>]>([
  ["the title", { title: "Other" }],
  ["the topic", { topic: "Other" }],
  ["the kind", { kind: "private" }],
  ["the staff flag", { staffOnly: true }],
  ["the archive", { archived: true }],
  ["slow mode", { slowModeSeconds: 5 }],
  ["a username", people(first, { id: "u2", username: "robert" })],
  ["a deactivated account", people(first, { id: "u2", username: "bob", deactivated: true })],
  ["another person", people(first, { id: "u3", username: "bob" })],
  ["one person less", people(first)],
  ["one person more", people(first, second, { id: "u3", username: "carol" })],
  ["a field that this version does not know", { later: 1 } as object],
  ["a person's field that this version does not know", people(first, fromLater)],
])("an event that changes %s reaches the subscribers, there and back; a repeat does not", async (_, change) => {
  const directory = new RoomDirectory(new NotificationBatch());
  directory.replace([ENTRY]);
  await Promise.resolve();
  let calls = 0;
  directory.entry("a").subscribe(() => {
    calls += 1;
  });
  for (const [room, expected] of [
    [{ ...ENTRY, ...change }, 1],
    [{ ...ENTRY, ...change }, 1],
    [ENTRY, 2],
    [ENTRY, 2],
  ] as const) {
    directory.add(room);
    await Promise.resolve();
    expect(directory.entry("a").get()).toMatchObject(room);
    expect(calls).toBe(expected);
  }
});
