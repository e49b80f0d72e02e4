import { afterAll, beforeAll, describe, test } from "vitest";
import type { TestChat } from "../support/chat-server.ts";
import { startGoldenServer } from "./golden-server.ts";
import { runSteps } from "./run-steps.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await startGoldenServer({ notify: true });
});
afterAll(async () => {
  await chat.close();
});

const general = { join: "1", title: "General" };

/** Sends one frame on a new connection, which has joined nothing, and expects one reply. The connection stays. */
function answers(frame: object, reply: object) {
  return runSteps(chat, [
    ["alice", "connect", { path: "/chat/stream/", user: "alice" }],
    ["alice", "send", JSON.stringify(frame)],
    ["alice", "gets", [reply]],
    ["alice", "send", '{"command":"join","room":1}'],
    ["alice", "gets", [general]],
  ]);
}

describe("recorded behavior in variations: not having joined is checked before the room and the message", () => {
  test.each([
    { room: 999_999 },
    { room: "999999" },
    { room: 0 },
    { room: -1 },
    { room: 3 },
    { room: "3" },
    { room: 1 },
    { room: 1e20 },
    { room: "9223372036854775808" },
    { room: 999_999, message: "" },
    { room: 999_999, message: null },
    { room: 1, message: " " },
    { room: 1, message: 5 },
    { room: 2, message: ["hi"] },
  ])("send %j", async (frame) => {
    await answers({ command: "send", message: "hi", ...frame }, { error: "ROOM_ACCESS_DENIED" });
  });

  test.each([
    [{ command: "send", room: 999_999 }, "COMMAND_INVALID"],
    [{ command: "send", message: "hi" }, "COMMAND_INVALID"],
    [{ command: "leave", room: 999_999 }, "ROOM_INVALID"],
    [{ command: "leave", room: "999999" }, "ROOM_INVALID"],
    [{ command: "leave", room: 0 }, "ROOM_INVALID"],
    [{ command: "leave", room: null }, "ROOM_INVALID"],
    [{ command: "leave", room: {} }, "ROOM_INVALID"],
    [{ command: "leave", room: 3 }, "ROOM_ACCESS_DENIED"],
    [{ command: "leave" }, "COMMAND_INVALID"],
    [{ command: "", room: 1 }, "COMMAND_UNKNOWN"],
    [{ command: "JOIN", room: 1 }, "COMMAND_UNKNOWN"],
    [{ command: true, room: 1 }, "COMMAND_INVALID"],
  ])("%j is answered %s", async (frame, error) => {
    await answers(frame, { error });
  });

  test.each([1, "1", 2, "2", 1.0])("leaving room %j that was not joined is answered", async (room) => {
    await answers({ command: "leave", room }, { leave: String(room) });
  });
});
