import { expect, test } from "vitest";
import { createLogger, formatText, type LogTarget } from "../../src/observability/logging.ts";

function target(isTTY: boolean): LogTarget & { readonly lines: string[] } {
  const lines: string[] = [];
  return { isTTY, lines, write: (line) => lines.push(line) };
}
const last = ({ lines }: { lines: string[] }) => lines.at(-1) ?? "";

test("one JSON object a line, where nobody is watching", () => {
  const out = target(false);
  createLogger({ logLevel: "info", logFormat: "auto" }, out).info({ room: 1 }, "made");
  expect(JSON.parse(last(out))).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    room: 1,
    msg: "made",
  });
});

test("text on a terminal, or where it is asked for", () => {
  const terminal = target(true);
  createLogger({ logLevel: "info", logFormat: "auto" }, terminal).warn({ room: "a b", n: 1 }, "made");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colour is what is looked for.
  expect(last(terminal)).toMatch(/^\d\d:\d\d:\d\d \u001b\[33mwarn \u001b\[0m made room="a b" n=1\n$/);
  const file = target(false);
  createLogger({ logLevel: "info", logFormat: "text" }, file).info("made");
  expect(last(file)).toMatch(/^\d\d:\d\d:\d\d info {2}made\n$/);
  createLogger({ logLevel: "info", logFormat: "json" }, terminal).info("made");
  expect(JSON.parse(last(terminal))).toMatchObject({ msg: "made" });
});

test("less than the level is not written", () => {
  const out = target(false);
  const logger = createLogger({ logLevel: "warn", logFormat: "json" }, out);
  logger.info("not this");
  logger.error("this");
  expect(out.lines).toHaveLength(1);
});

test("an error's stack stands below the line", () => {
  const out = target(false);
  createLogger({ logLevel: "info", logFormat: "text" }, out).error({ err: new Error("broken") }, "failed");
  expect(last(out)).toMatch(/^\S+ error failed\nError: broken\n +at /);
});

test("passwords, tokens and cookies are kept secret, wherever they stand", () => {
  const out = target(false);
  const logger = createLogger({ logLevel: "info", logFormat: "json" }, out);
  const headers = {
    cookie: "hunter2",
    authorization: "hunter2",
    "set-cookie": "hunter2",
    "sec-websocket-protocol": "hunter2",
  };
  logger.info(
    {
      password: "hunter2",
      token: "hunter2",
      body: { password: "hunter2", token: "hunter2" },
      headers,
      req: { headers },
    },
    "x",
  );
  expect(last(out)).toContain("[kept secret]");
  expect(last(out)).not.toContain("hunter2");
});

test("what somebody sent begins no line of its own and moves no cursor", () => {
  const line = formatText(
    JSON.stringify({ level: "info", time: "2026-01-01T00:00:00.000Z", msg: "a\nb\u001b[2J", who: "c\nd\u001b" }),
    false,
  );
  expect(line).toBe('00:00:00 info  a\\u000ab\\u001b[2J who="c\\nd\\u001b"\n');
});
