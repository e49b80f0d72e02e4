import { beforeEach, expect, test } from "vitest";
import { getStarredRooms, setStarred } from "../../src/state/starred.ts";
import { writeStored } from "../../src/state/storage.ts";

beforeEach(() => {
  for (const user of ["ada", "bob", "carol"]) writeStored(`multichat.starred.${user}`, null);
  // What was loaded is forgotten with the person.
  getStarredRooms("nobody");
});

test("each person has stars of their own", () => {
  setStarred("ada", "room-1", { starred: true });
  setStarred("bob", "room-2", { starred: true });
  expect([...getStarredRooms("ada")]).toEqual(["room-1"]);
  expect([...getStarredRooms("bob")]).toEqual(["room-2"]);
});

test("a star that is taken back is gone, and the set is the same one as long as nothing changes", () => {
  setStarred("ada", "room-1", { starred: true });
  setStarred("ada", "room-2", { starred: true });
  setStarred("ada", "room-1", { starred: false });
  expect([...getStarredRooms("ada")]).toEqual(["room-2"]);
  expect(getStarredRooms("ada")).toBe(getStarredRooms("ada"));
});

test("of very many stars the latest are kept", () => {
  for (let i = 0; i < 230; i += 1) setStarred("carol", `room-${i}`, { starred: true });
  expect(getStarredRooms("carol").size).toBe(200);
  expect(getStarredRooms("carol").has("room-229")).toBe(true);
  expect(getStarredRooms("carol").has("room-0")).toBe(false);
});

test("what is stored and is no list of ids is no star", () => {
  writeStored("multichat.starred.carol", JSON.stringify([1, null, "room-1"]));
  expect([...getStarredRooms("carol")]).toEqual(["room-1"]);
});
