import { beforeEach, expect, test } from "vitest";
import { getStarredRooms, setStarred } from "../../src/state/storage/starred.ts";
import { writeStored } from "../../src/state/storage/storage.ts";

beforeEach(() => {
  for (const user of ["ada", "bob", "carol"]) writeStored(`multichat.starred.${user}`, null);
  // Loading another user drops the cached set.
  getStarredRooms("nobody");
});

test("stores stars per user", () => {
  setStarred("ada", "room-1", { starred: true });
  setStarred("bob", "room-2", { starred: true });
  expect([...getStarredRooms("ada")]).toEqual(["room-1"]);
  expect([...getStarredRooms("bob")]).toEqual(["room-2"]);
});

test("removes a star, and returns the same set until it changes", () => {
  setStarred("ada", "room-1", { starred: true });
  setStarred("ada", "room-2", { starred: true });
  setStarred("ada", "room-1", { starred: false });
  expect([...getStarredRooms("ada")]).toEqual(["room-2"]);
  expect(getStarredRooms("ada")).toBe(getStarredRooms("ada"));
});

test("keeps the latest stars up to the maximum", () => {
  for (let i = 0; i < 230; i += 1) setStarred("carol", `room-${i}`, { starred: true });
  expect(getStarredRooms("carol").size).toBe(200);
  expect(getStarredRooms("carol").has("room-229")).toBe(true);
  expect(getStarredRooms("carol").has("room-0")).toBe(false);
});

test("ignores stored values that are not ids", () => {
  writeStored("multichat.starred.carol", JSON.stringify([1, null, "room-1"]));
  expect([...getStarredRooms("carol")]).toEqual(["room-1"]);
});
