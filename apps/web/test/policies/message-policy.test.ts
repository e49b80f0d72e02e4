import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import {
  getMessagePermissions,
  getRoomPermissions,
  hasAnyPermission,
  type RoomPermissions,
} from "../../src/policies/message-policy.ts";
import { messageWith } from "../fixtures/message.ts";

const ann: Me = { id: "ann", username: "ann", email: null, staff: false, superuser: false };

const bobs = messageWith({ author: { id: "bob", username: "bob" } });

interface Place {
  readonly kind?: "open" | "private" | "direct";
  readonly role?: Role | null;
  readonly archived?: boolean;
  readonly muted?: boolean;
  readonly versions?: boolean;
}

function as(
  me: Me,
  {
    kind = "open",
    role = null,
    archived = false,
    muted: isMuted = false,
    versions: canReadHistory = false,
  }: Place = {},
): RoomPermissions {
  return getRoomPermissions(me, { room: { kind, role, archived }, isMuted, canReadHistory });
}

test("what one wrote oneself can be edited and deleted, what others wrote cannot", () => {
  expect(getMessagePermissions(messageWith(), as(ann))).toMatchObject({
    edit: true,
    remove: true,
    reply: true,
    react: true,
    pin: false,
  });
  expect(getMessagePermissions(bobs, as(ann))).toMatchObject({
    edit: false,
    remove: false,
    reply: true,
    react: true,
    pin: false,
  });
});

test.each([
  ["a moderator", ann, { role: "moderator" }],
  ["an owner", ann, { role: "owner" }],
  ["staff", { ...ann, staff: true }, {}],
] as const)("%s deletes and pins what others wrote, and edits none of it", (_, me, place) => {
  expect(getMessagePermissions(bobs, as(me, place))).toMatchObject({ edit: false, remove: true, pin: true });
});

test("in a direct conversation both pin, and staff are nobody special", () => {
  const rights = getMessagePermissions(
    bobs,
    as({ ...ann, staff: true, superuser: true }, { kind: "direct", role: "member" }),
  );
  expect(rights).toMatchObject({ pin: true, remove: false, edit: false });
});

test("who is muted may take back what they said, and nothing else", () => {
  expect(getMessagePermissions(messageWith(), as(ann, { muted: true }))).toMatchObject({
    edit: false,
    react: false,
    reply: false,
    remove: true,
  });
});

test("in an archived room only a moderator's deleting is left", () => {
  expect(getMessagePermissions(messageWith(), as(ann, { archived: true }))).toMatchObject({
    edit: false,
    remove: false,
    reply: false,
  });
  expect(getMessagePermissions(bobs, as(ann, { archived: true, role: "moderator" }))).toMatchObject({
    remove: true,
    pin: false,
  });
});

test("a deleted message offers nothing, but its versions to who may see them", () => {
  const deleted = messageWith({ deletedAt: 5, body: "" });
  expect(hasAnyPermission(getMessagePermissions(deleted, as({ ...ann, staff: true })))).toBe(false);
  expect(getMessagePermissions(deleted, as(ann, { versions: true })).canReadHistory).toBe(true);
  expect(getMessagePermissions(messageWith(), as(ann, { versions: true })).canReadHistory).toBe(false);
  expect(getMessagePermissions(messageWith({ editedAt: 3 }), as(ann, { versions: true })).canReadHistory).toBe(true);
});

test("a notice is nobody's to edit, not even its author's", () => {
  expect(getMessagePermissions(messageWith({ kind: "warning" }), as(ann)).canEdit).toBe(false);
});
