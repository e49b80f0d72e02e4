import type { Presence } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PresenceDeduplicator } from "../../../src/consumers/chat/presence-deduplicator.ts";

/** The users that a connection remembers. */
const REMEMBERED = 32;

test("passes a presence on when it differs from the last one of its user, for the users who changed last", () => {
  const presence: fc.Arbitrary<Presence> = fc.record({
    user: fc.integer({ min: 1, max: 40 }).map((n) => `user-${n}`),
    status: fc.constantFrom("online" as const, "busy" as const, "away" as const, "offline" as const),
    text: fc.constantFrom("", "writing"),
  });
  fc.assert(
    fc.property(fc.array(presence, { maxLength: 300 }), (presences) => {
      const deduplicator = new PresenceDeduplicator();
      const last = new Map<string, string>();
      for (const { user, status, text } of presences) {
        const state = `${status} ${text}`;
        expect(deduplicator.isNew({ user, status, text })).toBe(last.get(user) !== state);
        last.delete(user);
        last.set(user, state);
        const [oldest] = last.keys();
        if (last.size > REMEMBERED && oldest !== undefined) last.delete(oldest);
      }
    }),
  );
});

test("remembers nothing for a connection to which nothing has come since the last time it was asked", () => {
  const deduplicator = new PresenceDeduplicator();
  const presence: Presence = { user: "user-1", status: "busy", text: "" };
  deduplicator.isNew(presence);
  expect(deduplicator.forgetIfIdle()).toBe(false);
  expect(deduplicator.isNew(presence)).toBe(false);
  expect(deduplicator.forgetIfIdle()).toBe(false);
  expect(deduplicator.forgetIfIdle()).toBe(true);
  expect(deduplicator.isNew(presence)).toBe(true);
});
