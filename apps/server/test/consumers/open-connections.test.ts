import { expect, test } from "vitest";
import { OpenConnections } from "../../src/consumers/connection/open-connections.ts";

function house(...channels: string[]) {
  const connections = new OpenConnections();
  const told: string[] = [];
  for (const channel of channels) {
    connections.add(channel, {
      onEventDropped: () => told.push(`${channel} missed something`),
      renewGroups: async () => {
        told.push(`${channel} renewed`);
      },
    });
  }
  return { connections, told };
}

test("a dropped event is told to the connection that missed it, and to it alone, while it is open", () => {
  const { connections, told } = house("a", "b");
  connections.onDrop("a");
  connections.onDrop("nobody");
  expect(told).toEqual(["a missed something"]);
  connections.remove("a");
  connections.onDrop("a");
  expect(told).toHaveLength(1);
  expect(connections.size).toBe(1);
});

test("every connection that is open renews its memberships", async () => {
  const names = Array.from({ length: 120 }, (_, i) => `c${i}`);
  const { connections, told } = house(...names);
  connections.remove("c7");
  await connections.renewGroups();
  expect(told).toEqual(names.filter((name) => name !== "c7").map((name) => `${name} renewed`));
});
