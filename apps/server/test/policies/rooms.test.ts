import { describe, expect, test } from "vitest";
import { canCreateRoom, canManageRooms, canPost, canSeeRoom } from "../../src/policies/rooms.ts";

const staff = { staff: true };
const ordinary = { staff: false };

describe("who may see a room", () => {
  test.each([
    { viewer: ordinary, staffOnly: false, may: true },
    { viewer: ordinary, staffOnly: true, may: false },
    { viewer: staff, staffOnly: false, may: true },
    { viewer: staff, staffOnly: true, may: true },
  ])("staff $viewer.staff, staff-only room $staffOnly: $may", ({ viewer, staffOnly, may }) => {
    expect(canSeeRoom(viewer, { staffOnly })).toBe(may);
  });
});

test("an archived room is written to by nobody, staff or not", () => {
  for (const viewer of [staff, ordinary]) {
    expect(canPost(viewer, { archived: false })).toBe(true);
    expect(canPost(viewer, { archived: true })).toBe(false);
  }
});

describe("who may create a room", () => {
  test.each([
    { viewer: staff, roomCreators: "staff", staffOnly: false, may: true },
    { viewer: staff, roomCreators: "staff", staffOnly: true, may: true },
    { viewer: staff, roomCreators: "everybody", staffOnly: true, may: true },
    { viewer: ordinary, roomCreators: "staff", staffOnly: false, may: false },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: false, may: true },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: undefined, may: true },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: true, may: false },
  ] as const)("staff $viewer.staff, creators $roomCreators, staff-only $staffOnly: $may", (row) => {
    expect(canCreateRoom(row.viewer, { roomCreators: row.roomCreators }, { staffOnly: row.staffOnly })).toBe(row.may);
  });
});

test("staff alone change and delete rooms", () => {
  expect(canManageRooms(staff)).toBe(true);
  expect(canManageRooms(ordinary)).toBe(false);
});
