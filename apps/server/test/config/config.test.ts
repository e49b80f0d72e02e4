import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@multichat/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Config, ConfigError, loadConfig } from "../../src/config/config.ts";
import { VARIABLES } from "../../src/config/variables.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "multichat-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd });
const write = (name: string, content: unknown): string => {
  const path = join(cwd, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe("the defaults", () => {
  test("are SQLite in ./data on port 8000 with the protocol's limits", () => {
    const config = load();
    expect(config).toMatchObject({
      port: 8000,
      dataDir: join(cwd, "data"),
      databaseFile: join(cwd, "data", "multichat.db"),
      redisUrl: null,
      publicUrl: null,
      allowedOrigins: [],
      trustProxy: 0,
      firstAdministrator: null,
      notifyOnEnterOrLeave: true,
      largeRoomUsers: 100,
      logLevel: "info",
      metricsToken: null,
    });
    expect(config.limits).toEqual(LIMITS);
  });

  test("are valid for their own readers", () => {
    for (const variable of Object.values(VARIABLES)) {
      const { default: defaultText, read } = variable;
      if (defaultText !== null) expect(() => read(defaultText), variable.name).not.toThrow();
    }
  });

  test("apply to empty variables", () => {
    expect(load({ PORT: "", ADMIN_USERNAME: "", ADMIN_PASSWORD: "", MULTICHAT_CONFIG: "" })).toEqual(load());
  });

  test("are deeply frozen", () => {
    const config = load({ ALLOWED_ORIGINS: "https://a.example" });
    const isFrozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(config)).toBe(true);
    expect(() => Object.assign(config.limits, { messageChars: 1 })).toThrow(TypeError);
  });
});

describe("reading", () => {
  const cases: [name: string, text: string, expected: Partial<Config>][] = [
    ["PORT", "0", { port: 0 }],
    ["HOST", "::1", { host: "::1" }],
    ["DATA_DIR", "/var/lib/chat", { dataDir: "/var/lib/chat", databaseFile: "/var/lib/chat/multichat.db" }],
    ["DATABASE_URL", "file:/srv/chat.db", { databaseFile: "/srv/chat.db" }],
    ["DATABASE_URL", "sqlite:///srv/chat.db", { databaseFile: "/srv/chat.db" }],
    ["DATABASE_URL", "file:///srv/chat.db", { databaseFile: "/srv/chat.db" }],
    ["REDIS_URL", "rediss://user:word@redis:6379/2", { redisUrl: "rediss://user:word@redis:6379/2" }],
    ["PUBLIC_URL", "https://Chat.Example.org/", { publicUrl: "https://chat.example.org" }],
    ["PUBLIC_URL", "https://chat.example.org:443", { publicUrl: "https://chat.example.org" }],
    ["PUBLIC_URL", "https://example.org/chat/", { publicUrl: "https://example.org/chat" }],
    ["PUBLIC_URL", "https://example.org/chat", { publicUrl: "https://example.org/chat" }],
    ["PUBLIC_URL", "http://example.org:8080/a/b/c/", { publicUrl: "http://example.org:8080/a/b/c" }],
    ["PUBLIC_URL", "https://example.org/çhat/", { publicUrl: "https://example.org/%C3%A7hat" }],
    ["PUBLIC_URL", "https://example.org/c\u0327hat", { publicUrl: "https://example.org/%C3%A7hat" }],
    ["PUBLIC_URL", "https://example.org/%c3%a7hat/", { publicUrl: "https://example.org/%C3%A7hat" }],
    ["PUBLIC_URL", "https://example.org/%63hat", { publicUrl: "https://example.org/chat" }],
    ["PUBLIC_URL", "https://example.org/Chat-2_0.x~y/", { publicUrl: "https://example.org/Chat-2_0.x~y" }],
    [
      "PUBLIC_URL",
      "https://[::1]:8443/チャット",
      { publicUrl: "https://[::1]:8443/%E3%83%81%E3%83%A3%E3%83%83%E3%83%88" },
    ],
    ["PUBLIC_URL", "https://example.org/chat/stream", { publicUrl: "https://example.org/chat/stream" }],
    [
      "ALLOWED_ORIGINS",
      "https://a.example, http://b.example:81 ,",
      { allowedOrigins: ["https://a.example", "http://b.example:81"] },
    ],
    ["LOG_LEVEL", "DEBUG", { logLevel: "debug" }],
    ["TRUST_PROXY", "true", { trustProxy: 1 }],
    ["TRUST_PROXY", "2", { trustProxy: 2 }],
    ["TRUST_PROXY", "off", { trustProxy: 0 }],
    ["TRUST_PROXY", "10.0.0.0/8, ::1, loopback", { trustProxy: ["10.0.0.0/8", "::1", "loopback"] }],
    [
      "SECURITY_CONTACT",
      "security@example.org, https://example.org/report,tel:+1-201-555-0123,mailto:b@example.org",
      {
        securityContacts: [
          "mailto:security@example.org",
          "https://example.org/report",
          "tel:+1-201-555-0123",
          "mailto:b@example.org",
        ],
      },
    ],
    ["LIMIT_MESSAGE_CHARS", "500", { limits: { ...LIMITS, messageChars: 500 } }],
    ["LIMIT_SIGN_IN_PER_MINUTE", "3", { signInPerMinute: 3 }],
  ];
  test.each(cases)("%s=%s", (name, text, expected) => {
    expect(load({ [name]: text })).toMatchObject(expected);
  });

  test("resolves a relative SQLite path from the working directory", () => {
    expect(load({ DATABASE_URL: "file:./here/chat.db" }).databaseFile).toBe(join(cwd, "here", "chat.db"));
  });

  test.each([
    ["False", false],
    ["FALSE", false],
    ["0", false],
    ["no", false],
    ["off", false],
    ["True", true],
    ["1", true],
    ["YES", true],
    ["on", true],
  ])("NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS=%s is %s", (text, expected) => {
    expect(load({ NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: text }).notifyOnEnterOrLeave).toBe(expected);
  });

  test("requires both a username and a password for the first administrator", () => {
    const admin = { ADMIN_USERNAME: "admin", ADMIN_PASSWORD: "a long password" };
    expect(load(admin).firstAdministrator).toEqual({ username: "admin", password: "a long password" });
    expect(problemsOf({ ADMIN_USERNAME: "admin" })).toEqual([expect.stringMatching(/^ADMIN_PASSWORD: expected it/)]);
    expect(problemsOf({ ADMIN_PASSWORD: "a long password" })).toEqual([expect.stringMatching(/^ADMIN_USERNAME: /)]);
  });

  test("applies the server's own limits to the first administrator", () => {
    const admin = { ADMIN_USERNAME: "admin", ADMIN_PASSWORD: "12345678" };
    expect(problemsOf(admin)).toEqual([]);
    expect(problemsOf({ ...admin, LIMIT_PASSWORD_MIN_CHARS: "9" })).toEqual([
      "ADMIN_PASSWORD: expected at least 9 characters; got 8",
    ]);
  });
});

describe("rejecting", () => {
  const cases: [name: string, text: string, message: RegExp][] = [
    ["PORT", "65536", /whole number from 0 to 65535; got "65536" from the environment/],
    ["PORT", "8e3", /whole number/],
    ["PORT", "-1", /whole number/],
    ["HOST", "http://x", /IP address or a host name/],
    ["DATABASE_URL", "postgres://user:word@db/chat", /PostgreSQL is not supported yet/],
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
    const secret = "postgres://user:hunter2@db/chat";
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
        write("multichat.config.json", { [name]: text });
        expect(problemsOf({}), name).toEqual([
          // A file with lost bytes is refused as a whole.
          expect.stringMatching(damage === "\uFFFD" ? /U\+FFFD/ : new RegExp(`^${name}: `)),
        ]);
        write("multichat.config.json", {});
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

describe("the configuration file", () => {
  test("is read from multichat.config.json, with numbers, booleans and lists", () => {
    write("multichat.config.json", {
      PORT: 8080,
      NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: false,
      ALLOWED_ORIGINS: ["https://a.example", "https://b.example"],
      LOG_LEVEL: null,
    });
    expect(load()).toMatchObject({
      port: 8080,
      notifyOnEnterOrLeave: false,
      allowedOrigins: ["https://a.example", "https://b.example"],
      logLevel: "info",
    });
  });

  test("has lower precedence than the environment", () => {
    write("multichat.config.json", { PORT: 8080, HOST: "127.0.0.1" });
    expect(load({ PORT: "9090" })).toMatchObject({ port: 9090, host: "127.0.0.1" });
  });

  test("is replaced by the file at MULTICHAT_CONFIG", () => {
    write("multichat.config.json", { PORT: 8080 });
    const path = write("other.json", { HOST: "127.0.0.1" });
    expect(load({ MULTICHAT_CONFIG: path })).toMatchObject({ port: 8000, host: "127.0.0.1" });
    expect(load({ MULTICHAT_CONFIG: "other.json" })).toMatchObject({ port: 8000, host: "127.0.0.1" });
  });

  test("may be missing, unless MULTICHAT_CONFIG names it", () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ MULTICHAT_CONFIG: "none.json" })).toEqual([
      expect.stringMatching(/^MULTICHAT_CONFIG: .*none\.json/),
    ]);
  });

  test("is rejected with an unknown variable or an invalid value", () => {
    write("multichat.config.json", { PROT: 8080, PORT: { number: 1 } });
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^PROT: unknown variable/),
      expect.stringMatching(/^PORT: expected a string, a number/),
    ]);
  });

  test.each([
    ["{ invalid json", /expected JSON/],
    ["[1]", /expected an object of variables/],
  ])("is rejected when it contains %s", (content, message) => {
    write("multichat.config.json", content);
    expect(problemsOf({})).toEqual([expect.stringMatching(message)]);
  });
});

describe("secrets in files", () => {
  test("are read from the file at the _FILE variable, without the trailing newline", () => {
    write("word", "a long password\n");
    write("name", "root\r\n");
    const config = load({ ADMIN_USERNAME_FILE: "name", ADMIN_PASSWORD_FILE: join(cwd, "word") });
    expect(config.firstAdministrator).toEqual({ username: "root", password: "a long password" });
  });

  const SECRETS: Readonly<Record<string, string>> = {
    DATABASE_URL: "file:/srv/chat.db",
    REDIS_URL: "redis://:word@redis:6379",
    REDIS_ENCRYPTION_KEYS: "a long key phrase",
    ADMIN_USERNAME: "root",
    ADMIN_PASSWORD: "a long password",
    METRICS_TOKEN: "0123456789abcdef",
  };
  const secretNames = Object.values(VARIABLES).flatMap(({ name, secret }) => (secret ? [name] : []));

  test("exist for every secret variable", () => {
    expect(secretNames.sort()).toEqual(Object.keys(SECRETS).sort());
  });

  describe.each(secretNames)("%s_FILE", (name) => {
    const secret = SECRETS[name] ?? "";
    // The first administrator needs both.
    const others = name.startsWith("ADMIN_")
      ? Object.fromEntries(Object.entries(SECRETS).filter(([other]) => other.startsWith("ADMIN_") && other !== name))
      : {};
    const fromFile = (path: string) => problemsOf({ ...others, [`${name}_FILE`]: path });

    test.each(["", "\n", "\r\n"])(
      "is the same as the variable, also with %j at its end and a byte order mark",
      (end) => {
        write("secret", `${secret}${end}`);
        write("marked", `\uFEFF${secret}${end}`);
        for (const file of ["secret", "marked"]) {
          expect(load({ ...others, [`${name}_FILE`]: file })).toEqual(load({ ...others, [name]: secret }));
        }
      },
    );

    test("is unset where it is /dev/null, which a Compose file mounts for a secret that is not given", () => {
      expect(load({ [`${name}_FILE`]: "/dev/null" })).toEqual(load());
      expect(load({ ...others, [name]: secret, [`${name}_FILE`]: "/dev/null" })).toEqual(
        load({ ...others, [name]: secret }),
      );
    });

    const files: [string, string | Buffer, RegExp][] = [
      ["is empty", "", /the file is empty/],
      ["holds a line break alone", "\n", /the file is empty/],
      ["is too large", "a".repeat(65_537), /at most 65536 bytes/],
      ["is Latin-1", Buffer.from("ein Schlüssel aus Zürich", "latin1"), /UTF-8/],
      ["is UTF-16", Buffer.from(`\uFEFF${secret}`, "utf16le"), /UTF-8|control characters/],
      ["holds a replaced character", `${secret}\uFFFD`, /U\+FFFD/],
      ["holds two lines", `${secret}\n${secret}`, /one line/],
      ["holds a tab", `${secret}\t`, /one line/],
    ];
    test.each(files)("is refused when the file %s", (_what, content, message) => {
      writeFileSync(join(cwd, "secret"), content);
      const problems = fromFile("secret");
      expect(problems).toEqual([expect.stringMatching(message)]);
      expect(problems[0]).toMatch(new RegExp(`^${name}(_FILE)?: `));
      expect(problems[0]).not.toContain(secret);
    });

    test("is refused when there is no such file, a folder, a device or a pipe", () => {
      mkdirSync(join(cwd, "folder"));
      execFileSync("mkfifo", [join(cwd, "pipe")]);
      expect(fromFile("none")).toEqual([expect.stringMatching(`^${name}_FILE: .*none`)]);
      for (const path of ["folder", "pipe", "/dev/zero"]) {
        expect(fromFile(path), path).toEqual([expect.stringMatching(`^${name}_FILE: expected a file`)]);
      }
    });

    test("is refused together with the variable", () => {
      write("secret", secret);
      expect(problemsOf({ ...others, [name]: secret, [`${name}_FILE`]: "secret" })).toEqual([
        `${name}: expected either ${name} or ${name}_FILE, got both`,
      ]);
    });
  });

  test("are rejected when both variables are set or the file is missing", () => {
    write("token", "0123456789abcdef");
    expect(problemsOf({ METRICS_TOKEN: "0123456789abcdef", METRICS_TOKEN_FILE: "token" })).toEqual([
      expect.stringMatching(/^METRICS_TOKEN: expected either/),
    ]);
    expect(problemsOf({ METRICS_TOKEN_FILE: "none" })).toEqual([expect.stringMatching(/^METRICS_TOKEN_FILE: /)]);
  });
});
