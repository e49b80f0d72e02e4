import { describe, expect, test } from "vitest";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "../src/index.ts";
import { alice, TestWorld } from "./support/test-world.ts";

describe("a command", () => {
  test("resolves with its reply", async () => {
    const house = new TestWorld();
    const room = house.room("General", 3);
    const client = await house.connected();
    const page = client.request("history.page", { room: room.number, limit: 2 });
    await house.clock.advance(50);
    expect((await page).messages.map((m) => m.body)).toEqual(["old 2", "old 3"]);
  });

  test("that is refused rejects with the code, the message and the time to wait", async () => {
    const house = new TestWorld();
    const room = house.room();
    const client = await house.connected();
    house.server.refuseNext.push({ name: "history.page", code: "RATE_LIMITED", retryAfter: 2.5 });
    const page = client.request("history.page", { room: room.id });
    page.catch(() => {});
    await house.clock.advance(50);
    const error = await page.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ command: "history.page", code: "RATE_LIMITED", retryAfterSeconds: 2.5 });
  });

  test("without a connection, or whose connection goes, rejects with ConnectionLost", async () => {
    const house = new TestWorld();
    await expect(house.client().request("room.list", {})).rejects.toBeInstanceOf(ConnectionLost);
    const client = await house.connected();
    const list = client.request("room.list", {});
    house.line(alice).cut(true);
    await expect(list).rejects.toBeInstanceOf(ConnectionLost);
  });

  test("that is not answered in time rejects with ReplyTimeout, and a late reply is ignored", async () => {
    const house = new TestWorld({ read: () => 300 });
    const client = await house.connected();
    await house.clock.advance(1_000);
    const list = client.request("room.list", {}, { timeoutMs: 100 });
    list.catch(() => {});
    await house.clock.advance(100);
    await expect(list).rejects.toBeInstanceOf(ReplyTimeout);
    await house.clock.advance(1_000);
    expect(client.state.phase).toBe("open");
  });

  test("can be aborted, before and while it is under way", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const reason = new Error("no longer wanted");
    await expect(client.request("room.list", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const list = client.request("room.list", {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(list).rejects.toBe(reason);
  });

  test("beyond 256 unanswered ones rejects with ClientBusy", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    const lists = Array.from({ length: 256 }, () => client.request("room.list", {}));
    await expect(client.request("room.list", {})).rejects.toBeInstanceOf(ClientBusy);
    await house.clock.advance(10_000);
    expect(await Promise.all(lists)).toHaveLength(256);
  });

  test("waits its turn: eighty at once, then forty a second, in order", async () => {
    const house = new TestWorld();
    const client = await house.connected();
    await house.clock.advance(5_000);
    const before = house.server.answered.get("room.list") ?? 0;
    const answered = () => (house.server.answered.get("room.list") ?? 0) - before;
    const order: number[] = [];
    for (let i = 0; i < 200; i += 1) void client.request("room.list", {}).then(() => order.push(i));
    await house.clock.advance(10);
    expect(answered()).toBe(80);
    await house.clock.advance(1_000);
    expect(answered()).toBeGreaterThanOrEqual(119);
    expect(answered()).toBeLessThanOrEqual(121);
    await house.clock.advance(5_000);
    expect(order).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test("after a RATE_LIMITED waits as long as the server said", async () => {
    const house = new TestWorld();
    const room = house.room();
    const client = await house.connected();
    house.server.refuseNext.push({ name: "history.page", code: "RATE_LIMITED", retryAfter: 2 });
    client.request("history.page", { room: room.id }).catch(() => {});
    await house.clock.advance(50);
    let answered = false;
    void client.request("room.list", {}).then(() => {
      answered = true;
    });
    await house.clock.advance(1_900);
    expect(answered).toBe(false);
    await house.clock.advance(200);
    expect(answered).toBe(true);
  });
});

test("frames that are no frames of the protocol are passed over", async () => {
  const house = new TestWorld();
  const room = house.room();
  const client = await house.connected();
  const store = await house.open(client, room);
  for (const frame of [
    [],
    { on: "sticker.thrown", room: room.id },
    { re: 99_999, ok: {} },
    { re: null, error: { code: "COMMAND_INVALID", message: "?" } },
  ]) {
    house.line(alice).tell(frame);
  }
  await house.clock.advance(50);
  expect(client.state.phase).toBe("open");
  expect(store.get().status).toBe("live");
});
