import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConnectionSet,
  countConnections,
  withConnection,
  withoutConnection,
} from "../../src/presence/connection-set.ts";
import { JoinedGroups } from "../../src/presence/joined-groups.ts";

const name = fc.integer({ min: 1, max: 5 }).map(String);

describe("the groups of a connection", () => {
  it("agree with a map, for any sequence of calls", () => {
    const step = fc.record({ do: fc.constantFrom("set" as const, "delete" as const), group: name, member: name });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const groups = new JoinedGroups();
        const model = new Map<string, string>();
        for (const { do: action, group, member } of steps) {
          if (action === "set") {
            groups.set(group, member);
            model.set(group, member);
          } else expect(groups.delete(group)).toBe(model.delete(group));
          expect(groups.size).toBe(model.size);
          expect(groups.get(group)).toBe(model.get(group));
          expect(new Map(groups.entries())).toEqual(model);
        }
      }),
    );
  });
});

describe("the connections of a member", () => {
  it("agree with a set, for any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), name), { maxLength: 80 }), (steps) => {
        let connections: ConnectionSet;
        const model = new Set<string>();
        for (const [isAdded, connection] of steps) {
          connections = isAdded ? withConnection(connections, connection) : withoutConnection(connections, connection);
          if (isAdded) model.add(connection);
          else model.delete(connection);
          expect(countConnections(connections)).toBe(model.size);
          expect(connections === undefined).toBe(model.size === 0);
        }
      }),
    );
  });
});
