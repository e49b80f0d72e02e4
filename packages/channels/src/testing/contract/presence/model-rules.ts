import fc from "fast-check";
import { expect } from "vitest";
import type { Presence } from "../../../presence/presence.ts";
import { eventually } from "../../eventually.ts";
import type { PresenceContractFixture } from "./fixture.ts";

const CONNECTION_COUNT = 6;
const MEMBER_COUNT = 3;
const GROUP_COUNT = 2;
const PROCESS_COUNT = 2;

type Operation = {
  readonly do: "join" | "leave" | "disconnect" | "wait";
  readonly connection: number;
  readonly group: number;
};

/** The simplest implementation of the rules: connections by group, and the end of each member's grace period. */
class Model {
  /** Group -> connection -> member. */
  readonly connections: readonly Map<string, string>[] = Array.from({ length: GROUP_COUNT }, () => new Map());
  readonly graceUntil: readonly Map<string, number>[] = Array.from({ length: GROUP_COUNT }, () => new Map());
  now = 0;

  join(group: number, member: string, connection: string): void {
    this.connections[group]?.set(connection, member);
    this.graceUntil[group]?.delete(member);
  }

  removeConnection(group: number, connection: string, graceMs: number): void {
    const member = this.connections[group]?.get(connection);
    if (member === undefined) return;
    this.connections[group]?.delete(connection);
    const others = [...(this.connections[group]?.values() ?? [])];
    if (!others.includes(member)) this.graceUntil[group]?.set(member, this.now + graceMs);
  }

  presentMembers(group: number): readonly string[] {
    const inGrace = [...(this.graceUntil[group] ?? [])].filter(([, until]) => until > this.now);
    return [
      ...new Set([...(this.connections[group]?.values() ?? []), ...inGrace.map(([member]) => member)]),
    ].toSorted();
  }
}

/** Compares random operations in two processes with a model: counts after each step, watchers after a window. */
export function testModel(fixture: PresenceContractFixture): void {
  // Whether a member is still in its grace period is only deterministic with a stepped clock.
  const canAdvanceTime = fixture.options.time === "stepped";
  const operation = fc.record<Operation>({
    do: fc.oneof(
      { weight: 5, arbitrary: fc.constant("join" as const) },
      { weight: 2, arbitrary: fc.constantFrom("leave" as const, "disconnect" as const) },
      { weight: canAdvanceTime ? 2 : 0, arbitrary: fc.constant("wait" as const) },
    ),
    connection: fc.nat({ max: CONNECTION_COUNT - 1 }),
    group: fc.nat({ max: GROUP_COUNT - 1 }),
  });

  fixture.testRule("P1", "agrees with a simple model in random operations (with P2 to P6, P9, P10)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40, size: "max" }), async (operations) => {
        const prefix = fixture.uniqueName("prefix");
        const processes = await Promise.all(
          Array.from({ length: PROCESS_COUNT }, () => fixture.createPresence(prefix)),
        );
        const groups = Array.from({ length: GROUP_COUNT }, () => fixture.uniqueName("group"));
        const watched = processes.flatMap((presence) => groups.map((name, group) => ({ presence, name, group })));
        const watchers = await Promise.all(
          watched.map(async ({ presence, name, group }) => ({ watcher: await fixture.watch(presence, name), group })),
        );
        const model = new Model();
        for (const next of operations) {
          // A connection belongs to one process, and to one member.
          const presence = processes[next.connection % PROCESS_COUNT];
          if (presence === undefined) throw new Error("The operation names an unknown process.");
          await runOperation(fixture, presence, model, groups, next);
          if (!canAdvanceTime) continue;
          for (const [group, name] of groups.entries())
            await expectMembers(processes, name, model.presentMembers(group));
        }
        if (!canAdvanceTime) await fixture.advance(fixture.times.graceMs + 1);
        model.now += fixture.times.graceMs + fixture.times.windowMs + 2;
        await fixture.advance(fixture.times.graceMs + 1);
        await fixture.waitForDiffs();
        for (const { watcher, group } of watchers) {
          await eventually(() => expect([...watcher.present].toSorted()).toEqual(model.presentMembers(group)));
        }
        for (const [group, name] of groups.entries()) await expectMembers(processes, name, model.presentMembers(group));
        await fixture.closeAll();
      }),
      { numRuns: fixture.options.runs ?? (canAdvanceTime ? 50 : 5) },
    );
  });
}

async function runOperation(
  fixture: PresenceContractFixture,
  presence: Presence,
  model: Model,
  groups: readonly string[],
  operation: Operation,
): Promise<void> {
  const connection = `connection-${operation.connection}`;
  const member = `member-${operation.connection % MEMBER_COUNT}`;
  const group = groups[operation.group] ?? "group";
  switch (operation.do) {
    case "join":
      model.join(operation.group, member, connection);
      return await presence.join(group, member, connection);
    case "leave":
      model.removeConnection(operation.group, connection, 0);
      return await presence.leave(group, connection);
    case "disconnect":
      for (const index of groups.keys()) model.removeConnection(index, connection, fixture.times.graceMs);
      return await presence.disconnect(connection);
    case "wait":
      model.now += fixture.times.graceMs / 2;
      return await fixture.advance(fixture.times.graceMs / 2);
  }
}

async function expectMembers(
  processes: readonly Presence[],
  group: string,
  expected: readonly string[],
): Promise<void> {
  for (const presence of processes) {
    const members = (await presence.members(group)).map(({ member }) => member);
    expect(members.toSorted()).toEqual(expected);
    expect((await presence.counts(group)).members).toBe(expected.length);
  }
}
