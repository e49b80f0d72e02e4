import { readFileSync } from "node:fs";
import type { LogEvent, ServerEvent } from "@multichat/protocol";
import { CLASSIC_MESSAGE_TYPES, CLOSE_CODES, ERROR_ALIASES, ERRORS, LIMITS } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** Returns the rows of the table with this first heading, without backticks. */
function table(heading: string): string[][] {
  const lines = page.split("\n");
  const top = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  expect(top, `a table whose first heading is "${heading}"`).toBeGreaterThan(-1);
  const rows = lines.slice(top + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

const column = (heading: string, index: number) => table(heading).map((row) => row[index] ?? "");

test("lists every error code once with its status, and no other", () => {
  const documented = table("code").map(([code, status]) => [code, Number(status)]);
  expect(documented).toEqual(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
});

test("the page lists every alias of an error code with its current code, and no other", () => {
  expect(table("alias").map(([alias, code]) => [alias, code])).toEqual(Object.entries(ERROR_ALIASES));
});

test("lists every close code, and no other", () => {
  const documented = table("name").map(([name, code]) => [name, Number(code)]);
  expect(documented).toEqual(Object.entries(CLOSE_CODES));
});

test("lists every limit with its default, and no other", () => {
  const documented = table("limit").map(([name, value]) => [name, Number(value)]);
  expect(documented).toEqual(Object.entries(LIMITS));
});

test("lists every command with its fields, and no other", () => {
  const { commands } = makeSchemas();
  expect(column("command", 0).sort()).toEqual(Object.keys(commands).sort());
  for (const [name, carries = ""] of table("command")) {
    const schema = Object.entries(commands).find(([key]) => key === name)?.[1];
    const fields = Object.entries(schema?.shape ?? {})
      .filter(([field]) => field !== "id" && field !== "do")
      .map(([field, type]) => (type.safeParse(undefined).success ? `${field}?` : field));
    const documented = carries.replace(/\([^)]*\)/g, "").match(/\b[a-zA-Z]+\b\??/g) ?? [];
    expect(
      documented.filter((word) => word !== "one" && word !== "of"),
      `fields of ${name}`,
    ).toEqual(fields);
  }
});

test("lists every classic message type with its number, and no other", () => {
  const documented = table("kind").map(([kind, number]) => [kind, Number(number)]);
  expect(documented).toEqual(Object.entries(CLASSIC_MESSAGE_TYPES));
});

/** Every event, and whether it is in the log. The compiler checks the keys against the protocol's types. */
const EVENTS = {
  "message.posted": "yes",
  "room.created": "yes",
  "room.changed": "yes",
  "message.edited": "yes",
  "message.deleted": "yes",
  "reaction.added": "yes",
  "reaction.removed": "yes",
  "message.pinned": "yes",
  "message.unpinned": "yes",
  "member.joined": "yes",
  "member.left": "yes",
  "member.removed": "yes",
  "member.changed": "yes",
  "room.listed": "",
  "room.unlisted": "",
  "room.entered": "",
  "room.exited": "",
  "room.occupancy": "",
  "typing.started": "",
  "typing.stopped": "",
  "presence.changed": "",
  "room.read": "",
  "preference.changed": "",
  "me.changed": "",
  "server.draining": "",
} as const satisfies { readonly [on in ServerEvent["on"]]: on extends LogEvent["on"] ? "yes" : "" };

test("lists every event and whether it is in the log, and no other", () => {
  expect(table("event").map(([on, logged]) => [on, logged])).toEqual(Object.entries(EVENTS));
});
