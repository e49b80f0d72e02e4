import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import {
  mayChangeKind,
  mayDeleteRoom,
  mayInvite,
  mayJoin,
  mayLeave,
  mayManage,
  mayPin,
  rankIn,
  rolesToGive,
} from "../../src/policies/room-policy.ts";
import { roomEntry } from "../fixtures/room-list-entry.ts";

const plain: Me = { id: "me", username: "me", email: null, staff: false, superuser: false };
const staff: Me = { ...plain, staff: true };
const superuser: Me = { ...staff, superuser: true };
const room = (role: Role | null, fields: Partial<Parameters<typeof roomEntry>[0]> = {}) =>
  roomEntry({ number: 1, role, ...fields });
const target = (role: Role, id = "other") => ({ user: { id, username: id }, role });

test("staff are moderators and superusers owners of every room but a direct conversation", () => {
  expect(rankIn(plain, room(null))).toBe("member");
  expect(rankIn(staff, room(null))).toBe("moderator");
  expect(rankIn(superuser, room("member"))).toBe("owner");
  expect(rankIn(superuser, room("member", { kind: "direct" }))).toBe("member");
});

test("a moderator touches everybody but owners; nobody manages themselves", () => {
  expect(mayManage(plain, room("moderator"), target("moderator"))).toBe(true);
  expect(mayManage(plain, room("moderator"), target("owner"))).toBe(false);
  expect(mayManage(plain, room("owner"), target("owner"))).toBe(true);
  expect(mayManage(plain, room("owner"), target("owner", "me"))).toBe(false);
  expect(mayManage(plain, room("member"), target("member"))).toBe(false);
});

test("only owners make owners", () => {
  expect(rolesToGive(plain, room("moderator"))).not.toContain("owner");
  expect(rolesToGive(plain, room("owner"))).toContain("owner");
});

test("whether a room is open is for its owners and for staff, who may also delete it", () => {
  for (const may of [mayChangeKind, mayDeleteRoom]) {
    expect(may(plain, room("moderator"))).toBe(false);
    expect(may(plain, room("owner"))).toBe(true);
    expect(may(staff, room(null))).toBe(true);
    expect(may(superuser, room("member", { kind: "direct" }))).toBe(false);
  }
});

test("open rooms are joined by oneself, and left, but not by who is muted in them", () => {
  expect(mayJoin(room(null))).toBe(true);
  expect(mayJoin(room("member"))).toBe(false);
  expect(mayJoin(room(null, { archived: true }))).toBe(false);
  expect(mayLeave(room(null), 0)).toBe(false);
  expect(mayLeave(room("member", { mutedUntil: 10 }), 5)).toBe(false);
  expect(mayLeave(room("member", { mutedUntil: 10 }), 10)).toBe(true);
  expect(mayLeave(room("member", { kind: "private", mutedUntil: 10 }), 5)).toBe(true);
  expect(mayLeave(room("member", { kind: "direct" }), 0)).toBe(false);
});

test("nobody is brought into an archived room; in a direct conversation both pin and nobody is brought in", () => {
  expect(mayInvite(plain, room("moderator"))).toBe(true);
  expect(mayInvite(plain, room("moderator", { archived: true }))).toBe(false);
  expect(mayInvite(superuser, room("member", { kind: "direct" }))).toBe(false);
  expect(mayPin(plain, room("member", { kind: "direct" }))).toBe(true);
  expect(mayPin(plain, room("member"))).toBe(false);
});
