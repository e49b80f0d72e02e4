// What an application or a device does wrong. Replaces the clock and a global, so it runs in a process of its own.
import { afterEach, expect, test, vi } from "vitest";
import { useFixture } from "./support/fixture.ts";

const fixture = useFixture();

afterEach(() => {
  vi.restoreAllMocks();
});

/** Collects what is reported as an uncaught error. */
function recordUncaught(): unknown[] {
  const errors: unknown[] = [];
  const queue = queueMicrotask;
  vi.spyOn(globalThis, "queueMicrotask").mockImplementation((callback) =>
    queue(() => {
      try {
        callback();
      } catch (error) {
        errors.push(error);
      }
    }),
  );
  return errors;
}

test("callbacks that throw are reported, and the client goes on", async () => {
  const errors = recordUncaught();
  const fail = (name: string) => () => {
    throw new Error(name);
  };
  const client = fixture.open({ reconnectPolicy: fail("reconnectPolicy"), shouldRetry: fail("shouldRetry") });
  const stop = client.connection.subscribe(fail("state"));
  client.on("greeting", fail("event"));
  const subscription = client.subscribe("room.join", { room: "faults" }, { onReply: fail("reply") });
  const broken = client.subscribe("room.join", fail("input"), { onError: fail("error") });
  await expect(broken.ready).rejects.toThrow("input");
  await subscription.ready;
  const { target } = fixture.network;
  fixture.network.target = 1;
  fixture.network.cut();
  await expect.poll(() => errors.map(String)).toContain("Error: shouldRetry");
  fixture.network.target = target;
  await expect.poll(() => subscription.isActive).toBe(true);
  expect(await client.call("echo", { text: "x" })).toEqual({ text: "x" });
  const names = ["error", "event", "reconnectPolicy", "reply", "shouldRetry", "state"];
  expect([...new Set(errors.map(String))].sort()).toEqual(names.map((name) => `Error: ${name}`));
  stop();
});

test("a listener that was left undefined under a condition is none, live and recovered", async () => {
  const errors = recordUncaught();
  const received: string[] = [];
  const client = fixture.open();
  const on = {
    "feed.posted": undefined as unknown as () => void,
    "room.posted": ({ text }: { text: string }) => received.push(text),
  };
  const feed = client.subscribe("feed.subscribe", { feed: "undefined" }, { on });
  const room = client.subscribe("room.join", { room: "undefined" }, { on });
  await Promise.all([feed.ready, room.ready]);
  await fixture.world.postToFeed("undefined", "live");
  // After the event of the feed, on the same connection.
  await client.call("room.send", { room: "undefined", text: "marker" });
  await expect.poll(() => received).toContain("marker");
  const { target } = fixture.network;
  fixture.network.target = 1;
  fixture.network.cut();
  await expect.poll(() => feed.isActive).toBe(false);
  await fixture.world.postToFeed("undefined", "missed");
  fixture.network.target = target;
  await expect.poll(() => feed.isActive).toBe(true);
  // Uncaught errors are reported in a microtask.
  await client.call("echo", { text: "x" });
  expect(errors).toEqual([]);
});

test("a clock that is set back does not delay the search for a dead connection", async () => {
  const client = fixture.open({ heartbeat: { intervalMs: 200, timeoutMs: 50 } });
  const states = fixture.record(client);
  const { now } = Date;
  // The last frame that arrives.
  client.on("greeting", () => {
    vi.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000);
    fixture.network.freeze();
  });
  await expect.poll(() => states).toContainEqual(expect.objectContaining({ phase: "waiting", reason: "silent" }));
});
