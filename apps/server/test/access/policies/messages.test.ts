import type { Role } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import type { Membership } from "../../../src/access/policies/members.ts";
import {
  canDelete,
  canEdit,
  canMentionAll,
  canPin,
  canReadVersions,
  isSubjectToSlowMode,
} from "../../../src/access/policies/messages.ts";

const as = (role: Role): Membership => ({ role, mutedUntil: null });
const room = { kind: "open" } as const;
const direct = { kind: "direct" } as const;
const alice = { id: "alice", staff: false };
const staff = { id: "sara", staff: true };
const byAlice = { kind: "message", author: { id: "alice", username: "alice" } } as const;
const byBob = { kind: "message", author: { id: "bob", username: "bob" } } as const;
const notice = { kind: "alert", author: null } as const;

test("canEdit allows only the author of a message, and nobody for a notice", () => {
  expect(canEdit(alice, byAlice)).toBe(true);
  expect(canEdit(alice, byBob)).toBe(false);
  expect(canEdit(staff, byBob)).toBe(false);
  expect(canEdit(staff, notice)).toBe(false);
  expect(canEdit({ id: "sara" }, { kind: "warning", author: { id: "sara", username: "sara" } })).toBe(false);
});

describe("canDelete", () => {
  test.each([
    ["allows the author", alice, "member", byAlice, room, true],
    ["refuses another member", alice, "member", byBob, room, false],
    ["allows a moderator", alice, "moderator", byBob, room, true],
    ["allows staff", staff, "member", byBob, room, true],
    ["allows a moderator to delete a notice", alice, "moderator", notice, room, true],
    ["allows only the author in a direct conversation", staff, "member", byBob, direct, false],
  ] as const)("%s", (_, viewer, role, message, inRoom, allowed) => {
    expect(canDelete(viewer, inRoom, as(role), message)).toBe(allowed);
  });
});

test("canPin allows moderators, and both participants of a direct conversation", () => {
  expect(canPin(alice, room, as("member"))).toBe(false);
  expect(canPin(alice, room, as("moderator"))).toBe(true);
  expect(canPin(staff, room, as("member"))).toBe(true);
  expect(canPin(alice, direct, as("member"))).toBe(true);
});

test.each([
  ["staff", [false, false, true]],
  ["moderators", [false, true, true]],
  ["everybody", [true, true, true]],
] as const)("canMentionAll for %s", (allMentioners, allowed) => {
  const viewers = [
    [alice, as("member")],
    [alice, as("moderator")],
    [staff, as("member")],
  ] as const;
  expect(viewers.map(([viewer, member]) => canMentionAll(viewer, room, member, { allMentioners }))).toEqual(allowed);
});

test.each([
  ["nobody", [false, false]],
  ["staff", [false, true]],
  ["everybody", [true, true]],
] as const)("canReadVersions for %s", (historyReaders, allowed) => {
  expect([alice, staff].map((viewer) => canReadVersions(viewer, { historyReaders }))).toEqual(allowed);
});

test("isSubjectToSlowMode excludes moderators", () => {
  const slow = { kind: "open", slowModeSeconds: 5 } as const;
  expect(isSubjectToSlowMode(alice, slow, as("member"))).toBe(true);
  expect(isSubjectToSlowMode(alice, slow, as("moderator"))).toBe(false);
  expect(isSubjectToSlowMode(staff, slow, as("member"))).toBe(false);
  expect(isSubjectToSlowMode(alice, { ...slow, slowModeSeconds: 0 }, as("member"))).toBe(false);
});
