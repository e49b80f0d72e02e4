import { expect, test } from "vitest";
import { OpenConnections } from "../../src/consumers/open-connections.ts";

test("a dropped event is told to the connection that missed it, and to it alone, while it is open", () => {
  const connections = new OpenConnections();
  const missed: string[] = [];
  for (const channel of ["a", "b"]) connections.add(channel, { missedEvent: () => missed.push(channel) });
  connections.dropped("a");
  connections.dropped("nobody");
  expect(missed).toEqual(["a"]);
  connections.remove("a");
  connections.dropped("a");
  expect(missed).toEqual(["a"]);
  expect(connections.size).toBe(1);
});
