import { type Command, LIMITS } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { describe, expect, test } from "vitest";
import { COMMAND_MICROS, extraCost } from "../../../src/consumers/chat/command-cost.ts";

// The cost depends on the command's name, and on the parameters that are given here.
const command = (name: string, params: object = {}) =>
  ({ id: 1, do: name, body: "", rooms: {}, ...params }) as unknown as Command;
const rooms = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`room${i}`, 1]));

describe("a command is charged for what it was measured to cost", () => {
  test.each(Object.entries(COMMAND_MICROS).filter(([name]) => name !== "resume"))("%s: %i µs", (name, micros) => {
    expect(extraCost(command(name))).toBe(Math.max(0, Math.round(micros / 1_000) - 1));
  });

  test.each([
    [0, 0],
    [1, 0],
    [5, 0],
    [20, 2],
    [70, 8],
    [500, 64],
  ])("resume of %i rooms", (count, extra) => {
    expect(extraCost(command("resume", { rooms: rooms(count) }))).toBe(extra);
  });

  test.each([
    ["message.send", 1_999, 0],
    ["message.send", 10_000, 5],
    ["message.edit", 10_000, 6],
  ])("%s of %i characters", (name, chars, extra) => {
    expect(extraCost(command(name, { body: "x".repeat(chars) }))).toBe(extra);
  });
});

test("every command of the protocol has been measured", () => {
  expect(Object.keys(COMMAND_MICROS).sort()).toEqual(Object.keys(makeSchemas(LIMITS).commands).sort());
});
