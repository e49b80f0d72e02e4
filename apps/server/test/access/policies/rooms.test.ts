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
const privateRoom = (...members: string[]): RoomAudience => ({ ...open, kind: "private", members: new Set(members) });
const direct = (...people: string[]): RoomAudience => ({ ...privateRoom(...people), kind: "direct" });

describe("canSeeRoom", () => {
  test.each<[string, typeof ordinary, RoomAudience, boolean]>([
    ["allows everybody in an open room", ordinary, open, true],
    ["allows staff in an open room", staff, open, true],
    ["refuses an ordinary user in a staff-only room", ordinary, { ...open, staffOnly: true }, false],
    ["allows staff in a staff-only room", staff, { ...open, staffOnly: true }, true],
    ["allows a member in a private room", ordinary, privateRoom("ordinary"), true],
    ["refuses everybody else in a private room", ordinary, privateRoom("other"), false],
    ["refuses staff in a private room", staff, privateRoom("other"), false],
    ["refuses a superuser in a private room", superuser, privateRoom("other"), false],
    ["allows the operator, who has the database, in a private room", operator, privateRoom("other"), true],
    [
      "allows a member who is staff in a private staff-only room",
      staff,
      { ...privateRoom("staff"), staffOnly: true },
      true,
    ],
    [
      "refuses a member who is not staff in a private staff-only room",
      ordinary,
      { ...privateRoom("ordinary"), staffOnly: true },
      false,
    ],
    ["allows the participants of a direct conversation", ordinary, direct("ordinary", "other"), true],
    ["refuses staff in a direct conversation", staff, direct("ordinary", "other"), false],
    ["refuses the operator in a direct conversation", operator, direct("ordinary", "other"), false],
    ["refuses a banned user in an open room", ordinary, { ...open, banned: new Set(["ordinary"]) }, false],
    ["refuses a banned member", ordinary, { ...privateRoom("ordinary"), banned: new Set(["ordinary"]) }, false],
    ["refuses banned staff", staff, { ...open, banned: new Set(["staff"]) }, false],
    ["allows a user while another one is banned", ordinary, { ...open, banned: new Set(["other"]) }, true],
  ])("%s", (_, viewer, room, allowed) => {
    expect(canSeeRoom(viewer, room)).toBe(allowed);
  });
});

test("canPost refuses everybody in an archived room, staff included", () => {
  for (const viewer of [staff, ordinary]) {
    expect(canPost(viewer, { archived: false })).toBe(true);
    expect(canPost(viewer, { archived: true })).toBe(false);
  }
});

describe("canCreateRoom", () => {
  test.each([
    { viewer: staff, roomCreators: "staff", staffOnly: false, allowed: true },
    { viewer: staff, roomCreators: "staff", staffOnly: true, allowed: true },
    { viewer: staff, roomCreators: "everybody", staffOnly: true, allowed: true },
    { viewer: ordinary, roomCreators: "staff", staffOnly: false, allowed: false },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: false, allowed: true },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: undefined, allowed: true },
    { viewer: ordinary, roomCreators: "everybody", staffOnly: true, allowed: false },
  ] as const)("staff $viewer.staff, creators $roomCreators, staff-only $staffOnly: $allowed", (row) => {
    expect(canCreateRoom(row.viewer, { roomCreators: row.roomCreators }, { staffOnly: row.staffOnly })).toBe(
      row.allowed,
    );
  });
});

describe("canChangeRoom", () => {
  test.each([
    ["a title", { title: "Another" }, ["moderator", "owner", "staff"]],
    ["a topic", { topic: "Something" }, ["moderator", "owner", "staff"]],
    ["slow mode", { slowModeSeconds: 5 }, ["moderator", "owner", "staff"]],
    ["archived", { archived: true }, ["moderator", "owner", "staff"]],
    ["the kind", { kind: "private" }, ["owner", "staff"]],
    ["staff-only", { staffOnly: true }, ["staff"]],
    ["a title and the kind", { title: "Another", kind: "open" }, ["owner", "staff"]],
    ["a title and staff-only", { title: "Another", staffOnly: false }, ["staff"]],
    ["undefined properties only", { title: undefined }, ["member", "moderator", "owner", "staff"]],
  ] as const)("allows changing %s", (_, changes, allowed) => {
    const viewers = [
      ["member", ordinary, plain],
      ["moderator", ordinary, moderator],
      ["owner", ordinary, owner],
      ["staff", staff, plain],
    ] as const;
    const permitted = viewers.filter(([, viewer, member]) =>
      canChangeRoom(viewer, { kind: "private" }, member, changes),
    );
    expect(permitted.map(([name]) => name)).toEqual(allowed);
  });

  test("refuses everybody in a direct conversation", () => {
    for (const viewer of [ordinary, staff, superuser, operator]) {
      expect(canChangeRoom(viewer, { kind: "direct" }, owner, { topic: "Us" })).toBe(false);
    }
  });
});

test("canDeleteRoom allows staff and owners, and nobody in a direct conversation", () => {
  expect(canDeleteRoom(staff, { kind: "open" }, plain)).toBe(true);
  expect(canDeleteRoom(ordinary, { kind: "open" }, owner)).toBe(true);
  expect(canDeleteRoom(ordinary, { kind: "open" }, moderator)).toBe(false);
  expect(canDeleteRoom(superuser, { kind: "direct" }, owner)).toBe(false);
});
