import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VARIABLES } from "../../src/config/variables.ts";
import { folder, load, problemsOf, useConfigFolder } from "./config-fixture.ts";

useConfigFolder();

describe("the configuration file", () => {
  test("is read from multichat.config.json, with numbers, booleans and lists", () => {
    folder.write("multichat.config.json", {
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
    folder.write("multichat.config.json", { PORT: 8080, HOST: "127.0.0.1" });
    expect(load({ PORT: "9090" })).toMatchObject({ port: 9090, host: "127.0.0.1" });
  });

  test("is replaced by the file at MULTICHAT_CONFIG", () => {
    folder.write("multichat.config.json", { PORT: 8080 });
    const path = folder.write("other.json", { HOST: "127.0.0.1" });
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
    folder.write("multichat.config.json", { PROT: 8080, PORT: { number: 1 } });
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^PROT: unknown variable/),
      expect.stringMatching(/^PORT: expected a string, a number/),
    ]);
  });

  test.each([
    ["{ invalid json", /expected JSON/],
    ["[1]", /expected an object of variables/],
  ])("is rejected when it contains %s", (content, message) => {
    folder.write("multichat.config.json", content);
    expect(problemsOf({})).toEqual([expect.stringMatching(message)]);
  });
});

describe("secrets in files", () => {
  test("are read from the file at the _FILE variable, without the trailing newline", () => {
    folder.write("word", "a long password\n");
    folder.write("name", "root\r\n");
    const config = load({ ADMIN_USERNAME_FILE: "name", ADMIN_PASSWORD_FILE: join(folder.path, "word") });
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
        folder.write("secret", `${secret}${end}`);
        folder.write("marked", `\uFEFF${secret}${end}`);
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
      writeFileSync(join(folder.path, "secret"), content);
      const problems = fromFile("secret");
      expect(problems).toEqual([expect.stringMatching(message)]);
      expect(problems[0]).toMatch(new RegExp(`^${name}(_FILE)?: `));
      expect(problems[0]).not.toContain(secret);
    });

    test("is refused when there is no such file, a folder, a device or a pipe", () => {
      mkdirSync(join(folder.path, "folder"));
      execFileSync("mkfifo", [join(folder.path, "pipe")]);
      expect(fromFile("none")).toEqual([expect.stringMatching(`^${name}_FILE: .*none`)]);
      for (const path of ["folder", "pipe", "/dev/zero"]) {
        expect(fromFile(path), path).toEqual([expect.stringMatching(`^${name}_FILE: expected a file`)]);
      }
    });

    test("is refused together with the variable", () => {
      folder.write("secret", secret);
      expect(problemsOf({ ...others, [name]: secret, [`${name}_FILE`]: "secret" })).toEqual([
        `${name}: expected either ${name} or ${name}_FILE, got both`,
      ]);
    });
  });

  test("are rejected when both variables are set or the file is missing", () => {
    folder.write("token", "0123456789abcdef");
    expect(problemsOf({ METRICS_TOKEN: "0123456789abcdef", METRICS_TOKEN_FILE: "token" })).toEqual([
      expect.stringMatching(/^METRICS_TOKEN: expected either/),
    ]);
    expect(problemsOf({ METRICS_TOKEN_FILE: "none" })).toEqual([expect.stringMatching(/^METRICS_TOKEN_FILE: /)]);
  });
});
