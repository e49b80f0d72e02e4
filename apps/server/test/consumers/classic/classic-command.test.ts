import { expect, test } from "vitest";
import { readClassicCommand } from "../../../src/consumers/classic/classic-command.ts";

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

test.each([1, "1", 999_999, "999999", 0, "0", -1, "-1", 2 ** 53, 1e20, "9223372036854775808", "9".repeat(400)])(
  "recorded behavior in variations: a message to room %j is refused for not having joined, not for the room",
  (room) => {
    expect(readClassicCommand(JSON.stringify({ command: "send", room, message: "hi" }))).toEqual({
      kind: "send",
      room: Number(room),
      message: "hi",
    });
  },
);

test.each([1.9, true, false, null, "", "abc", " 1 ", "1_0", "+1", "01", "-0", "１", "1e2", "0x1", [1], { id: 1 }])(
  "recorded behavior in variations: %j is no room for any command",
  (room) => {
    for (const command of ["join", "leave", "send"]) {
      const frame = JSON.stringify({ command, room, message: "hi" });
      expect(readClassicCommand(frame), frame).toEqual({ kind: "error", code: "ROOM_INVALID" });
    }
  },
);
