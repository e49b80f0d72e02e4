import { expect, test } from "vitest";
import { createLogger, formatText, type LogTarget } from "../../src/observability/logging.ts";

function target(isTTY: boolean): LogTarget & { readonly lines: string[] } {
  const lines: string[] = [];
  return { isTTY, lines, write: (line) => lines.push(line) };
}
const last = ({ lines }: { lines: string[] }) => lines.at(-1) ?? "";

test("writes one JSON object per line when the target is not a terminal", () => {
  const out = target(false);
  createLogger({ logLevel: "info", logFormat: "auto" }, out).info({ room: 1 }, "created");
  expect(JSON.parse(last(out))).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    room: 1,
    msg: "created",
  });
});

test("writes text on a terminal or when configured", () => {
  const terminal = target(true);
  createLogger({ logLevel: "info", logFormat: "auto" }, terminal).warn({ room: "a b", n: 1 }, "created");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test checks the color codes.
  expect(last(terminal)).toMatch(/^\d\d:\d\d:\d\d \u001b\[33mwarn \u001b\[0m created room="a b" n=1\n$/);
  const file = target(false);
  createLogger({ logLevel: "info", logFormat: "text" }, file).info("created");
  expect(last(file)).toMatch(/^\d\d:\d\d:\d\d info {2}created\n$/);
  createLogger({ logLevel: "info", logFormat: "json" }, terminal).info("created");
  expect(JSON.parse(last(terminal))).toMatchObject({ msg: "created" });
});

test("omits lines below the level", () => {
  const out = target(false);
  const logger = createLogger({ logLevel: "warn", logFormat: "json" }, out);
  logger.info("not this");
  logger.error("this");
  expect(out.lines).toHaveLength(1);
});

test("writes the stack of an error below the line", () => {
  const out = target(false);
  createLogger({ logLevel: "info", logFormat: "text" }, out).error({ err: new Error("broken") }, "failed");
  expect(last(out)).toMatch(/^\S+ error failed\nError: broken\n +at /);
});

test("redacts passwords, tokens and cookies at the top level and in nested objects", () => {
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
  expect(last(out)).toContain("[redacted]");
  expect(last(out)).not.toContain("hunter2");
});

test("escapes control characters in messages and fields", () => {
  const line = formatText(
    JSON.stringify({ level: "info", time: "2026-01-01T00:00:00.000Z", msg: "a\nb\u001b[2J", who: "c\nd\u001b" }),
    { isColored: false },
  );
  expect(line).toBe('00:00:00 info  a\\u000ab\\u001b[2J who="c\\nd\\u001b"\n');
});

test.each(["json", "text"] as const)("a control character never reaches the terminal in %s", (logFormat) => {
  const controls = [
    "\u0000",
    "\u0007",
    "\u001b[2J",
    "\u007f",
    "\u0085",
    "\u009b31m",
    "\u2028",
    "\u202e",
    "\u2066",
    "\r",
    "\b",
  ];
  for (const control of controls) {
    const lines: string[] = [];
    const logger = createLogger({ logLevel: "info", logFormat }, { write: (line) => lines.push(line) });
    const text = `before${control}after`;
    logger.error({ field: text, deep: { list: [text] }, err: new Error(text) }, text);
    const written = lines.join("").replaceAll("\n", "");
    expect(written).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
  }
});
