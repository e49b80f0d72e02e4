import { describe, expect, test } from "vitest";
import { VARIABLES } from "../../src/config/variables.ts";
import { folder, load, problemsOf, useConfigFolder } from "./config-fixture.ts";

useConfigFolder();

describe("rejecting", () => {
  const cases: [name: string, text: string, message: RegExp][] = [
    ["PORT", "65536", /whole number from 0 to 65535; got "65536" from the environment/],
    ["PORT", "8e3", /whole number/],
    ["PORT", "-1", /whole number/],
    ["HOST", "http://x", /IP address or a host name/],
    ["DATABASE_URL", "postgres://user:word@db", /with the name of a database/],
    ["DATABASE_URL", "postgres://user:wo/rd@db/chat", /postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/],
    ["DATABASE_URL", "postgres://user:wo%rd@db/chat", /% in a password as %25/],
    ["DATABASE_URL", "postgresql:///chat", /DATABASE\?host=/],
    ["DATABASE_URL", "mysql://db", /URL of a SQLite file/],
    ["DATABASE_URL", "sqlite://host/chat.db", /URL of a SQLite file/],
    ["REDIS_URL", "http://redis", /redis:\/\//],
    ["PUBLIC_URL", "chat.example.org", /http:\/\/ or https:\/\//],
    ...[
      "https://example.org//",
      "https://example.org/chat//",
      "https://example.org//chat/",
      "https://example.org/a//b",
      "https://example.org/./chat",
      "https://example.org/a/../chat",
      "https://example.org/%2e%2e/chat",
      "https://example.org/a%2Fb",
      "https://example.org/a%5cb",
      "https://example.org/a\\b",
      "https://example.org\\chat",
      "https://example.org/a b",
      "https://example.org/a;b",
      'https://example.org/a"b',
      "https://example.org/<b>",
      "https://example.org/%00",
      "https://example.org/%",
      "https://example.org/%E7hat",
      "https://example.org/.hidden",
      `https://example.org/${"a".repeat(300)}`,
    ].map((url): [string, string, RegExp] => ["PUBLIC_URL", url, /path of letters, digits and/]),
    ["PUBLIC_URL", "https://example.org/chat/?a=b", /without a query and a fragment/],
    ["PUBLIC_URL", "https://example.org/chat?", /without a query and a fragment/],
    ["PUBLIC_URL", "https://example.org?a", /without a query and a fragment/],
    ["PUBLIC_URL", "https://example.org/chat/#top", /without a query and a fragment/],
    ["PUBLIC_URL", "https://example.org/chat#", /without a query and a fragment/],
    ["PUBLIC_URL", "https://example.org/api", /does not begin with \/api/],
    ["PUBLIC_URL", "https://example.org/api/chat/", /does not begin with \/api/],
    ["PUBLIC_URL", "https://example.org/%61pi/", /does not begin with \/api/],
    ["PUBLIC_URL", "https://example.org/metrics", /does not begin with \/api/],
    ["PUBLIC_URL", "https://", /http:\/\/ or https:\/\//],
    ["PUBLIC_URL", "/chat/", /http:\/\/ or https:\/\//],
    ["PUBLIC_URL", "ftp://example.org/chat/", /http:\/\/ or https:\/\//],
    ["PUBLIC_URL", "https://user@chat.example.org", /http:\/\/ or https:\/\//],
    ["ALLOWED_ORIGINS", "*", /without \*/],
    ["ALLOWED_ORIGINS", "https://a.example,null", /origins such as/],
    ["NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS", "maybe", /true or false/],
    ["LOG_LEVEL", "loud", /one of fatal, error/],
    ["TRUST_PROXY", "proxy.example.org", /addresses/],
    ["TRUST_PROXY", "10.0.0.0/33", /addresses/],
    ["METRICS_TOKEN", "short", /16 to 200 characters/],
    ["LIMIT_HISTORY_PAGE", "101", /1 to 100/],
    ["LIMIT_FRAME_BYTES", "12", /1024 to/],
  ];
  test.each(cases)("%s=%s", (name, text, message) => {
    const problems = problemsOf({ [name]: text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
    expect(problems[0]).toMatch(message);
  });

  test("reports all problems at once, each with the name of its variable", () => {
    const problems = problemsOf({ PORT: "x", LOG_LEVEL: "x", PUBLIC_URL: "x", ADMIN_USERNAME: "x" });
    expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual([
      "ADMIN_PASSWORD",
      "LOG_LEVEL",
      "PORT",
      "PUBLIC_URL",
    ]);
  });

  test("never shows a secret", () => {
    const secret = "postgres://user:hunter2@db";
    const problems = problemsOf({
      DATABASE_URL: secret,
      METRICS_TOKEN: "hunter2",
      REDIS_URL: "hunter2",
      ADMIN_USERNAME: "admin",
      ADMIN_PASSWORD: "hunter2",
    });
    expect(problems).toHaveLength(4);
    expect(problems.join("\n")).not.toContain("hunter2");
  });
});

describe("a value that could never work is refused, not accepted", () => {
  const cases: [name: string, texts: readonly string[]][] = [
    [
      "METRICS_TOKEN",
      [
        "a token with spaces",
        " 0123456789abcdef",
        "0123456789abcdef ",
        "0123456789\tabcdef",
        "0123456789abcdéf",
        "шестнадцать букв",
        "0123456789\u00a0abcdef",
        "🔑🔑🔑🔑🔑🔑🔑🔑",
        "0123456789\u200babcdef",
        "0123456789abcde\u007f",
      ],
    ],
    [
      "HOST",
      [
        "a..b",
        "-a",
        "a-",
        "a.-b",
        "1.2.3",
        "300.1.1.1",
        "chat.1",
        "a_b",
        "*",
        "[::1]",
        "a b",
        `${"x".repeat(64)}.org`,
        "127.0.0.1:80",
      ],
    ],
    [
      "REDIS_URL",
      [
        "redis:redis",
        "redis://",
        "redis:///0",
        "redis://:6379",
        "unix:/redis.sock",
        "unix://redis.sock",
        "unix:///",
        "redis://redis:6379/one",
        "redis://redis:6379/0/1",
        "redis://redis:6379/0#x",
        "redis://:50%@redis",
        "redis://:%zz@redis",
        "redis://:a/b@redis:1",
        "redis://:a#b@redis",
        "redis://redis:0",
        "unix:///run/redis.sock?db=2",
        "redis://redis:99999",
      ],
    ],
    [
      "PUBLIC_URL",
      [
        "https://*.example.org",
        "https://:word@chat.example.org",
        "https://chat.example.org:0",
        "https://chat.example.org/?a",
        "https://chat.example.org/#a",
        "https://chat.example.org?",
        "https://",
        "ws://chat.example.org",
        "https://chat example.org",
        "//chat.example.org",
      ],
    ],
    [
      "ALLOWED_ORIGINS",
      [
        ",",
        " , ",
        "https://*.example.org",
        "https://a.example,https://*",
        "https://a.example:0",
        "https://:word@a.example",
        "https://a.example/path",
        "https://a.example;https://b.example",
        "app://chat",
        "file://",
      ],
    ],
    ["REDIS_ENCRYPTION_KEYS", [",", " ", ", ,", "short", "a long key phrase,short", "a long key phrase;\ntwo"]],
    [
      "TRUST_PROXY",
      [
        ",",
        " , ",
        "10",
        "-1",
        "1.5",
        "fe80::1%eth0",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "::1/129",
        "10.0.0.1-9",
        "localhost",
      ],
    ],
    [
      "ADMIN_USERNAME",
      ["two words", "ro\u200bot", "admın\u0000", "<root>", "root@example.org", "𝐫𝐨𝐨𝐭", "-root", "x".repeat(65), "rооt"],
    ],
    [
      "ADMIN_PASSWORD",
      ["1234567", "x".repeat(1_001), "a long pass\nword", "a long pass\u0007word", "a long pass\uFFFDword"],
    ],
    ["REDIS_PREFIX", ["", " ", "a b", "chat:", "é", "x".repeat(51)].slice(1)],
    ["PORT", ["80 80", "0x50", "+80", "8000.0", "８０００", "65536", "1e3"]],
    ["LIMIT_WEBSOCKETS", ["0", "15", "∞", "unlimited", "1_000", "1,000"]],
    ["LOG_LEVEL", ["warning", "info,debug", "7"]],
    ["DATA_DIR", ["data\u0000dir", "data\ndir", "data\uFFFDdir"]],
    ["DATABASE_URL", ["file:", "file:a\u0000.db", "./chat.db", "file://host/chat.db", "file:chat.db?mode=ro"]],
    [
      "SECURITY_CONTACT",
      [
        ",",
        "security",
        "http://example.org/report",
        "mailto:",
        "mailto:security",
        "a@b@c",
        "https://",
        "tel:call me",
        "javascript:alert(1)",
        "security@example.org;b@example.org",
        "sécurité@example.org",
      ],
    ],
  ];
  test.each(cases.flatMap(([name, texts]) => texts.map((text) => [name, text] as const)))("%s=%j", (name, text) => {
    const env = {
      ...(name === "ADMIN_USERNAME" ? { ADMIN_PASSWORD: "a long password" } : {}),
      ...(name === "ADMIN_PASSWORD" ? { ADMIN_USERNAME: "root" } : {}),
    };
    const problems = problemsOf({ ...env, [name]: text });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  test.each([
    ["METRICS_TOKEN", "0123456789abcdef"],
    ["METRICS_TOKEN", "a-token.with_signs~+/=!,;"],
    ["HOST", "chat-1.example.org"],
    ["HOST", "localhost"],
    ["HOST", "fe80::1%eth0"],
    ["REDIS_URL", "unix:///run/redis/redis.sock"],
    ["REDIS_URL", "redis://user:p%25%2F%23@[::1]:6379/15"],
    ["REDIS_URL", "redis://redis?family=6"],
    ["REDIS_URL", "rediss://redis:6379/"],
    ["TRUST_PROXY", "::ffff:10.0.0.1"],
    ["ALLOWED_ORIGINS", "https://a.example,"],
    ["ALLOWED_ORIGINS", "http://[::1]:3000"],
    ["REDIS_ENCRYPTION_KEYS", "ein langer Schlüssel, noch ein Schlüssel"],
  ])("%s=%s is accepted", (name, text) => expect(problemsOf({ [name]: text })).toEqual([]));

  test("every variable refuses control characters and lost bytes, from the environment and the file", () => {
    for (const { name } of Object.values(VARIABLES)) {
      for (const damage of ["\n", "\u0000", "\u001b", "\uFFFD", "\u0085"]) {
        const text = `0123456789abcdef${damage}x`;
        expect(
          problemsOf({ [name]: text }).filter((problem) => problem.startsWith(`${name}: `)),
          name,
        ).toHaveLength(1);
        folder.write("multichat.config.json", { [name]: text });
        expect(problemsOf({}), name).toEqual([
          // A file with lost bytes is refused as a whole.
          expect.stringMatching(damage === "\uFFFD" ? /U\+FFFD/ : new RegExp(`^${name}: `)),
        ]);
        folder.write("multichat.config.json", {});
      }
    }
  });
});

describe("limits that contradict each other are refused", () => {
  const contradicting: Record<string, string>[] = [
    { LIMIT_MESSAGE_CHARS: "100000" },
    { LIMIT_MESSAGE_CHARS: "65536" },
    { LIMIT_MESSAGE_CHARS: "10000", LIMIT_FRAME_BYTES: "2048" },
    { LIMIT_MESSAGE_CHARS: "1024", LIMIT_FRAME_BYTES: "1024" },
    { LIMIT_MESSAGE_CHARS: "513", LIMIT_FRAME_BYTES: "1024" },
    { LIMIT_MESSAGE_CHARS: "80000", LIMIT_FRAME_BYTES: "80000" },
    { LIMIT_ROOM_TOPIC_CHARS: "5000", LIMIT_FRAME_BYTES: "4096" },
    { LIMIT_ROOM_TOPIC_CHARS: "2000", LIMIT_FRAME_BYTES: "2048" },
  ];
  test.each(contradicting)("%j", (env) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^LIMIT_(MESSAGE|ROOM_TOPIC)_CHARS: expected .*; got .*; set LIMIT_FRAME_BYTES to \d+ or more$/,
    );
    // The advice holds.
    const advised = /set LIMIT_FRAME_BYTES to (\d+)/.exec(problems[0] ?? "")?.[1] ?? "";
    expect(() => load({ ...env, LIMIT_FRAME_BYTES: advised })).not.toThrow();
  });

  test.each([
    { LIMIT_CONNECTIONS_PER_USER: "17", LIMIT_WEBSOCKETS: "16" },
    { LIMIT_CONNECTIONS_PER_USER: "1000000", LIMIT_WEBSOCKETS: "999999" },
    { LIMIT_HTTP_CONNECTIONS_PER_ADDRESS: "3", LIMIT_HTTP_CONNECTIONS: "2" },
    { LIMIT_HTTP_CONNECTIONS_PER_ADDRESS: "100000", LIMIT_HTTP_CONNECTIONS: "50" },
  ])("a part above its total: %j", (env: Record<string, string>) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    const [, name = "", value = ""] =
      /^LIMIT_\w+: expected at most \d+ .*; got "\d+"; set (LIMIT_\w+) to (\d+) or more$/.exec(problems[0] ?? "") ?? [];
    // The advice holds.
    expect(() => load({ ...env, [name]: value })).not.toThrow();
  });

  test.each([
    { LIMIT_CONNECTIONS_PER_USER: "16", LIMIT_WEBSOCKETS: "16" },
    { LIMIT_WEBSOCKETS: "16" },
    { LIMIT_CONNECTIONS_PER_USER: "100000" },
    { LIMIT_HTTP_CONNECTIONS_PER_ADDRESS: "2", LIMIT_HTTP_CONNECTIONS: "2" },
  ])("no part above its total: %j is accepted", (env: Record<string, string>) => {
    expect(() => load(env)).not.toThrow();
  });

  const compatible: [env: Record<string, string>, messageChars: number][] = [
    [{}, 10_000],
    [{ LIMIT_FRAME_BYTES: "1048576", LIMIT_MESSAGE_CHARS: "100000" }, 100_000],
    [{ LIMIT_FRAME_BYTES: "2048", LIMIT_MESSAGE_CHARS: "1000" }, 1_000],
    [{ LIMIT_FRAME_BYTES: "1024", LIMIT_MESSAGE_CHARS: "512" }, 512],
    [{ LIMIT_MESSAGE_CHARS: "60000" }, 60_000],
  ];
  test.each(compatible)("%j is accepted", (env, messageChars) => {
    expect(load(env).limits.messageChars).toBe(messageChars);
  });

  test.each([1024, 2048, 4096, 10_511])(
    "the default of LIMIT_MESSAGE_CHARS is lowered for frames of %d bytes",
    (bytes) => {
      expect(load({ LIMIT_FRAME_BYTES: String(bytes) }).limits).toMatchObject({
        frameBytes: bytes,
        messageChars: bytes - 512,
      });
    },
  );
});

test("a body that has no room for a room's title and topic is refused, with advice that holds", () => {
  const env = { LIMIT_ROOM_TOPIC_CHARS: "1000", LIMIT_BODY_BYTES: "1024" };
  const problems = problemsOf(env);
  expect(problems).toEqual([
    expect.stringMatching(/^LIMIT_BODY_BYTES: expected .*; set LIMIT_BODY_BYTES to 1592 or more$/),
  ]);
  expect(problemsOf({ ...env, LIMIT_BODY_BYTES: "1592" })).toEqual([]);
});
