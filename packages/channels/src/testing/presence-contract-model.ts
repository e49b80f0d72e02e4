import fc from "fast-check";
import { expect } from "vitest";
import type { Presence } from "../presence/presence.ts";
import { eventually } from "./eventually.ts";
import type { PresenceContractKit } from "./presence-contract-kit.ts";

const connectionCount = 6;
const memberCount = 3;
const groupCount = 2;
const processCount = 2;

type Operation = {
  readonly do: "join" | "leave" | "disconnect" | "wait";
  readonly connection: number;
  readonly group: number;
};

/** The rules in their plainest form: connections by group, and the time of each member's grace. */
class Model {
  /** Group -> connection -> member. */
  readonly connections: readonly Map<string, string>[] = Array.from({ length: groupCount }, () => new Map());
  readonly graceUntil: readonly Map<string, number>[] = Array.from({ length: groupCount }, () => new Map());
  now = 0;

  join(group: number, member: string, connection: string): void {
    this.connections[group]?.set(connection, member);
    this.graceUntil[group]?.delete(member);
  }

  part(group: number, connection: string, graceMs: number): void {
    const member = this.connections[group]?.get(connection);
    if (member === undefined) return;
    this.connections[group]?.delete(connection);
    const others = [...(this.connections[group]?.values() ?? [])];
    if (!others.includes(member)) this.graceUntil[group]?.set(member, this.now + graceMs);
  }

  present(group: number): readonly string[] {
    const lingering = [...(this.graceUntil[group] ?? [])].filter(([, until]) => until > this.now);
    return [
      ...new Set([...(this.connections[group]?.values() ?? []), ...lingering.map(([member]) => member)]),
    ].toSorted();
  }
}

/** Random comings and goings in two processes; counts agree at once, watchers when a window has passed. */
export function presenceModel(kit: PresenceContractKit): void {
  // Waits decide who is still in grace; only a clock that is stepped makes that a fact and not a race.
  const waits = kit.options.time === "stepped";
  const operation = fc.record<Operation>({
    do: fc.oneof(
      { weight: 5, arbitrary: fc.constant("join" as const) },
      { weight: 2, arbitrary: fc.constantFrom("leave" as const, "disconnect" as const) },
      { weight: waits ? 2 : 0, arbitrary: fc.constant("wait" as const) },
    ),
    connection: fc.nat({ max: connectionCount - 1 }),
    group: fc.nat({ max: groupCount - 1 }),
  });

  kit.rule("P1", "agrees with a simple model through random comings and goings (with P2 to P6, P9, P10)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40, size: "max" }), async (operations) => {
        const prefix = kit.name("prefix");
        const processes = await Promise.all(Array.from({ length: processCount }, () => kit.presence(prefix)));
        const groups = Array.from({ length: groupCount }, () => kit.name("group"));
        const watched = processes.flatMap((presence) => groups.map((name, group) => ({ presence, name, group })));
        const watchers = await Promise.all(
          watched.map(async ({ presence, name, group }) => ({ watcher: await kit.watch(presence, name), group })),
        );
        const model = new Model();
        for (const next of operations) {
          // A connection belongs to one process, and to one member.
          const presence = processes[next.connection % processCount];
          if (presence === undefined) throw new Error("The operation names what the model has.");
          await step(kit, presence, model, groups, next);
          if (!waits) continue;
          for (const [group, name] of groups.entries()) await agrees(processes, name, model.present(group));
        }
        if (!waits) await kit.pass(kit.times.graceMs + 1);
        model.now += kit.times.graceMs + kit.times.windowMs + 2;
        await kit.pass(kit.times.graceMs + 1);
        await kit.told();
        for (const { watcher, group } of watchers) {
          await eventually(() => expect([...watcher.present].toSorted()).toEqual(model.present(group)));
        }
        for (const [group, name] of groups.entries()) await agrees(processes, name, model.present(group));
        await kit.closeAll();
      }),
      { numRuns: kit.options.runs ?? (waits ? 50 : 5) },
    );
  });
}

async function step(
  kit: PresenceContractKit,
  presence: Presence,
  model: Model,
  groups: readonly string[],
  operation: Operation,
): Promise<void> {
  const connection = `connection-${operation.connection}`;
  const member = `member-${operation.connection % memberCount}`;
  const group = groups[operation.group] ?? "group";
  switch (operation.do) {
    case "join":
      model.join(operation.group, member, connection);
      return await presence.join(group, member, connection);
    case "leave":
      model.part(operation.group, connection, 0);
      return await presence.leave(group, connection);
    case "disconnect":
      for (const index of groups.keys()) model.part(index, connection, kit.times.graceMs);
      return await presence.disconnect(connection);
    case "wait":
      model.now += kit.times.graceMs / 2;
      return await kit.pass(kit.times.graceMs / 2);
  }
}

async function agrees(processes: readonly Presence[], group: string, expected: readonly string[]): Promise<void> {
  for (const presence of processes) {
    const members = (await presence.members(group)).map(({ member }) => member);
    expect(members.toSorted()).toEqual(expected);
    expect((await presence.counts(group)).members).toBe(expected.length);
  }
}
