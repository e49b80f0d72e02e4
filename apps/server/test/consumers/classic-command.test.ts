import { expect, test } from "vitest";
import { readClassicCommand } from "../../src/consumers/classic/classic-command.ts";

test.each([
  ['{"command":"join","room":7}', { kind: "join", room: 7 }],
  ['{"command":"join","room":"7"}', { kind: "join", room: 7 }],
  ['{"command":"leave","room":7}', { kind: "leave", room: 7 }],
  ['{"command":"send","room":7,"message":"hi","username":"admin"}', { kind: "send", room: 7, message: "hi" }],
  ['{"command":"send","room":7,"message":null}', { kind: "send", room: 7, message: null }],
  ['{"command":"send","room":7}', { kind: "error", code: "COMMAND_INVALID" }],
  ['{"command":"send","message":"hi"}', { kind: "error", code: "COMMAND_INVALID" }],
  ['{"command":"join","room":0}', { kind: "error", code: "ROOM_INVALID" }],
  ['{"command":"join","room":9007199254740993}', { kind: "error", code: "ROOM_INVALID" }],
  ['{"command":"join","room":"9007199254740993"}', { kind: "error", code: "ROOM_INVALID" }],
  ['{"command":"__proto__","room":1}', { kind: "error", code: "COMMAND_UNKNOWN" }],
  ["", { kind: "error", code: "COMMAND_INVALID" }],
  ["null", { kind: "error", code: "COMMAND_INVALID" }],
])("%s", (text, expected) => {
  expect(readClassicCommand(text)).toEqual(expected);
});
