import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { ownTurn } from "../../../src/consumers/connection/own-turn.ts";

test.each([2, 3, 10, 100])("%i callers of one turn continue in turns of their own, in their order", async (callers) => {
  const log: (number | "turn")[] = [];
  let isDone = false;
  const countTurns = async (): Promise<void> => {
    while (!isDone) {
      await setImmediate();
      log.push("turn");
    }
  };
  const counting = countTurns();
  await Promise.all(Array.from({ length: callers }, (_, caller) => ownTurn().then(() => log.push(caller))));
  isDone = true;
  await counting;
  const order = log.filter((entry) => entry !== "turn");
  expect(order).toEqual(Array.from({ length: callers }, (_, caller) => caller));
  const between = order
    .slice(1)
    .map((caller) => log.slice(log.indexOf(order[Number(caller) - 1] ?? -1), log.indexOf(caller)));
  expect(between.every((entries) => entries.includes("turn"))).toBe(true);
});

test("a caller who comes later does not wait for those who are done", async () => {
  await ownTurn();
  let turns = 0;
  const later = ownTurn().then(() => "later");
  while ((await Promise.race([later, setImmediate("turn")])) === "turn") turns += 1;
  expect(turns).toBeLessThan(3);
});
