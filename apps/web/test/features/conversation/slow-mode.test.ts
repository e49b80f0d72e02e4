import type { OutboxState, TimelineItem } from "@multichat/client";
import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import { getSlowModeEnd } from "../../../src/features/conversation/slow-mode.ts";
import { createMessage } from "../../fixtures/message.ts";

const ann: Me = { id: "ann", username: "ann", email: null, staff: false, superuser: false };
const NOON = 1_767_614_400_000;

function messageItem({ own }: { readonly own: boolean }, createdAt: number): TimelineItem {
  const message = createMessage({ author: { id: own ? "ann" : "bob", username: "x" }, createdAt });
  return { kind: "message", key: "m", own, message };
}

function pendingItem(state: OutboxState): TimelineItem {
  const waiting = { clientId: "p", room: "r", body: "x", replyTo: null, createdAt: NOON, ...state };
  return { kind: "pending", key: "p", pending: waiting };
}

const slowRoom = (seconds: number, role: Role | null = null) => ({
  kind: "open" as const,
  role,
  slowModeSeconds: seconds,
});

test("counts from the user's own latest message, whatever others wrote since", () => {
  expect(
    getSlowModeEnd(ann, slowRoom(30), [messageItem({ own: true }, NOON), messageItem({ own: false }, NOON + 5_000)]),
  ).toBe(NOON + 30_000);
  expect(getSlowModeEnd(ann, slowRoom(30), [messageItem({ own: false }, NOON)])).toBeNull();
  expect(getSlowModeEnd(ann, slowRoom(0), [messageItem({ own: true }, NOON)])).toBeNull();
});

test("counts a pending message, but not a rejected one", () => {
  expect(getSlowModeEnd(ann, slowRoom(30), [pendingItem({ state: "pending" })])).toBe(NOON + 30_000);
  const rejected = pendingItem({ state: "failed", code: "SLOW_MODE", message: "wait" });
  expect(getSlowModeEnd(ann, slowRoom(30), [messageItem({ own: true }, NOON - 60_000), rejected])).toBe(NOON - 30_000);
});

test("does not apply to moderators and staff", () => {
  expect(getSlowModeEnd(ann, slowRoom(30, "moderator"), [messageItem({ own: true }, NOON)])).toBeNull();
  expect(getSlowModeEnd({ ...ann, staff: true }, slowRoom(30), [messageItem({ own: true }, NOON)])).toBeNull();
});
