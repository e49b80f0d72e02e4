import { LIMITS } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showsText } from "../src/markup/shown-text.ts";

const { commands, http, fields } = makeSchemas();
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown): boolean =>
  schema.safeParse(value).success;

describe("a message's body", () => {
  test("is kept exactly as written, including white space and line breaks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), (text) => {
        fc.pre(showsText(text) && !/\p{Cc}/u.test(text) && text.isWellFormed());
        expect(fields.body.parse(`  ${text}\n\t`)).toBe(`  ${text}\n\t`);
      }),
    );
  });

  test("is measured in code points, with an inclusive limit", () => {
    for (const character of ["a", "ü", "語", "🙂"]) {
      expect(accepts(fields.body, character.repeat(LIMITS.messageChars))).toBe(true);
      expect(accepts(fields.body, character.repeat(LIMITS.messageChars + 1))).toBe(false);
    }
  });

  test.each([
    ["empty", ""],
    ["white space", " \n\t "],
    ["a NUL", "a\0b"],
    ["an escape sequence", "a\u001b[31m"],
    ["a lone surrogate", "\ud800"],
    ["a number", 5],
    ["null", null],
    ["a list", ["a"]],
  ])("is rejected when it is %s", (_, body) => {
    expect(accepts(fields.body, body)).toBe(false);
  });

  test("follows the configured limit of the server", () => {
    const small = makeSchemas({ ...LIMITS, messageChars: 3 });
    expect(accepts(small.fields.body, "🙂🙂🙂")).toBe(true);
    expect(accepts(small.fields.body, "abcd")).toBe(false);
  });
});

describe("a room's title", () => {
  test("is a single line, trimmed before its length is checked", () => {
    expect(fields.title.parse("  General  ")).toBe("General");
    expect(fields.title.parse(` ${"x".repeat(LIMITS.roomTitleChars)} `)).toHaveLength(LIMITS.roomTitleChars);
    expect(accepts(fields.title, "x".repeat(LIMITS.roomTitleChars + 1))).toBe(false);
    expect(accepts(fields.title, "two\nlines")).toBe(false);
    expect(accepts(fields.title, "   ")).toBe(false);
  });
});

describe("a username", () => {
  test.each(["alice", "Ålice", "张伟", "a.b-c_d", "7of9", "x".repeat(LIMITS.usernameChars)])("can be %s", (name) => {
    expect(accepts(fields.username, name)).toBe(true);
  });
  test.each(["", " alice", "al ice", ".alice", "-a", "a@b", "<b>", "a\u202eb", "x".repeat(LIMITS.usernameChars + 1)])(
    "cannot be %j",
    (name) => {
      expect(accepts(fields.username, name)).toBe(false);
    },
  );
});

describe("a command", () => {
  const send = { id: 1, do: "message.send", room: 1, clientId: "c-1", body: "hi" };

  test("addresses a room by its number or by its id", () => {
    for (const room of [1, 4_000_000, "0197f3c2-5a51-7000-8000-000000000000", "1"]) {
      expect(accepts(commands["message.send"], { ...send, room })).toBe(true);
    }
    for (const room of [0, -1, 1.5, true, null, "", "x".repeat(65), [1], { id: 1 }, undefined]) {
      expect(accepts(commands["message.send"], { ...send, room })).toBe(false);
    }
  });

  test.each([undefined, null, 0, -1, 1.5, true, [], {}, [1], 2 ** 53, "", "x".repeat(65)])(
    "with %j as its room says what a room is",
    (room) => {
      const { error } = commands["member.list"].safeParse({ id: 1, do: "member.list", room });
      expect(error?.issues[0]?.message).toBe("expected the id or the number of a room");
    },
  );

  test("has a safe non-negative integer as its id", () => {
    for (const id of [0, 7, Number.MAX_SAFE_INTEGER])
      expect(accepts(commands["message.send"], { ...send, id })).toBe(true);
    for (const id of [-1, 1.5, 2 ** 53, "7", null, undefined]) {
      expect(accepts(commands["message.send"], { ...send, id })).toBe(false);
    }
  });

  test("accepts a clientId of 1 to 64 letters, digits, hyphens and underscores", () => {
    for (const clientId of ["a", "A_9-z", "x".repeat(64)]) {
      expect(accepts(commands["message.send"], { ...send, clientId })).toBe(true);
    }
    for (const clientId of ["", "x".repeat(65), "a b", "ä", "a/b", 5]) {
      expect(accepts(commands["message.send"], { ...send, clientId })).toBe(false);
    }
  });

  test("requests history in one direction, and at most one page", () => {
    const page = { id: 1, do: "history.page", room: 1 };
    expect(accepts(commands["history.page"], page)).toBe(true);
    expect(accepts(commands["history.page"], { ...page, before: 10, limit: LIMITS.historyPage })).toBe(true);
    expect(accepts(commands["history.page"], { ...page, before: 10, after: 5 })).toBe(false);
    expect(accepts(commands["history.page"], { ...page, limit: LIMITS.historyPage + 1 })).toBe(false);
    expect(accepts(commands["history.page"], { ...page, limit: 0 })).toBe(false);
  });

  test("resumes at most as many rooms as a connection can join", () => {
    const rooms = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, 0]));
    const resume = (count: number) => ({ id: 1, do: "resume", epoch: "e", rooms: rooms(count) });
    expect(accepts(commands.resume, resume(LIMITS.roomsPerConnection))).toBe(true);
    expect(accepts(commands.resume, resume(LIMITS.roomsPerConnection + 1))).toBe(false);
  });

  test("is rejected by the schema of every other command", () => {
    for (const [name, schema] of Object.entries(commands)) {
      expect(accepts(schema, { ...send, rooms: {}, epoch: "e", seq: 1, do: "something.else" }), name).toBe(false);
    }
  });
});

describe("a request's body", () => {
  test("is rejected when it would change nothing", () => {
    expect(accepts(http.changeRoom, {})).toBe(false);
    expect(accepts(http.changePerson, {})).toBe(false);
    expect(accepts(http.changeRoom, { archived: true })).toBe(true);
    expect(accepts(http.changePerson, { staff: false })).toBe(true);
  });

  test("drops unknown properties, such as a superuser flag", () => {
    const parsed = http.createRoom.parse({ title: "General", superuser: true, number: 7 });
    expect(parsed).toEqual({ title: "General" });
  });

  test("is rejected with a password outside the limits, even one of megabytes", () => {
    const person = (length: number) => ({ username: "alice", password: "x".repeat(length) });
    expect(accepts(http.createPerson, person(LIMITS.passwordMinChars))).toBe(true);
    expect(accepts(http.createPerson, person(LIMITS.passwordMaxChars))).toBe(true);
    expect(accepts(http.createPerson, person(LIMITS.passwordMinChars - 1))).toBe(false);
    expect(accepts(http.createPerson, person(5_000_000))).toBe(false);
  });
});
