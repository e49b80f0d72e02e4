import { describe, expect, test } from "vitest";
import type { Membership } from "../../../src/access/policies/members.ts";
import {
  canChangeRoom,
  canCreateRoom,
  canDeleteRoom,
  canPost,
  canSeeRoom,
  type RoomAudience,
} from "../../../src/access/policies/rooms.ts";

const staff = { id: "staff", staff: true };
const superuser = { id: "superuser", staff: true, superuser: true };
const ordinary = { id: "ordinary", staff: false };
const operator = { id: "operator", staff: true, superuser: true, operator: true } as const;
const plain: Membership = { role: "member", mutedUntil: null };
const moderator: Membership = { role: "moderator", mutedUntil: null };
const owner: Membership = { role: "owner", mutedUntil: null };

const open: RoomAudience = { kind: "open", staffOnly: false, members: null, banned: new Set() };
const closed = (...members: string[]): RoomAudience => ({ ...open, kind: "private", members: new Set(members) });
const direct = (...people: string[]): RoomAudience => ({ ...closed(...people), kind: "direct" });

describe("who may see a room", () => {
  test.each<[string, typeof ordinary, RoomAudience, boolean]>([
    ["an open room: everybody", ordinary, open, true],
    ["an open room: staff", staff, open, true],
    ["a staff-only room: not everybody", ordinary, { ...open, staffOnly: true }, false],
    ["a staff-only room: staff", staff, { ...open, staffOnly: true }, true],
    ["a private room: its members", ordinary, closed("ordinary"), true],
    ["a private room: nobody else", ordinary, closed("somebody"), false],
    ["a private room: staff have no door of their own", staff, closed("somebody"), false],
    ["a private room: superusers neither", superuser, closed("somebody"), false],
    ["a private room: the operator, who has the files", operator, closed("somebody"), true],
    ["a private staff-only room: members who are staff", staff, { ...closed("staff"), staffOnly: true }, true],
    [
      "a private staff-only room: not a member who is none",
      ordinary,
      { ...closed("ordinary"), staffOnly: true },
      false,
    ],
    ["a direct room: its two people", ordinary, direct("ordinary", "somebody"), true],
    ["a direct room: not staff", staff, direct("ordinary", "somebody"), false],
    ["a direct room: not the operator", operator, direct("ordinary", "somebody"), false],
    ["banned from an open room", ordinary, { ...open, banned: new Set(["ordinary"]) }, false],
    ["banned, and a member still", ordinary, { ...closed("ordinary"), banned: new Set(["ordinary"]) }, false],
    ["banned, and staff", staff, { ...open, banned: new Set(["staff"]) }, false],
    ["somebody else is banned", ordinary, { ...open, banned: new Set(["somebody"]) }, true],
  ])("%s", (_, viewer, room, may) => {
    expect(canSeeRoom(viewer, room)).toBe(may);
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

describe("who may change a room", () => {
  test.each([
    ["a title", { title: "Another" }, ["moderator", "owner", "staff"]],
    ["a topic", { topic: "Something" }, ["moderator", "owner", "staff"]],
    ["slow mode", { slowModeSeconds: 5 }, ["moderator", "owner", "staff"]],
    ["archived", { archived: true }, ["moderator", "owner", "staff"]],
    ["who may enter", { kind: "private" }, ["owner", "staff"]],
    ["staff-only", { staffOnly: true }, ["staff"]],
    ["a title and who may enter", { title: "Another", kind: "open" }, ["owner", "staff"]],
    ["a title and staff-only", { title: "Another", staffOnly: false }, ["staff"]],
    [
      "nothing, by members that are there and say nothing",
      { title: undefined },
      ["member", "moderator", "owner", "staff"],
    ],
  ] as const)("%s", (_, changes, may) => {
    const allowed = [
      ["member", ordinary, plain],
      ["moderator", ordinary, moderator],
      ["owner", ordinary, owner],
      ["staff", staff, plain],
    ] as const;
    const who = allowed.filter(([, viewer, member]) => canChangeRoom(viewer, { kind: "private" }, member, changes));
    expect(who.map(([name]) => name)).toEqual(may);
  });

  test("a direct room is changed by nobody", () => {
    for (const viewer of [ordinary, staff, superuser, operator]) {
      expect(canChangeRoom(viewer, { kind: "direct" }, owner, { topic: "Us" })).toBe(false);
    }
  });
});

test("a room is deleted by staff and its owners, a direct one by nobody", () => {
  expect(canDeleteRoom(staff, { kind: "open" }, plain)).toBe(true);
  expect(canDeleteRoom(ordinary, { kind: "open" }, owner)).toBe(true);
  expect(canDeleteRoom(ordinary, { kind: "open" }, moderator)).toBe(false);
  expect(canDeleteRoom(superuser, { kind: "direct" }, owner)).toBe(false);
});
