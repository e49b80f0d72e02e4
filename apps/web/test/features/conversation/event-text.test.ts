import type { RoomEvent } from "@multichat/client";
import type { RoomPatch } from "@multichat/protocol";
import { expect, test } from "vitest";
import { describeEvent } from "../../../src/features/conversation/timeline/rows/event-text.ts";
import { en } from "../../../src/i18n/en.ts";
import { createI18n } from "../../../src/i18n/i18n.ts";

const { t } = createI18n("en", en, ["en-GB"]);
const ada = { id: "ada", username: "ada" };
const bob = { id: "bob", username: "bob" };
const at = { room: "r", seq: 1 } as const;

const describeChange = (changes: RoomPatch, by: typeof ada | null = ada): readonly string[] =>
  describeEvent({ on: "room.changed", ...at, by, changes }, t);

test.each<[RoomPatch, string]>([
  [{ title: "Garden" }, "ada renamed the room to “Garden”"],
  [{ topic: "Seeds" }, "ada set the topic: Seeds"],
  [{ topic: "" }, "ada removed the topic"],
  [{ archived: true }, "ada archived the room"],
  [{ archived: false }, "ada unarchived the room"],
  [{ staffOnly: true }, "ada restricted the room to staff"],
  [{ staffOnly: false }, "ada removed the staff-only restriction"],
  [{ kind: "private" }, "ada made the room private"],
  [{ kind: "open" }, "ada opened the room to everyone"],
  [{ slowModeSeconds: 10 }, "ada turned on slow mode: one message every 10 seconds"],
  [{ slowModeSeconds: 0 }, "ada turned off slow mode"],
])("describes %j as %j", (changes, sentence) => {
  expect(describeChange(changes)).toEqual([sentence]);
});

test("describes each change in its own line, by the operator if there is no account", () => {
  expect(describeChange({ title: "Garden", topic: "Seeds" }, null)).toEqual([
    "The operator renamed the room to “Garden”",
    "The operator set the topic: Seeds",
  ]);
});

test.each<[RoomEvent, string]>([
  [{ on: "room.created", ...at, by: ada }, "ada created the room"],
  [{ on: "member.joined", ...at, user: bob, role: "member", by: bob }, "bob joined"],
  [{ on: "member.joined", ...at, user: bob, role: "member", by: ada }, "ada added bob"],
  [{ on: "member.left", ...at, user: bob }, "bob is no longer a member"],
  [{ on: "member.removed", ...at, user: bob, banned: false, by: ada }, "ada removed bob"],
  [{ on: "member.removed", ...at, user: bob, banned: true, by: null }, "The operator banned bob"],
])("describes membership changes: %j", (event, sentence) => {
  expect(describeEvent(event, t)).toEqual([sentence]);
});
