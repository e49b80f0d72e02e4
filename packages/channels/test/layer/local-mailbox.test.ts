import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalGroup, LocalMailbox, type Membership } from "../../src/layer/local-mailbox.ts";

const step = fc.record({
  do: fc.constantFrom("join" as const, "join" as const, "leave" as const, "clear" as const),
  group: fc.integer({ min: 0, max: 39 }),
});

describe("the memberships of a mailbox", () => {
  it("are those that were added and not removed, in few groups and in many", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const mailbox = new LocalMailbox("channel", 100);
        const groups = Array.from({ length: 40 }, (_, index) => new LocalGroup(`group-${index}`));
        const model = new Map<LocalGroup, Membership>();
        for (const { do: action, group: index } of steps) {
          const group = groups[index];
          if (group === undefined) continue;
          const current = model.get(group);
          expect(mailbox.findMembership(group)).toBe(current);
          if (action === "join" && current === undefined) {
            const membership = { group, mailbox, expiresAt: 1 };
            mailbox.addMembership(membership);
            model.set(group, membership);
          } else if (action === "leave" && current !== undefined) {
            mailbox.removeMembership(current);
            model.delete(group);
          } else if (action === "clear" && index === 0) {
            mailbox.clearMemberships();
            model.clear();
          }
          expect(mailbox.memberships()).toEqual([...model.values()]);
          expect(mailbox.isIdle).toBe(model.size === 0);
        }
      }),
    );
  });
});

describe("the members of a group", () => {
  it("are those that were added and not removed, of one and of many; a snapshot stays as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (toggles) => {
        const group = new LocalGroup("group");
        const memberships = Array.from({ length: 10 }, (_, index): Membership => {
          return { group, mailbox: new LocalMailbox(`channel-${index}`, 100), expiresAt: 1 };
        });
        const model = new Set<Membership>();
        for (const index of toggles) {
          const membership = memberships[index];
          if (membership === undefined) continue;
          const before = group.snapshot();
          const expected = [...model];
          if (model.delete(membership)) group.remove(membership);
          else {
            model.add(membership);
            group.add(membership);
          }
          expect(before).toEqual(expected);
          expect(group.snapshot()).toEqual([...model]);
          expect(group.size).toBe(model.size);
        }
      }),
    );
  });
});
