import { truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestChat } from "../support/chat-server.ts";
import { TestShell } from "./test-terminal.ts";

interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly told: string;
  readonly todo?: string;
}

let shell: TestShell;
beforeEach(async () => {
  shell = await TestShell.open({ HOST: "127.0.0.1", PORT: "0" });
});
afterEach(() => shell[Symbol.asyncDispose]());

const look = async (on = shell) => {
  const { code, stdout } = await on.run(["doctor", "--json"]);
  const findings = JSON.parse(stdout) as Finding[];
  const of = (check: string) => findings.find((finding) => finding.check === check);
  return { code, findings, of };
};

describe("doctor", () => {
  test("a folder with nothing in it: nothing fails, and nothing is made", async () => {
    const { code, findings, of } = await look();
    expect(code).toBe(0);
    expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
    expect(of("database")).toMatchObject({ status: "ok", told: expect.stringContaining("not there yet") });
    expect(of("people")).toMatchObject({ status: "warn", todo: expect.stringContaining("createsuperuser") });
    expect(findings.map(({ check }) => check)).toEqual([
      "node",
      "configuration",
      "data folder",
      "disk",
      "database",
      "people",
      "layer",
      "port",
      "web client",
    ]);
    expect((await look()).of("database")?.told).toContain("not there yet");
  });

  test("a whole database with a superuser is well", async () => {
    await shell.must(["createsuperuser", "--username", "root", "--password-stdin"], "a long password");
    const { of } = await look();
    expect(of("database")).toMatchObject({ status: "ok", told: expect.stringContaining("whole, at schema") });
    expect(of("people")).toMatchObject({ status: "ok", told: "1, with a superuser" });
  });

  test("a Redis that does not answer fails, without its password", async () => {
    const alone = await TestShell.open({ REDIS_URL: "redis://chat:hunter2@127.0.0.1:1/3" });
    const { code, of } = await look(alone);
    expect(code).toBe(1);
    expect(of("layer")).toMatchObject({ status: "fail" });
    expect(of("layer")?.told).toMatch(/^REDIS_URL: expected a Redis that answers at redis:\/\/127\.0\.0\.1:1\/3\. /);
    await alone[Symbol.asyncDispose]();
  });

  test("for people: a line for each, with what to do below", async () => {
    const { code, stdout } = await shell.run(["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}node +v\d/m);
    expect(stdout).toMatch(/^warn {2}people +nobody yet\n +-> run multichat createsuperuser/m);
  });

  test("a wrong configuration fails, each problem by itself", async () => {
    const broken = await TestShell.open({ PORT: "x", LOG_LEVEL: "loud" });
    const { code, findings } = await look(broken);
    expect(code).toBe(1);
    expect(findings.filter(({ status }) => status === "fail").map(({ told }) => told.split(":")[0])).toEqual([
      "PORT",
      "LOG_LEVEL",
    ]);
    await broken[Symbol.asyncDispose]();
  });

  test("a limit that does not exist, and a frame too small for a message, are warnings", async () => {
    shell.env.LIMIT_MESAGE_CHARS = "5";
    shell.env.LIMIT_FRAME_BYTES = "2048";
    const { code, findings } = await look();
    expect(code).toBe(0);
    const warnings = findings.filter(({ check, status }) => check === "configuration" && status === "warn");
    expect(warnings.map(({ told }) => told).join()).toMatch(/LIMIT_MESAGE_CHARS.*LIMIT_FRAME_BYTES/);
  });

  test("a damaged database fails, and says to restore a backup", async () => {
    await shell.must(["migrate"]);
    const file = join(shell.cwd, "data", "multichat.db");
    await truncate(file, 8192);
    const { code, of } = await look();
    expect(code).toBe(1);
    expect(of("database")?.status).toBe("fail");
    expect(`${of("database")?.told} ${of("database")?.todo}`).toMatch(/backup/);
  });

  test("a database of a newer version fails", async () => {
    await shell.must(["migrate"]);
    const raw = new Sqlite(join(shell.cwd, "data", "multichat.db"));
    raw.prepare("update meta set value = '999' where key = 'schema'").run();
    raw.close();
    expect(await look()).toMatchObject({ code: 1 });
    expect((await look()).of("database")).toMatchObject({
      status: "fail",
      todo: expect.stringContaining("newer version"),
    });
  });

  test("a data folder that is a file fails", async () => {
    await writeFile(join(shell.cwd, "data"), "");
    const { code, of } = await look();
    expect(code).toBe(1);
    expect(of("data folder")).toMatchObject({ status: "fail", todo: expect.stringContaining("DATA_DIR") });
  });

  test("a port that another program has fails; one that a chat has is well", async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    shell.env.PORT = String(typeof address === "object" ? address?.port : 0);
    expect((await look()).of("port")).toMatchObject({
      status: "fail",
      told: expect.stringContaining("another program"),
    });
    await new Promise((resolve) => other.close(resolve));

    await using chat = await TestChat.start();
    shell.env.PORT = new URL(chat.url).port;
    const { code, of } = await look();
    expect(code).toBe(0);
    expect(of("port")).toMatchObject({ status: "ok", told: expect.stringContaining("a chat server is running") });
  });
});
