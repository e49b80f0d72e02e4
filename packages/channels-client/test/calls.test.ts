import { ClientError, CommandError } from "@multichat/channels-client";
import { describe, expect, test } from "vitest";
import { untilPhase, useFixture } from "./support/fixture.ts";

const fixture = useFixture();

describe("a call", () => {
  test("resolves with the reply, also when it was made before there was a connection", async () => {
    const client = fixture.open();
    expect(client.connection.get()).toEqual({ phase: "connecting", attempt: 1 });
    const texts = ["a", "b", "c"];
    const replies = await Promise.all(texts.map((text) => client.call("echo", { text })));
    expect(replies).toEqual([{ text: "a" }, { text: "b" }, { text: "c" }]);
    expect(await client.call("user.get")).toEqual({ name: "anonymous" });
    expect(client.connection.get()).toEqual({ phase: "open" });
  });

  test("rejects with the server's error: its code, message and details", async () => {
    const client = fixture.open();
    const error: unknown = await client.call("fail").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({
      command: "fail",
      code: "ROOM_FULL",
      message: "The room is full.",
      details: { limit: 2 },
    });
    expect(client.isCommandError(error, "ROOM_FULL")).toBe(true);
    expect(client.isCommandError(error, "INTERNAL")).toBe(false);
    // The type checker refuses it; JavaScript does not.
    await expect(client.call("echo", { text: 7 as never })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      details: { issues: [{ path: "text" }] },
    });
  });

  test("that is aborted rejects with the signal's reason and cancels the command", async () => {
    const client = fixture.open();
    const stop = new AbortController();
    const call = client.call("wait", { for: "aborted" }, { signal: stop.signal });
    await expect.poll(() => fixture.world.started).toContain("aborted");
    stop.abort("enough");
    await expect(call).rejects.toBe("enough");
    await expect.poll(() => fixture.world.aborted).toContain("aborted");
    // Its reply comes too late, and the connection is fine.
    fixture.world.gate("aborted").resolve();
    expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
    await expect(client.call("echo", { text: "x" }, { signal: stop.signal })).rejects.toBe("enough");
  });

  test("without a reply in time rejects with TIMEOUT and cancels the command", async () => {
    const client = fixture.open();
    await untilPhase(client, "open");
    const call = client.call("wait", { for: "late" }, { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ code: "TIMEOUT", wasSent: true });
    await expect.poll(() => fixture.world.aborted).toContain("late");
    await expect(client.call("wait", { for: "late" }, { timeoutMs: 0 })).rejects.toThrow("Expected timeoutMs from 1");
  });

  test("beyond maxCalls rejects with TOO_MANY_CALLS", async () => {
    const client = fixture.open({ maxCalls: 2 });
    const calls = ["a", "b"].map((text) => client.call("echo", { text }));
    await expect(client.call("echo", { text: "c" })).rejects.toMatchObject({ code: "TOO_MANY_CALLS", wasSent: false });
    await Promise.all(calls);
    expect(await client.call("echo", { text: "d" })).toEqual({ text: "d" });
  });

  test("without a connection waits for one, or fails, by choice; its timeout includes the wait", async () => {
    const { target } = fixture.network;
    fixture.network.target = 1;
    const queueing = fixture.open();
    const failing = fixture.open({ offline: "fail" });
    const waiting = queueing.call("echo", { text: "later" });
    const short = queueing.call("echo", { text: "never" }, { timeoutMs: 10 });
    await expect(failing.call("echo", { text: "now" })).rejects.toMatchObject({ code: "NOT_CONNECTED" });
    await expect(short).rejects.toMatchObject({ code: "TIMEOUT", wasSent: false });
    fixture.network.target = target;
    expect(await waiting).toEqual({ text: "later" });
    await untilPhase(failing, "open");
    expect(await failing.call("echo", { text: "now" })).toEqual({ text: "now" });
  });

  test("rejects at once with what JSON cannot carry", async () => {
    const client = fixture.open();
    const circular: { text: string; self?: unknown } = { text: "a" };
    circular.self = circular;
    await expect(client.call("echo", circular)).rejects.toThrow("circular");
    expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  });
});

describe("a connection that breaks during a call", () => {
  test("rejects it with CONNECTION_LOST, or sends it again if it is repeatable", async () => {
    const client = fixture.open({ repeatable: { wait: true } });
    const options = [{}, { repeat: false }] as const;
    const [repeated, lost] = options.map((option) => client.call("wait", { for: "cut" }, option));
    await expect.poll(() => fixture.world.started.filter((name) => name === "cut")).toHaveLength(2);
    fixture.network.cut();
    await expect(lost).rejects.toMatchObject({ code: "CONNECTION_LOST", wasSent: true });
    await expect.poll(() => fixture.world.started.filter((name) => name === "cut")).toHaveLength(3);
    fixture.world.gate("cut").resolve();
    expect(await repeated).toEqual({ waited: "cut" });
  });

  test("rejects the command that the server finds too large, and no other one", async () => {
    const client = fixture.open({ repeatable: { echo: true, wait: true } });
    const { world } = fixture;
    // Fewer bytes, and more characters.
    const small = "x".repeat(60_000);
    const repeated = client.call("wait", { for: small });
    const lost = client.call("wait", { for: "lost" }, { repeat: false });
    await expect.poll(() => world.started).toContain("lost");
    await expect(client.call("echo", { text: "é".repeat(35_000) })).rejects.toMatchObject({
      code: "COMMAND_TOO_LARGE",
    });
    await expect(lost).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    world.gate(small).resolve();
    expect(await repeated).toEqual({ waited: small });
    expect(world.started.filter((name) => name === small)).toHaveLength(2);
  });

  test("with an idempotency key the command runs once, and the repeat gets its reply", async () => {
    const client = fixture.open({ repeatable: { "message.send": "key" } });
    await client.call("echo", { text: "x" });
    fixture.network.losesNextReply = true;
    const { n } = await client.call("message.send", { text: "once", key: undefined });
    expect(n).toBeGreaterThan(0);
    expect(fixture.network.cuts).toBe(1);
    expect(fixture.world.posts.get("once")).toBe(1);
    client.close();
    // Premise: without a key it runs again.
    const careless = fixture.open();
    await careless.call("echo", { text: "x" });
    fixture.network.losesNextReply = true;
    await careless.call("message.send", { text: "twice" }, { repeat: true });
    expect(fixture.world.posts.get("twice")).toBe(2);
  });

  test("with a key that was left undefined under a condition the command is none to repeat", async () => {
    // Without exactOptionalPropertyTypes it compiles.
    const client = fixture.open({ repeatable: { "message.send": undefined as unknown as "key" } });
    await client.call("echo", { text: "x" });
    fixture.network.losesNextReply = true;
    const call = client.call("message.send", { text: "unkeyed" });
    await expect(call).rejects.toMatchObject({ code: "CONNECTION_LOST", wasSent: true });
    expect(fixture.world.posts.get("unkeyed")).toBe(1);
  });
});

describe("close()", () => {
  test("settles every call and iterator, and refuses further calls until connect()", async () => {
    const client = fixture.open();
    const sent = client.call("wait", { for: "closed" });
    const iterator = client.events("message.posted");
    const event = iterator.next();
    await expect.poll(() => fixture.world.started).toContain("closed");
    client.close();
    await expect(sent).rejects.toMatchObject({ code: "CLIENT_CLOSED", wasSent: true });
    expect(await event).toEqual({ done: true, value: undefined });
    const error: unknown = await client.call("echo", { text: "x" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "CLIENT_CLOSED" });
    expect(client.connection.get()).toEqual({ phase: "closed", reason: { kind: "client" } });
    await expect.poll(() => fixture.world.aborted).toContain("closed");
    client.connect();
    expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  });

  test("before the handshake leaves nothing behind", async () => {
    const client = fixture.open();
    const call = client.call("echo", { text: "x" });
    client.close();
    await expect(call).rejects.toMatchObject({ code: "CLIENT_CLOSED", wasSent: false });
    expect(client.connection.get().phase).toBe("closed");
  });
});

test("refuses an option that it does not know, and names the one that was meant", async () => {
  const options = (names: object) => names as never;
  expect(() => fixture.open(options({ timeoutMS: 1 }))).toThrow(/got timeoutMS\. Did you mean timeoutMs\?$/);
  expect(() => fixture.open({ backoff: options({ base: 1 }) })).toThrow(
    /got backoff\.base\. Did you mean backoff\.baseMs\?$/,
  );
  expect(() => fixture.open({ heartbeat: options({ zzzzzz: 1 }) })).toThrow(/got heartbeat\.zzzzzz\.$/);
  const client = fixture.open();
  await expect(client.call("echo", { text: "" }, options({ singal: 1 }))).rejects.toThrow("Did you mean signal?");
  expect(() => client.subscribe("echo", { text: "" }, options({ onreply: 1 }))).toThrow("Did you mean onReply?");
  expect(() => client.events("greeting", options({ maxBuffer: 1 }))).toThrow("Did you mean maxBuffered?");
});
