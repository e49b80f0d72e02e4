import type { OutboxState, TimelineItem } from "@multichat/client";
import type { Me, Role } from "@multichat/protocol";
import { expect, test } from "vitest";
import { getSlowModeEnd } from "../../../src/features/conversation/slow-mode.ts";
import { messageWith } from "../../fixtures/message.ts";

const ann: Me = { id: "ann", username: "ann", email: null, staff: false, superuser: false };
const NOON = 1_767_614_400_000;

function said(own: boolean, createdAt: number): TimelineItem {
  const message = messageWith({ author: { id: own ? "ann" : "bob", username: "x" }, createdAt });
  return { kind: "message", key: "m", own, message };
}

function pending(state: OutboxState): TimelineItem {
  const waiting = { clientId: "p", room: "r", body: "x", replyTo: null, createdAt: NOON, ...state };
  return { kind: "pending", key: "p", pending: waiting };
}

const slow = (seconds: number, role: Role | null = null) => ({ kind: "open" as const, role, slowModeSeconds: seconds });

test("who has written waits from their own last message on, whatever others wrote since", () => {
  expect(getSlowModeEnd(ann, slow(30), [said(true, NOON), said(false, NOON + 5_000)])).toBe(NOON + 30_000);
  expect(getSlowModeEnd(ann, slow(30), [said(false, NOON)])).toBeNull();
  expect(getSlowModeEnd(ann, slow(0), [said(true, NOON)])).toBeNull();
});

test("what waits to be sent is the next message; what was refused is not", () => {
  expect(getSlowModeEnd(ann, slow(30), [pending({ state: "pending" })])).toBe(NOON + 30_000);
  const refused = pending({ state: "failed", code: "SLOW_MODE", message: "wait" });
  expect(getSlowModeEnd(ann, slow(30), [said(true, NOON - 60_000), refused])).toBe(NOON - 30_000);
});

test("moderators and staff do not wait", () => {
  expect(getSlowModeEnd(ann, slow(30, "moderator"), [said(true, NOON)])).toBeNull();
  expect(getSlowModeEnd({ ...ann, staff: true }, slow(30), [said(true, NOON)])).toBeNull();
});
