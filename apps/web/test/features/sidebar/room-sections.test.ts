import { expect, test } from "vitest";
import { flattenSections, groupIntoSections } from "../../../src/features/sidebar/room-sections.ts";
import { createRoomListEntry } from "../../fixtures/room-list-entry.ts";

const ME = "me";
const person = (username: string) => ({ id: username, username });
const joined = createRoomListEntry({ number: 1 });
const other = createRoomListEntry({ number: 2, role: null });
const archived = createRoomListEntry({ number: 3, archived: true });
const zoe = createRoomListEntry({ number: 4, kind: "direct", title: "", people: [person(ME), person("zoe")] });
const adam = createRoomListEntry({ number: 5, kind: "direct", title: "", people: [person("adam"), person(ME)] });
const starred = createRoomListEntry({ number: 6, role: null });
const numbers = (rooms: readonly { readonly number: number }[]) => rooms.map((room) => room.number);

test("puts each room in one section, with direct conversations sorted by the other person's name", () => {
  const sections = groupIntoSections([joined, other, archived, zoe, adam, starred], ME, new Set([starred.id]));
  expect(numbers(sections.starred)).toEqual([6]);
  expect(numbers(sections.rooms)).toEqual([1]);
  expect(numbers(sections.direct)).toEqual([5, 4]);
  expect(numbers(sections.others)).toEqual([2]);
  expect(numbers(sections.archived)).toEqual([3]);
});

test("lists the open rooms as the rooms of a user without memberships", () => {
  const sections = groupIntoSections([other, zoe], ME, new Set());
  expect(numbers(sections.rooms)).toEqual([2]);
  expect(sections.others).toEqual([]);
});

test("keeps an archived room in the archived section even when it is starred", () => {
  const sections = groupIntoSections([archived], ME, new Set([archived.id]));
  expect(sections.starred).toEqual([]);
  expect(numbers(sections.archived)).toEqual([3]);
});

test("flattens the sections in the order of the list", () => {
  const sections = groupIntoSections([joined, other, archived, zoe, adam, starred], ME, new Set([starred.id]));
  expect(numbers(flattenSections(sections))).toEqual([6, 1, 5, 4, 2]);
});
