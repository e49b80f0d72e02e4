import { LIMITS } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { describe, expect, test } from "vitest";
import { parseFrame, readCommand, readCommandId } from "../../../src/consumers/chat/command-reader.ts";

const { commands } = makeSchemas(LIMITS);
const read = (frame: unknown) => readCommand(commands, frame);

test("parses a frame that is not JSON to undefined, and null to null", () => {
  expect(parseFrame("{")).toBeUndefined();
  expect(parseFrame("null")).toBeNull();
});

describe("refuses", () => {
  test.each([
    { name: "invalid JSON", frame: undefined, id: null, code: "COMMAND_INVALID" },
    { name: "null", frame: null, id: null, code: "COMMAND_INVALID" },
    { name: "an array", frame: [{ id: 1, do: "ping" }], id: null, code: "COMMAND_INVALID" },
    { name: "a string", frame: "ping", id: null, code: "COMMAND_INVALID" },
    { name: "no id", frame: { do: "ping" }, id: null, code: "COMMAND_INVALID" },
    { name: "a string as id", frame: { id: "1", do: "ping" }, id: null, code: "COMMAND_INVALID" },
    { name: "a negative id", frame: { id: -1, do: "ping" }, id: null, code: "COMMAND_INVALID" },
    { name: "a fractional id", frame: { id: 1.5, do: "ping" }, id: null, code: "COMMAND_INVALID" },
    { name: "no do", frame: { id: 1 }, id: 1, code: "COMMAND_INVALID" },
    { name: "a number as do", frame: { id: 1, do: 2 }, id: 1, code: "COMMAND_INVALID" },
    { name: "an unknown do", frame: { id: 1, do: "dance" }, id: 1, code: "COMMAND_UNKNOWN" },
    { name: "an inherited property as do", frame: { id: 1, do: "constructor" }, id: 1, code: "COMMAND_UNKNOWN" },
    { name: "no room", frame: { id: 1, do: "room.join" }, id: 1, code: "COMMAND_INVALID" },
    {
      name: "an invalid room address",
      frame: { id: 1, do: "room.join", room: true },
      id: 1,
      code: "COMMAND_INVALID",
    },
    {
      name: "an invalid body and clientId",
      frame: { id: 1, do: "message.send", room: 1, clientId: "?", body: "" },
      id: 1,
      code: "COMMAND_INVALID",
    },
    {
      name: "an invalid body",
      frame: { id: 1, do: "message.send", room: 1, clientId: "a", body: " " },
      id: 1,
      code: "MESSAGE_INVALID",
    },
  ])("$name: $code", ({ frame, id, code }) => {
    expect(read(frame)).toMatchObject({ kind: "refused", id, refusal: { code } });
  });
});

test("reports the path of the invalid input", () => {
  const refused = read({ id: 1, do: "history.page", room: 1, limit: 1_000 });
  expect(refused).toMatchObject({ refusal: { issues: [{ path: "limit" }] } });
});

test("drops unknown properties instead of refusing them", () => {
  expect(read({ id: 0, do: "ping", more: true })).toEqual({ kind: "command", command: { id: 0, do: "ping" } });
});

test("reads the id of an otherwise invalid frame", () => {
  expect(readCommandId({ id: 7, do: 1 })).toBe(7);
  for (const frame of [null, 7, "7", [7], {}, { id: null }]) expect(readCommandId(frame)).toBeNull();
});
