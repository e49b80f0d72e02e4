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

test("a message is edited by who wrote it alone, a notice by nobody", () => {
  expect(canEdit(alice, byAlice)).toBe(true);
  expect(canEdit(alice, byBob)).toBe(false);
  expect(canEdit(staff, byBob)).toBe(false);
  expect(canEdit(staff, notice)).toBe(false);
  expect(canEdit({ id: "sara" }, { kind: "warning", author: { id: "sara", username: "sara" } })).toBe(false);
});

describe("a message is deleted", () => {
  test.each([
    ["by its author", alice, "member", byAlice, room, true],
    ["by no other member", alice, "member", byBob, room, false],
    ["by a moderator", alice, "moderator", byBob, room, true],
    ["by staff", staff, "member", byBob, room, true],
    ["a notice, by a moderator", alice, "moderator", notice, room, true],
    ["in a direct conversation by its author alone", staff, "member", byBob, direct, false],
  ] as const)("%s", (_, viewer, role, message, where, may) => {
    expect(canDelete(viewer, where, as(role), message)).toBe(may);
  });
});

test("messages are pinned by moderators, in a direct conversation by both", () => {
  expect(canPin(alice, room, as("member"))).toBe(false);
  expect(canPin(alice, room, as("moderator"))).toBe(true);
  expect(canPin(staff, room, as("member"))).toBe(true);
  expect(canPin(alice, direct, as("member"))).toBe(true);
});

test.each([
  ["staff", [false, false, true]],
  ["moderators", [false, true, true]],
  ["everybody", [true, true, true]],
] as const)("@all is for %s", (allMentioners, may) => {
  const who = [
    [alice, as("member")],
    [alice, as("moderator")],
    [staff, as("member")],
  ] as const;
  expect(who.map(([viewer, member]) => canMentionAll(viewer, room, member, { allMentioners }))).toEqual(may);
});

test.each([
  ["nobody", [false, false]],
  ["staff", [false, true]],
  ["everybody", [true, true]],
] as const)("what messages said before is for %s", (historyReaders, may) => {
  expect([alice, staff].map((viewer) => canReadVersions(viewer, { historyReaders }))).toEqual(may);
});

test("slow mode is for those who do not moderate", () => {
  const slow = { kind: "open", slowModeSeconds: 5 } as const;
  expect(isSubjectToSlowMode(alice, slow, as("member"))).toBe(true);
  expect(isSubjectToSlowMode(alice, slow, as("moderator"))).toBe(false);
  expect(isSubjectToSlowMode(staff, slow, as("member"))).toBe(false);
  expect(isSubjectToSlowMode(alice, { ...slow, slowModeSeconds: 0 }, as("member"))).toBe(false);
});
