import type { ErrorCode } from "@multichat/protocol";
import { describe, expect, test } from "vitest";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "../src/index.ts";
import { alice, TestWorld } from "./support/test-world.ts";

describe("a command", () => {
  test("resolves with its reply", async () => {
    const world = new TestWorld();
    const room = world.createRoom("General", 3);
    const client = await world.connected();
    const page = client.request("history.page", { room: room.number, limit: 2 });
    await world.clock.advance(50);
    expect((await page).messages.map((m) => m.body)).toEqual(["old 2", "old 3"]);
  });

  test("rejects with the code, the message and the time to wait when it is refused", async () => {
    const world = new TestWorld();
    const room = world.createRoom();
    const client = await world.connected();
    world.server.refuseNext.push({ name: "history.page", code: "RATE_LIMITED", retryAfterSeconds: 2.5 });
    const page = client.request("history.page", { room: room.id });
    // Rejects while the clock advances, before the test reads it.
    page.catch(() => {});
    await world.clock.advance(50);
    const error = await page.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ command: "history.page", code: "RATE_LIMITED", retryAfterSeconds: 2.5 });
  });

  test("rejects with the current code when an older server sends an alias", () => {
    const code = "MESSAGE_UNKNOWN" as ErrorCode;
    expect(new CommandError("message.edit", { code, message: "" })).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
  });

  test("rejects with ConnectionLost without a connection, or when the connection closes", async () => {
    const world = new TestWorld();
    await expect(world.client().request("room.list", {})).rejects.toBeInstanceOf(ConnectionLost);
    const client = await world.connected();
    const list = client.request("room.list", {});
    world.socket(alice).cut({ isNoticed: true });
    await expect(list).rejects.toBeInstanceOf(ConnectionLost);
  });

  test("rejects with ReplyTimeout when it is not answered in time, and ignores a late reply", async () => {
    const world = new TestWorld({ readDelayMs: () => 300 });
    const client = await world.connected();
    await world.clock.advance(1_000);
    const list = client.request("room.list", {}, { timeoutMs: 100 });
    // Rejects while the clock advances, before the test reads it.
    list.catch(() => {});
    await world.clock.advance(100);
    await expect(list).rejects.toBeInstanceOf(ReplyTimeout);
    await world.clock.advance(1_000);
    expect(client.state.phase).toBe("open");
  });

  test("can be aborted before it is sent and while it is pending", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const reason = new Error("aborted by the test");
    await expect(client.request("room.list", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const list = client.request("room.list", {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(list).rejects.toBe(reason);
  });

  test("rejects with ClientBusy beyond 256 unanswered commands", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    const lists = Array.from({ length: 256 }, () => client.request("room.list", {}));
    await expect(client.request("room.list", {})).rejects.toBeInstanceOf(ClientBusy);
    await world.clock.advance(10_000);
    expect(await Promise.all(lists)).toHaveLength(256);
  });

  test("is sent in order, eighty at once and then forty a second", async () => {
    const world = new TestWorld();
    const client = await world.connected();
    await world.clock.advance(5_000);
    const answeredBefore = world.server.answerCounts.get("room.list") ?? 0;
    const answered = () => (world.server.answerCounts.get("room.list") ?? 0) - answeredBefore;
    const order: number[] = [];
    for (let i = 0; i < 200; i += 1) void client.request("room.list", {}).then(() => order.push(i));
    await world.clock.advance(10);
    expect(answered()).toBe(80);
    await world.clock.advance(1_000);
    expect(answered()).toBeGreaterThanOrEqual(119);
    expect(answered()).toBeLessThanOrEqual(121);
    await world.clock.advance(5_000);
    expect(order).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test("waits as long as the server said after a RATE_LIMITED", async () => {
    const world = new TestWorld();
    const room = world.createRoom();
    const client = await world.connected();
    world.server.refuseNext.push({ name: "history.page", code: "RATE_LIMITED", retryAfterSeconds: 2 });
    // Refused, as the line above says.
    client.request("history.page", { room: room.id }).catch(() => {});
    await world.clock.advance(50);
    let answered = false;
    void client.request("room.list", {}).then(() => {
      answered = true;
    });
    await world.clock.advance(1_900);
    expect(answered).toBe(false);
    await world.clock.advance(200);
    expect(answered).toBe(true);
  });
});

test("ignores frames that are not of the protocol", async () => {
  const world = new TestWorld();
  const room = world.createRoom();
  const client = await world.connected();
  const store = await world.open(client, room);
  for (const frame of [
    [],
    { on: "sticker.thrown", room: room.id },
    { re: 99_999, ok: {} },
    { re: null, error: { code: "COMMAND_INVALID", message: "?" } },
  ]) {
    world.socket(alice).sendFromServer(frame);
  }
  await world.clock.advance(50);
  expect(client.state.phase).toBe("open");
  expect(store.get().status).toBe("live");
});
