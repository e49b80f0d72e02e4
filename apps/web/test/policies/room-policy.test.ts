import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import {
  canChangeKind,
  canDeleteRoom,
  canInvite,
  canJoin,
  canLeave,
  canManage,
  getAssignableRoles,
} from "../../src/policies/room-policy.ts";
import { canPin, getEffectiveRole } from "../../src/policies/room-role.ts";
import { createRoomListEntry } from "../fixtures/room-list-entry.ts";

const plain: Me = { id: "me", username: "me", email: null, staff: false, superuser: false };
const staff: Me = { ...plain, staff: true };
const superuser: Me = { ...staff, superuser: true };
const room = (role: Role | null, fields: Partial<Parameters<typeof createRoomListEntry>[0]> = {}) =>
  createRoomListEntry({ number: 1, role, ...fields });
const target = (role: Role, id = "other") => ({ user: { id, username: id }, role });

test("treats staff as moderators and superusers as owners of every room except direct conversations", () => {
  expect(getEffectiveRole(plain, room(null))).toBe("member");
  expect(getEffectiveRole(staff, room(null))).toBe("moderator");
  expect(getEffectiveRole(superuser, room("member"))).toBe("owner");
  expect(getEffectiveRole(superuser, room("member", { kind: "direct" }))).toBe("member");
});

test("lets a moderator manage everyone except owners, and nobody themselves", () => {
  expect(canManage(plain, room("moderator"), target("moderator"))).toBe(true);
  expect(canManage(plain, room("moderator"), target("owner"))).toBe(false);
  expect(canManage(plain, room("owner"), target("owner"))).toBe(true);
  expect(canManage(plain, room("owner"), target("owner", "me"))).toBe(false);
  expect(canManage(plain, room("member"), target("member"))).toBe(false);
});

test("lets only owners assign the owner role", () => {
  expect(getAssignableRoles(plain, room("moderator"))).not.toContain("owner");
  expect(getAssignableRoles(plain, room("owner"))).toContain("owner");
});

test("lets owners and staff change the kind of a room and delete it", () => {
  for (const isAllowed of [canChangeKind, canDeleteRoom]) {
    expect(isAllowed(plain, room("moderator"))).toBe(false);
    expect(isAllowed(plain, room("owner"))).toBe(true);
    expect(isAllowed(staff, room(null))).toBe(true);
    expect(isAllowed(superuser, room("member", { kind: "direct" }))).toBe(false);
  }
});

test("lets users join and leave open rooms, except a muted user leaving", () => {
  expect(canJoin(room(null))).toBe(true);
  expect(canJoin(room("member"))).toBe(false);
  expect(canJoin(room(null, { archived: true }))).toBe(false);
  expect(canLeave(room(null), 0)).toBe(false);
  expect(canLeave(room("member", { mutedUntil: 10 }), 5)).toBe(false);
  expect(canLeave(room("member", { mutedUntil: 10 }), 10)).toBe(true);
  expect(canLeave(room("member", { kind: "private", mutedUntil: 10 }), 5)).toBe(true);
  expect(canLeave(room("member", { kind: "direct" }), 0)).toBe(false);
});

test("allows no invitation to an archived room or a direct conversation, where both people may pin", () => {
  expect(canInvite(plain, room("moderator"))).toBe(true);
  expect(canInvite(plain, room("moderator", { archived: true }))).toBe(false);
  expect(canInvite(superuser, room("member", { kind: "direct" }))).toBe(false);
  expect(canPin(plain, room("member", { kind: "direct" }))).toBe(true);
  expect(canPin(plain, room("member"))).toBe(false);
});
