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
const somebody = { id: "somebody", staff: false, owner: false };

describe("what somebody is counted as", () => {
  test.each([
    ["a member", ordinary, as("member"), "member"],
    ["a moderator", ordinary, as("moderator"), "moderator"],
    ["an owner", ordinary, as("owner"), "owner"],
    ["staff: a moderator", staff, as("member"), "moderator"],
    ["staff who own it: an owner", staff, as("owner"), "owner"],
    ["a superuser: an owner", superuser, as("member"), "owner"],
  ] as const)("%s", (_, viewer, member, rank) => {
    expect(getEffectiveRole(viewer, room, member)).toBe(rank);
    expect(getEffectiveRole(viewer, { kind: "direct" }, member), "in a direct conversation all are equal").toBe(
      "member",
    );
  });
});

test.each([
  [null, false],
  [999, false],
  [1_000, false],
  [1_001, true],
])("muted until %s, at 1000: %s", (mutedUntil, muted) => {
  expect(isMuted({ role: "member", mutedUntil }, 1_000)).toBe(muted);
});

test("one joins open rooms by oneself, and no other", () => {
  expect((["open", "private", "direct"] as const).map((kind) => canJoin({ kind }))).toEqual([true, false, false]);
});

test("who is muted leaves a private room, and cannot come back into an open one as a guest", () => {
  const muted: Membership = { role: "member", mutedUntil: 2_000 };
  expect(canLeave({ kind: "open" }, muted, 1_000)).toBe(false);
  expect(canLeave({ kind: "open" }, muted, 2_000)).toBe(true);
  expect(canLeave({ kind: "private" }, muted, 1_000)).toBe(true);
  expect(canLeave({ kind: "direct" }, as("member"), 1_000)).toBe(false);
});

describe("who may invite somebody", () => {
  test.each([
    [ordinary, "member", []],
    [ordinary, "moderator", ["member", "moderator"]],
    [ordinary, "owner", ["member", "moderator", "owner"]],
    [staff, "member", ["member", "moderator"]],
    [superuser, "member", ["member", "moderator", "owner"]],
  ] as const)("%j, a %s, as %j", (viewer, role, may) => {
    const roles = ["member", "moderator", "owner"] as const;
    expect(roles.filter((invited) => canInvite(viewer, room, as(role), invited))).toEqual(may);
  });
});

test.each([
  ["a member", false, ordinary, "member"],
  ["a moderator", true, ordinary, "moderator"],
  ["an owner", true, ordinary, "owner"],
  ["staff", true, staff, "member"],
  ["a superuser", true, superuser, "member"],
] as const)("who is banned is shown to %s: %s", (_, may, viewer, role) => {
  expect(canListBans(viewer, room, as(role))).toBe(may);
  expect(canListBans(viewer, { kind: "direct" }, as(role)), "nobody is banned from a direct conversation").toBe(false);
});

describe("who may remove, ban, mute or change somebody", () => {
  const target = { plain: somebody, owner: { ...somebody, owner: true }, staff: { ...somebody, staff: true } };
  test.each([
    ["a member", ordinary, "member", []],
    ["a moderator", ordinary, "moderator", ["plain"]],
    ["an owner", ordinary, "owner", ["plain", "owner"]],
    ["staff", staff, "member", ["plain", "staff"]],
    ["a superuser", superuser, "member", ["plain", "owner", "staff"]],
  ] as const)("%s", (_, viewer, role, may) => {
    const who = Object.entries(target).filter(([, whom]) => canManage(viewer, room, as(role), whom));
    expect(who.map(([name]) => name)).toEqual(may);
    expect(canManage(viewer, { kind: "direct" }, as(role), somebody)).toBe(false);
  });
});
