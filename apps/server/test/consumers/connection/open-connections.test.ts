import { expect, test } from "vitest";
import { OpenConnections } from "../../../src/consumers/connection/open-connections.ts";

function openConnections(...channels: string[]) {
  const connections = new OpenConnections();
  const calls: string[] = [];
  for (const channel of channels) {
    connections.add(channel, {
      onEventDropped: () => calls.push(`${channel} missed an event`),
      renewGroups: async () => {
        calls.push(`${channel} renewed`);
      },
    });
  }
  return { connections, calls };
}

test("notifies only the open connection that missed a dropped event", () => {
  const { connections, calls } = openConnections("a", "b");
  connections.onDrop("a");
  connections.onDrop("unknown");
  expect(calls).toEqual(["a missed an event"]);
  connections.remove("a");
  connections.onDrop("a");
  expect(calls).toHaveLength(1);
  expect(connections.size).toBe(1);
});

test("renews the memberships of every open connection", async () => {
  const names = Array.from({ length: 120 }, (_, index) => `c${index}`);
  const { connections, calls } = openConnections(...names);
  connections.remove("c7");
  await connections.renewGroups();
  expect(calls).toEqual(names.filter((name) => name !== "c7").map((name) => `${name} renewed`));
});
