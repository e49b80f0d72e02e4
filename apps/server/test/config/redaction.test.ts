import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createLogger } from "../../src/observability/logging.ts";
import { redact } from "../../src/observability/redact.ts";

const SECRET = "hunter2-S3cr3t";

const NAMES = [
  "password",
  "newPassword",
  "current_password",
  "ADMIN_PASSWORD",
  "passphrase",
  "passcode",
  "signing_key",
  "accessKeyId",
  "secret",
  "clientSecret",
  "token",
  "access_token",
  "refreshToken",
  "setup-token",
  "METRICS_TOKEN",
  "authorization",
  "Authorization",
  "proxy-authorization",
  "cookie",
  "Set-Cookie",
  "sec-websocket-protocol",
  "x-api-key",
  "apiKey",
  "privateKey",
  "REDIS_ENCRYPTION_KEYS",
  "credentials",
  "sessionid",
  "__Host-sessionid",
  "jwt",
  "pwd",
];

/** Puts a value into something that a log line may hold. */
type Wrap = (value: unknown) => unknown;

const WRAPS: Readonly<Record<string, Wrap>> = {
  "an object": (value) => ({ inner: value }),
  "an array": (value) => [1, value, 3],
  "a map": (value) => new Map<unknown, unknown>([["inner", value]]),
  "a map with objects as keys": (value) => new Map<unknown, unknown>([[{ a: 1 }, value]]),
  "a set": (value) => new Set([value]),
  "a cause": (value) => new Error("outer", { cause: value }),
  "a field of an error": (value) => Object.assign(new Error("with a field"), { body: value }),
  "an aggregate": (value) => new AggregateError([new Error("first"), value], "several"),
  "an object without a prototype": (value) => Object.assign(Object.create(null), { inner: value }),
  "a class": (value) =>
    new (class Holder {
      readonly inner = value;
    })(),
  "a value with toJSON": (value) => ({ toJSON: () => ({ inner: value }) }),
  "a getter": (value) => ({
    get inner() {
      return value;
    },
  }),
};

/** Everything that contains a secret under a name. */
const HOLDERS: Readonly<Record<string, (name: string) => unknown>> = {
  "a field": (name) => ({ [name]: SECRET }),
  "a field with a list": (name) => ({ [name]: [SECRET, SECRET] }),
  "a field with an object": (name) => ({ [name]: { value: SECRET } }),
  "an entry of a map": (name) => new Map([[name, SECRET]]),
  "a pair": (name) => [name, SECRET],
  "a list of pairs": (name) => [
    ["host", "localhost"],
    [name, SECRET],
  ],
  "a named value": (name) => ({ name, value: SECRET }),
  "raw headers": (name) => ({ rawHeaders: ["Host", "localhost", name, SECRET] }),
  headers: (name) => new Headers({ [name]: SECRET }),
  "search parameters": (name) => new URLSearchParams({ a: "1", [name]: SECRET }),
  "the query of a URL": (name) => new URL(`https://a.example/x?a=1&${name}=${SECRET}&b=2`),
  "the query in a text": (name) => `GET /api/x?${name}=${SECRET}&b=2 failed`,
  "the fragment in a text": (name) => `open https://a.example/setup#${name}=${SECRET} now`,
  "an encoded name in a query": (name) =>
    `/x?${[...name]
      .map((c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`)
      .join("")
      .slice(0, 60)}=${SECRET}`,
  "a form": (name) => `a=1&${name}=${SECRET}`,
  JSON: (name) => JSON.stringify({ a: 1, [name]: SECRET, b: 2 }),
  "JSON in JSON": (name) => JSON.stringify({ body: JSON.stringify({ [name]: `${SECRET}"${SECRET}` }) }),
  "a list in JSON": (name) => JSON.stringify({ [name]: [SECRET, SECRET] }),
  "an object as Node prints it": (name) => inspect({ a: 1, [name]: SECRET }),
  "a setting in a text": (name) => `expected ${name}="${SECRET}" to be longer`,
  "the message of an error": (name) => new Error(`expected ${name}=${SECRET}`),
  "a buffer": () => Buffer.from(SECRET),
};

const written = (value: unknown): string => JSON.stringify(redact(value));

describe("a secret is in no log line", () => {
  // An encoded name is cut at the length of a parameter's name.
  const namesOf = (holder: string) => (holder.startsWith("an encoded") ? NAMES.filter((n) => n.length <= 20) : NAMES);

  test.each(Object.keys(HOLDERS))("in %s, under any name, at any depth, in anything", (holder) => {
    for (const name of namesOf(holder)) {
      const held = HOLDERS[holder]?.(name);
      expect(written(held), name).not.toContain(SECRET);
      for (const [wrapName, wrap] of Object.entries(WRAPS)) {
        const wrapped = wrap(held);
        expect(written(wrapped), `${name} in ${wrapName}`).not.toContain(SECRET);
        for (const [outerName, outer] of Object.entries(WRAPS)) {
          expect(written(outer(wrapped)), `${name} in ${wrapName} in ${outerName}`).not.toContain(SECRET);
        }
      }
    }
  });

  test.each([
    `Authorization: Bearer ${SECRET}`,
    `authorization: Basic ${SECRET}`,
    `Cookie: theme=dark; sessionid=${SECRET}; a=b`,
    `Set-Cookie: __Host-sessionid=${SECRET}; Path=/`,
    `sent bearer.${SECRET} as a subprotocol`,
    `multichat.v1, bearer.${SECRET}`,
    `redis://user:${SECRET}@localhost:6379/0`,
    `rediss://:${SECRET}@localhost`,
    `https://chat.example/setup#${SECRET}`,
    `"/setup#${SECRET}"`,
    `eyJhbGciOiJIUzI1NiJ9.eyJ${SECRET}.abcdefgh${SECRET}`,
    `stored $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${SECRET} for alice`,
    `hash: "$2b$10$${SECRET}"`,
    `password: ${SECRET}`,
    `token:${SECRET}`,
    `{password:'${SECRET}'}`,
  ])("in the text %s", (text) => {
    expect(redact(text)).not.toContain(SECRET);
    expect(written(new Error("outer", { cause: new Error(text) }))).not.toContain(SECRET);
    expect(written({ deep: [{ text }] })).not.toContain(SECRET);
  });

  test.each(["json", "text"] as const)(
    "in fields, messages, inserted values, errors and child loggers, as %s",
    (logFormat) => {
      const lines: string[] = [];
      const logger = createLogger({ logLevel: "trace", logFormat }, { write: (line) => lines.push(line) });
      const error = new Error(`refused password=${SECRET}`, { cause: new Error(`token=${SECRET}`) });
      logger.info({ a: { b: { c: { password: SECRET } } } }, `GET /x?token=${SECRET}`);
      logger.info(`cookie: sessionid=${SECRET}`);
      logger.warn("sent %s and %o", `Bearer ${SECRET}`, { token: SECRET });
      logger.error(error);
      logger.error(error, "failed");
      logger.error({ err: error, headers: new Map([["cookie", SECRET]]) }, "failed");
      logger.child({ token: SECRET, deep: { password: SECRET } }).info({ deep: [{ apiKey: SECRET }] }, "child");
      expect(lines).toHaveLength(7);
      expect(lines.join("")).not.toContain(SECRET);
      expect(lines[3]).toContain("refused");
      expect(lines[5]).toContain("caused by");
    },
  );
});

describe("what is no secret stays", () => {
  test.each([
    { room: 1, seq: 2, author: "alice", session: "0190-session-id", event: "password.change" },
    { passwordChangeRequired: true, token: null, password: false },
    { list: [1, "two", { three: 3 }], nothing: null, huge: "x".repeat(1_000) },
    ["author", "alice"],
    "expected a password of at least 8 characters",
    "password: expected at least 8 characters",
    "https://chat.example/rooms/1?open=1,2#message-5",
  ])("%j", (value) => {
    expect(redact(value)).toEqual(value);
  });

  test("also numbers, dates, big numbers and undefined fields as JSON writes them", () => {
    const at = new Date("2026-01-01T00:00:00Z");
    expect(redact({ at, big: 10n, no: undefined, f: () => 1 })).toEqual({ at: at.toISOString(), big: "10" });
    expect(redact(new Date(Number.NaN))).toBeNull();
  });
});

describe("the copy is bounded", () => {
  test("in a cycle, through objects, arrays, maps and causes", () => {
    const object: Record<string, unknown> = { password: SECRET };
    object.self = object;
    object.list = [object];
    object.map = new Map([["object", object]]);
    const error = new Error("outer");
    error.cause = new Error("inner", { cause: error });
    object.error = error;
    expect(written(object)).not.toContain(SECRET);
    expect(redact(object)).toMatchObject({ self: "[circular]", list: ["[circular]"], map: { object: "[circular]" } });
  });

  test("in depth, width, number and length", () => {
    let deep: unknown = { password: SECRET };
    for (let level = 0; level < 10_000; level += 1) deep = level % 2 === 0 ? { deep } : [deep];
    expect(written(deep).length).toBeLessThan(1_000);
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`field${i}`, { i }]));
    expect(written(wide).length).toBeLessThan(10_000);
    const tree = (levels: number): unknown =>
      levels === 0 ? "leaf" : Array.from({ length: 50 }, () => tree(levels - 1));
    expect(written([tree(2), tree(2), tree(2)]).length).toBeLessThan(100_000);
    expect(written("x".repeat(1_000_000)).length).toBeLessThan(20_000);
    let error = new Error("innermost");
    for (let i = 0; i < 1_000; i += 1) error = new Error(`level ${i}`, { cause: error });
    expect(written(error).length).toBeLessThan(60_000);
  });

  test("a getter, a proxy or a toJSON that throws", () => {
    const hostile = {
      get broken(): never {
        throw new Error("no");
      },
      fine: 1,
    };
    expect(redact(hostile)).toEqual({ broken: "[unreadable]", fine: 1 });
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    expect(redact({ proxy })).toEqual({ proxy: "[unreadable]" });
    expect(
      redact({
        toJSON: () => {
          throw new Error("no");
        },
      }),
    ).toBe("[unreadable]");
  });

  test("a text that was made to take long", () => {
    for (const part of [
      "a=",
      '"a":',
      '\\"',
      "password=",
      '"password":"',
      "bearer ",
      "//:",
      "eyJaaaaaaaa.",
      "cookie: ",
    ]) {
      expect(written(part.repeat(100_000)).length).toBeLessThan(100_000);
    }
  });

  test("names that objects inherit stay fields", () => {
    const copy = redact(JSON.parse('{"__proto__": {"password": "x"}, "constructor": 1}'));
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"password":"[redacted]"},"constructor":1}');
  });
});
