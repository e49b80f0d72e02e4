import { join } from "node:path";
import { LIMITS } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { VARIABLES } from "../../src/config/variables.ts";
import { folder, load, problemsOf, useConfigFolder } from "./config-fixture.ts";

useConfigFolder();

describe("the defaults", () => {
  test("are SQLite in ./data on port 8000 with the protocol's limits", () => {
    const config = load();
    expect(config).toMatchObject({
      port: 8000,
      dataDir: join(folder.path, "data"),
      databaseFile: join(folder.path, "data", "multichat.db"),
      postgresUrl: null,
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
    ["DATABASE_URL", "postgres://me:p%40ss@db:5433/chat", { postgresUrl: "postgres://me:p%40ss@db:5433/chat" }],
    [
      "DATABASE_URL",
      "postgresql:///chat?host=/var/run/postgresql",
      { postgresUrl: "postgresql:///chat?host=/var/run/postgresql" },
    ],
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
    expect(load({ DATABASE_URL: "file:./here/chat.db" }).databaseFile).toBe(join(folder.path, "here", "chat.db"));
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
