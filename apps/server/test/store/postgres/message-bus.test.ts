import { expect, onTestFinished, test } from "vitest";
import { type MessageBus, openMessageBus } from "../../../src/store/postgres/message-bus.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { POSTGRES, postgresUrl } from "../support/postgres-database.ts";
import { newPlace, until } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

async function open(url: string): Promise<{ bus: MessageBus; received: unknown[]; reconnections: () => number }> {
  const received: unknown[] = [];
  let reconnections = 0;
  const bus = await openMessageBus({
    url,
    onMessage: (message) => received.push(message),
    onReconnected: () => {
      reconnections += 1;
    },
  });
  onTestFinished(() => bus.close());
  return { bus, received, reconnections: () => reconnections };
}

test("messages arrive at every process of the database in their order, in as many notifications as they need", async () => {
  const place = await newPlace();
  const [a, b, other] = [await open(place), await open(place), await open(await newPlace())];
  const messages = Array.from({ length: 2_000 }, (_, n) => ({ n, text: "ü".repeat(n % 300) }));
  // In turns of every kind: while nothing is sent, during a round trip, and at the end of one.
  for (const message of messages) {
    if (message.n % 7 === 0) await new Promise(setImmediate);
    else if (message.n % 3 === 0) await Promise.resolve();
    a.bus.publish(message);
  }
  await until(() => a.received.length >= messages.length && b.received.length >= messages.length);
  expect([a.received, b.received]).toEqual([messages, messages]);
  expect(other.received).toEqual([]);
  const longest = { text: "x".repeat(7_900 - '[{"text":""}]'.length) };
  expect(() => a.bus.publish({ text: `${longest.text}x` })).toThrow("at most 7900 bytes");
  a.bus.publish(longest);
  await until(() => b.received.length > messages.length);
  expect(b.received.at(-1)).toEqual(longest);
});

test("without a connection it refuses messages, and connects again by itself", async () => {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const [cut, other] = [await open(proxy.through(place)), await open(place)];
  proxy.goAway();
  await until(() => {
    try {
      cut.bus.publish({ lost: true });
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: "unreachable" });
      return true;
    }
  });
  expect(cut.reconnections()).toBe(0);
  proxy.comeBack();
  await until(() => cut.reconnections() === 1);
  other.bus.publish({ n: 1 });
  cut.bus.publish({ n: 2 });
  for (const { received } of [cut, other]) {
    await until(() => received.filter((message) => (message as { n?: number }).n !== undefined).length === 2);
  }
  expect(other.reconnections()).toBe(0);
});

test("a process has no connection any more when it has ended, or lost it until it connects again", async () => {
  const place = await newPlace();
  const proxy = await CutProxy.start(new URL(postgresUrl()));
  onTestFinished(() => proxy.stop());
  const observer = await open(place);
  const openAs = (process: string, url: string) =>
    openMessageBus({ url, process, onMessage: () => {}, onReconnected: () => {} });
  const [ending, losing] = [await openAs("ending", place), await openAs("losing", proxy.through(place))];
  onTestFinished(() => losing.close());
  const elsewhere = await openAs("elsewhere", await newPlace());
  onTestFinished(() => elsewhere.close());
  const find = () => observer.bus.findDisconnected(["ending", "losing", "elsewhere", "unknown"]);
  expect(await find()).toEqual(["elsewhere", "unknown"]);
  await ending.close();
  await until(async () => (await find()).includes("ending"));
  proxy.goAway();
  await until(async () => (await find()).includes("losing"));
  proxy.comeBack();
  await until(async () => !(await find()).includes("losing"));
  expect(await find()).toEqual(["ending", "elsewhere", "unknown"]);
});
