import type { Role } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import {
  canInvite,
  canJoin,
  canLeave,
  canListBans,
  canManage,
  getEffectiveRole,
  isMuted,
  type Membership,
} from "../../../src/access/policies/members.ts";

const as = (role: Role): Membership => ({ role, mutedUntil: null });
const ordinary = { id: "ordinary", staff: false };
const staff = { id: "staff", staff: true };
const superuser = { id: "superuser", staff: true, superuser: true };
const room = { kind: "private" } as const;
const otherUser = { id: "other", staff: false, owner: false };

describe("getEffectiveRole", () => {
  test.each([
    ["returns member for a member", ordinary, as("member"), "member"],
    ["returns moderator for a moderator", ordinary, as("moderator"), "moderator"],
    ["returns owner for an owner", ordinary, as("owner"), "owner"],
    ["returns moderator for staff", staff, as("member"), "moderator"],
    ["returns owner for staff who own the room", staff, as("owner"), "owner"],
    ["returns owner for a superuser", superuser, as("member"), "owner"],
  ] as const)("%s", (_, viewer, member, role) => {
    expect(getEffectiveRole(viewer, room, member)).toBe(role);
    expect(getEffectiveRole(viewer, { kind: "direct" }, member), "everyone is a member of a direct conversation").toBe(
      "member",
    );
  });
});

test.each([
  [null, false],
  [999, false],
  [1_000, false],
  [1_001, true],
])("isMuted until %s, at 1000: %s", (mutedUntil, expected) => {
  expect(isMuted({ role: "member", mutedUntil }, 1_000)).toBe(expected);
});

test("canJoin allows open rooms only", () => {
  expect((["open", "private", "direct"] as const).map((kind) => canJoin({ kind }))).toEqual([true, false, false]);
});

test("canLeave keeps muted members in an open room, where they could write as a guest, but not in a private one", () => {
  const muted: Membership = { role: "member", mutedUntil: 2_000 };
  expect(canLeave({ kind: "open" }, muted, 1_000)).toBe(false);
  expect(canLeave({ kind: "open" }, muted, 2_000)).toBe(true);
  expect(canLeave({ kind: "private" }, muted, 1_000)).toBe(true);
  expect(canLeave({ kind: "direct" }, as("member"), 1_000)).toBe(false);
});

describe("canInvite", () => {
  test.each([
    [ordinary, "member", []],
    [ordinary, "moderator", ["member", "moderator"]],
    [ordinary, "owner", ["member", "moderator", "owner"]],
    [staff, "member", ["member", "moderator"]],
    [superuser, "member", ["member", "moderator", "owner"]],
  ] as const)("allows %j as %s the roles %j", (viewer, role, allowed) => {
    const roles = ["member", "moderator", "owner"] as const;
    expect(roles.filter((invited) => canInvite(viewer, room, as(role), invited))).toEqual(allowed);
  });
});

test.each([
  ["a member", false, ordinary, "member"],
  ["a moderator", true, ordinary, "moderator"],
  ["an owner", true, ordinary, "owner"],
  ["staff", true, staff, "member"],
  ["a superuser", true, superuser, "member"],
] as const)("canListBans for %s: %s", (_, allowed, viewer, role) => {
  expect(canListBans(viewer, room, as(role))).toBe(allowed);
  expect(canListBans(viewer, { kind: "direct" }, as(role)), "a direct conversation has no bans").toBe(false);
});

describe("canManage", () => {
  const targets = { plain: otherUser, owner: { ...otherUser, owner: true }, staff: { ...otherUser, staff: true } };
  test.each([
    ["a member", ordinary, "member", []],
    ["a moderator", ordinary, "moderator", ["plain"]],
    ["an owner", ordinary, "owner", ["plain", "owner"]],
    ["staff", staff, "member", ["plain", "staff"]],
    ["a superuser", superuser, "member", ["plain", "owner", "staff"]],
  ] as const)("%s", (_, viewer, role, manageable) => {
    const allowed = Object.entries(targets).filter(([, target]) => canManage(viewer, room, as(role), target));
    expect(allowed.map(([name]) => name)).toEqual(manageable);
    expect(canManage(viewer, { kind: "direct" }, as(role), otherUser)).toBe(false);
  });
});
