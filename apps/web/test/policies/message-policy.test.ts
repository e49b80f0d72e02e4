import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import {
  getMessagePermissions,
  getRoomPermissions,
  hasAnyPermission,
  type RoomPermissions,
} from "../../src/policies/message-policy.ts";
import { createMessage } from "../fixtures/message.ts";

const ann: Me = { id: "ann", username: "ann", email: null, staff: false, superuser: false };

const bobs = createMessage({ author: { id: "bob", username: "bob" } });

interface Situation {
  readonly kind?: "open" | "private" | "direct";
  readonly role?: Role | null;
  readonly archived?: boolean;
  readonly muted?: boolean;
  readonly canReadHistory?: boolean;
}

function permissionsOf(
  me: Me,
  { kind = "open", role = null, archived = false, muted: isMuted = false, canReadHistory = false }: Situation = {},
): RoomPermissions {
  return getRoomPermissions(me, { room: { kind, role, archived, people: [] }, isMuted, canReadHistory });
}

test("lets authors edit and delete their own messages, but not those of others", () => {
  expect(getMessagePermissions(createMessage(), permissionsOf(ann))).toMatchObject({
    canEdit: true,
    canDelete: true,
    canReply: true,
    canReact: true,
    canPin: false,
    canMarkUnread: false,
  });
  expect(getMessagePermissions(bobs, permissionsOf(ann))).toMatchObject({
    canEdit: false,
    canDelete: false,
    canReply: true,
    canReact: true,
    canPin: false,
    canMarkUnread: true,
  });
});

test.each([
  ["a moderator", ann, { role: "moderator" }],
  ["an owner", ann, { role: "owner" }],
  ["staff", { ...ann, staff: true }, {}],
] as const)("lets %s delete and pin the messages of others, but not edit them", (_, me, situation) => {
  expect(getMessagePermissions(bobs, permissionsOf(me, situation))).toMatchObject({
    canEdit: false,
    canDelete: true,
    canPin: true,
  });
});

test("lets both people of a direct conversation pin, without privileges for staff", () => {
  const permissions = getMessagePermissions(
    bobs,
    permissionsOf({ ...ann, staff: true, superuser: true }, { kind: "direct", role: "member" }),
  );
  expect(permissions).toMatchObject({ canPin: true, canDelete: false, canEdit: false });
});

test("lets a muted user delete their own messages and nothing else", () => {
  expect(getMessagePermissions(createMessage(), permissionsOf(ann, { muted: true }))).toMatchObject({
    canEdit: false,
    canReact: false,
    canReply: false,
    canDelete: true,
  });
});

test("allows nothing in an archived room except deleting by moderators", () => {
  expect(getMessagePermissions(createMessage(), permissionsOf(ann, { archived: true }))).toMatchObject({
    canEdit: false,
    canDelete: false,
    canReply: false,
  });
  expect(getMessagePermissions(bobs, permissionsOf(ann, { archived: true, role: "moderator" }))).toMatchObject({
    canDelete: true,
    canPin: false,
  });
});

test("offers nothing for a deleted message except its history to those who may read it", () => {
  const deleted = createMessage({ deletedAt: 5, body: "" });
  expect(hasAnyPermission(getMessagePermissions(deleted, permissionsOf({ ...ann, staff: true })))).toBe(false);
  expect(getMessagePermissions(deleted, permissionsOf(ann, { canReadHistory: true })).canReadHistory).toBe(true);
  expect(getMessagePermissions(createMessage(), permissionsOf(ann, { canReadHistory: true })).canReadHistory).toBe(
    false,
  );
  expect(
    getMessagePermissions(createMessage({ editedAt: 3 }), permissionsOf(ann, { canReadHistory: true })).canReadHistory,
  ).toBe(true);
});

test("lets nobody edit a notice, not even its author", () => {
  expect(getMessagePermissions(createMessage({ kind: "warning" }), permissionsOf(ann)).canEdit).toBe(false);
});
