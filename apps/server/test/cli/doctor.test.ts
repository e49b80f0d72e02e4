import { truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBeside } from "../store/support/raw-database.ts";
import { TestChat } from "../support/chat-server.ts";
import { TestShell } from "./test-terminal.ts";

interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  readonly advice?: string;
}

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open({ HOST: "127.0.0.1", PORT: "0" });
});
afterEach(() => shell[Symbol.asyncDispose]());

const runDoctor = async (on = shell) => {
  const { code, stdout } = await on.run(["doctor", "--json"]);
  const findings = JSON.parse(stdout) as Finding[];
  const findingOf = (check: string) => findings.find((finding) => finding.check === check);
  return { code, findings, findingOf };
};

describe("doctor", () => {
  test("passes in an empty folder, and creates nothing", async () => {
    const { code, findings, findingOf } = await runDoctor();
    expect(code).toBe(0);
    expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
    expect(findingOf("database")).toMatchObject({
      status: "ok",
      message: expect.stringContaining("does not exist yet"),
    });
    expect(findingOf("people")).toMatchObject({ status: "warn", advice: expect.stringContaining("createsuperuser") });
    expect(findings.map(({ check }) => check)).toEqual([
      "node",
      "configuration",
      "descriptors",
      "data folder",
      "disk",
      "database",
      "files",
      "clock",
      "people",
      "names",
      "layer",
      "port",
      "proxy",
      "web client",
    ]);
    expect((await runDoctor()).findingOf("database")?.message).toContain("does not exist yet");
  });

  test("passes with an intact database and a superuser", async () => {
    await shell.must(["createsuperuser", "--username", "root", "--password-stdin"], "a long password");
    const { findingOf } = await runDoctor();
    expect(findingOf("database")).toMatchObject({ status: "ok", message: expect.stringContaining("intact, schema") });
    expect(findingOf("people")).toMatchObject({ status: "ok", message: "1, with a superuser" });
  });

  test("fails if Redis does not answer, without showing its password", async () => {
    const isolated = await TestShell.open({ REDIS_URL: "redis://chat:hunter2@127.0.0.1:1/3" });
    const { code, findingOf } = await runDoctor(isolated);
    expect(code).toBe(1);
    expect(findingOf("layer")).toMatchObject({ status: "fail" });
    expect(findingOf("layer")?.message).toMatch(
      /^REDIS_URL: expected a Redis that answers at redis:\/\/127\.0\.0\.1:1\/3\. /,
    );
    await isolated[Symbol.asyncDispose]();
  });

  test("shows the descriptors, and fails where the configured connections need more", async () => {
    expect((await runDoctor()).findingOf("descriptors")?.message).toMatch(
      /^[\d,]+: [\d,]+ WebSockets and [\d,]+ other/,
    );
    shell.env.LIMIT_WEBSOCKETS = "100000000";
    const { code, findingOf } = await runDoctor();
    // Where the range of the variable excludes it, the configuration fails already.
    expect([code, findingOf("descriptors")?.status ?? "fail"]).toEqual([1, "fail"]);
  });

  test("warns where the database was written to in the future", async () => {
    await shell.must(["room", "create", "General"]);
    expect((await runDoctor()).findingOf("clock")).toMatchObject({ status: "ok" });
    const raw = new DatabaseSync(join(shell.cwd, "data", "multichat.db"), { timeout: 5_000 });
    raw.exec(`update change set at = ${Date.now() + 60_000}`);
    raw.close();
    expect((await runDoctor()).findingOf("clock")).toMatchObject({
      status: "warn",
      message: expect.stringMatching(/^the last change in the database is (?:60|59)\.\d s in the future$/),
    });
  });

  test("warns about a missing proxy, one that is not trusted, and one that leads elsewhere", async () => {
    const proxyOf = async (env: Record<string, string>) => {
      await using isolated = await TestShell.open({ PORT: "0", ...env });
      return (await runDoctor(isolated)).findingOf("proxy");
    };
    const https = { HOST: "127.0.0.1", PUBLIC_URL: "https://chat.example.org" };
    expect(await proxyOf({ HOST: "127.0.0.1" })).toMatchObject({ status: "ok", message: "none is configured" });
    expect(await proxyOf({ HOST: "0.0.0.0" })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("unencrypted"),
    });
    expect(await proxyOf(https)).toMatchObject({ status: "warn", advice: expect.stringContaining("TRUST_PROXY") });
    expect(await proxyOf({ ...https, TRUST_PROXY: "true" })).toMatchObject({
      status: "ok",
      message: expect.stringContaining("not checked"),
    });
    await using chat = await TestChat.start();
    const running = { HOST: "127.0.0.1", PORT: new URL(chat.url).port, TRUST_PROXY: "true" };
    expect(await proxyOf({ ...running, PUBLIC_URL: chat.url })).toMatchObject({
      status: "ok",
      message: `${chat.url} leads to a chat server`,
    });
    expect(await proxyOf({ ...running, PUBLIC_URL: "http://127.0.0.1:1" })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("does not answer"),
    });
  });

  test("prints a line per check, with the advice below it", async () => {
    const { code, stdout } = await shell.run(["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}node +v\d/m);
    expect(stdout).toMatch(/^warn {2}people +no accounts yet\n +-> run multichat createsuperuser/m);
  });

  test("fails once for each problem of the configuration", async () => {
    const broken = await TestShell.open({ PORT: "x", LOG_LEVEL: "loud" });
    const { code, findings } = await runDoctor(broken);
    expect(code).toBe(1);
    expect(findings.filter(({ status }) => status === "fail").map(({ message }) => message.split(":")[0])).toEqual([
      "PORT",
      "LOG_LEVEL",
    ]);
    await broken[Symbol.asyncDispose]();
  });

  test("warns about an unknown limit and a frame too small for a message", async () => {
    shell.env.LIMIT_MESAGE_CHARS = "5";
    shell.env.LIMIT_FRAME_BYTES = "2048";
    const { code, findings } = await runDoctor();
    expect(code).toBe(0);
    const warnings = findings.filter(({ check, status }) => check === "configuration" && status === "warn");
    expect(warnings.map(({ message }) => message).join()).toMatch(/LIMIT_MESAGE_CHARS.*LIMIT_FRAME_BYTES/);
  });

  test("lists names of earlier versions that could mislead", async () => {
    await shell.must(["migrate"]);
    const raw = openBeside(join(shell.cwd, "data", "multichat.db"));
    const insert = raw.prepare(
      `insert into user (id, name, email, emailVerified, createdAt, updatedAt, username, displayUsername, staff, superuser, active)
       values (@name, @name, @name || '@example.org', 0, '2026-01-01', '2026-01-01', lower(@name), @name, 1, 1, 1)`,
    );
    for (const name of ["ada", "b\u200bob", "all", "admin", "carol", "caroI"]) insert.run({ name });
    raw.close();
    const { code, findingOf } = await runDoctor();
    expect(code).toBe(0);
    expect(findingOf("names")).toMatchObject({ status: "warn", advice: expect.stringContaining("rename") });
    expect(findingOf("names")?.message).toMatch(/"all".*"b\u200bob".*"caroI".*"carol"/);
    expect(findingOf("names")?.message).not.toMatch(/"ada"|"admin"/);
  });

  test("fails for a damaged database, and advises to restore a backup", async () => {
    await shell.must(["migrate"]);
    const file = join(shell.cwd, "data", "multichat.db");
    await truncate(file, 8192);
    const { code, findingOf } = await runDoctor();
    expect(code).toBe(1);
    expect(findingOf("database")?.status).toBe("fail");
    expect(`${findingOf("database")?.message} ${findingOf("database")?.advice}`).toMatch(/backup/);
  });

  test("fails for a database of a newer version", async () => {
    await shell.must(["migrate"]);
    const raw = openBeside(join(shell.cwd, "data", "multichat.db"));
    raw.prepare("update meta set value = '999' where key = 'schema'").run();
    raw.close();
    expect(await runDoctor()).toMatchObject({ code: 1 });
    expect((await runDoctor()).findingOf("database")).toMatchObject({
      status: "fail",
      advice: expect.stringContaining("version that wrote it"),
    });
  });

  test("fails if the data folder is a file", async () => {
    await writeFile(join(shell.cwd, "data"), "");
    const { code, findingOf } = await runDoctor();
    expect(code).toBe(1);
    expect(findingOf("data folder")).toMatchObject({ status: "fail", advice: expect.stringContaining("DATA_DIR") });
  });

  test("fails for a port that another program uses, and passes for a running chat", async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    shell.env.PORT = String(typeof address === "object" ? address?.port : 0);
    expect((await runDoctor()).findingOf("port")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("another program"),
    });
    await new Promise((resolve) => other.close(resolve));

    await using chat = await TestChat.start();
    shell.env.PORT = new URL(chat.url).port;
    const { code, findingOf } = await runDoctor();
    expect(code).toBe(0);
    expect(findingOf("port")).toMatchObject({
      status: "ok",
      message: expect.stringContaining("a chat server is running"),
    });
  });
});
