import { isAcknowledgingLayer, systemClock } from "@multichat/channels";
import { eventually, PausableClock } from "@multichat/channels/testing";
import { RedisQueueLayer, type RedisQueueOptions } from "@multichat/channels-redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { NodeProcess } from "./support/node-process.ts";
import { promptly } from "./support/promptly.ts";
import { PythonPeer } from "./support/python-peer.ts";
import { RedisProcess } from "./support/redis-process.ts";

let first: RedisProcess;
let second: RedisProcess;
beforeAll(async () => {
  first = await RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
  second = await RedisProcess.start();
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

const layers: RedisQueueLayer[] = [];
const processes: { kill?(): Promise<void>; stop?(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(layers.splice(0).map((layer) => layer.close()));
  for (const child of processes.splice(0)) {
    await child.kill?.();
    await child.stop?.();
  }
});

let prefixes = 0;
function freshPrefix(): string {
  prefixes += 1;
  return `work${process.pid}.${prefixes}`;
}

function layer(prefix: string, options: RedisQueueOptions = {}): RedisQueueLayer {
  const made = new RedisQueueLayer({ hosts: [first.url], prefix, ...options });
  layers.push(made);
  return made;
}

/** A claim that outlasts the test. */
const lasting = { visibilityMs: 60_000, backoffMs: 20, maxAttempts: 3 };
/** A claim that expires while the test waits, but not in a pause of a busy machine. */
const expiring = { ...lasting, visibilityMs: 2_000 };

describe("acknowledged work on RedisQueueLayer", () => {
  it("is recognized as a layer with acknowledgement", () => {
    expect(isAcknowledgingLayer(layer(freshPrefix()))).toBe(true);
  });

  it("delivers a message once, in order of sending, and removes it when it is acknowledged", async () => {
    const prefix = freshPrefix();
    const [sender, worker] = [layer(prefix), layer(prefix, { work: expiring })];
    for (let n = 0; n < 20; n += 1) await sender.send("jobs", { type: "job", n });
    for (let n = 0; n < 20; n += 1) {
      const claimed = await worker.receiveAck("jobs");
      expect(claimed).toMatchObject({ message: { type: "job", n }, attempt: 1 });
      await claimed.ack();
    }
    const signal = AbortSignal.timeout(expiring.visibilityMs * 1.5);
    await expect(worker.receiveAck("jobs", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await worker.deadLetters("jobs")).toEqual([]);
  });

  it("wakes a waiting worker by a send from Node, without polling", async () => {
    const prefix = freshPrefix();
    // No poll comes before `promptly` gives up.
    const [sender, worker] = [layer(prefix), layer(prefix, { work: { pollMs: 60_000 } })];
    await sender.ready();
    const warm = worker.receiveAck("jobs");
    await eventually(async () => {
      await sender.send("jobs", { type: "warm" });
      expect(await Promise.race([warm, new Promise((resolve) => setTimeout(resolve, 2_000))])).toBeDefined();
    });
    for (let round = 0; round < 20; round += 1) {
      const waiting = worker.receiveAck("jobs");
      await sender.send("jobs", { type: "job" });
      await (await promptly(waiting)).ack();
    }
  });

  it("finds messages from Python by polling", async () => {
    const prefix = freshPrefix();
    const worker = layer(prefix, { work: lasting });
    const python = new PythonPeer("queue", { hosts: [first.url], prefix });
    processes.push(python);
    const waiting = worker.receiveAck("jobs");
    await python.send("jobs", { type: "job", from: "python" });
    const claimed = await waiting;
    expect(claimed.message).toEqual({ type: "job", from: "python" });
    await claimed.ack();
  });

  it("retries after a growing delay, then keeps a dead letter with the reason", async () => {
    const prefix = freshPrefix();
    const worker = layer(prefix, { work: { ...lasting, backoffMs: 50 } });
    await worker.send("jobs", { type: "poison" });
    const attemptTimes: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const claimed = await worker.receiveAck("jobs");
      attemptTimes.push(Date.now());
      expect(claimed.attempt).toBe(attempt);
      await claimed.retry(new TypeError("invalid payload"));
    }
    const [firstAt = 0, secondAt = 0, thirdAt = 0] = attemptTimes;
    expect(secondAt - firstAt).toBeGreaterThanOrEqual(37);
    expect(thirdAt - secondAt).toBeGreaterThanOrEqual(75);
    const letters = await worker.deadLetters("jobs");
    expect(letters).toEqual([
      {
        id: expect.any(String),
        message: { type: "poison" },
        attempts: 3,
        reason: "TypeError: invalid payload",
        at: expect.any(Number),
      },
    ]);
  });

  it("keeps a dead letter of a message given up at its first attempt", async () => {
    const worker = layer(freshPrefix(), { work: lasting });
    await worker.send("jobs", { type: "poison" });
    await (await worker.receiveAck("jobs")).deadLetter(new TypeError("invalid payload"));
    expect(await worker.deadLetters("jobs")).toMatchObject([
      { message: { type: "poison" }, attempts: 1, reason: "TypeError: invalid payload" },
    ]);
  });

  it("delivers a revived dead letter again, and deletes a dropped one", async () => {
    const prefix = freshPrefix();
    const worker = layer(prefix, { work: { ...lasting, maxAttempts: 1 } });
    for (const n of [1, 2]) {
      await worker.send("jobs", { type: "poison", n });
      await (await worker.receiveAck("jobs")).retry("no");
    }
    const [two, one] = await worker.deadLetters("jobs");
    expect([one?.message, two?.message]).toEqual([
      { type: "poison", n: 1 },
      { type: "poison", n: 2 },
    ]);
    expect(await worker.reviveDeadLetters("jobs", [one?.id ?? "", "unknown"])).toBe(1);
    const again = await worker.receiveAck("jobs");
    expect(again).toMatchObject({ message: { n: 1 }, attempt: 1 });
    await again.ack();
    expect(await worker.dropDeadLetters("jobs", [two?.id ?? ""])).toBe(1);
    expect(await worker.deadLetters("jobs")).toEqual([]);
  });

  it("keeps a limited number of dead letters, and deletes the oldest", async () => {
    const worker = layer(freshPrefix(), { work: { ...lasting, maxAttempts: 1, maxDeadLetters: 3 } });
    for (let n = 0; n < 6; n += 1) {
      await worker.send("jobs", { type: "poison", n });
      await (await worker.receiveAck("jobs")).retry("no");
    }
    const letters = await worker.deadLetters("jobs");
    expect(letters.map(({ message }) => message?.n).toSorted()).toEqual([3, 4, 5]);
  });

  it("keeps a claim while its process renews it, however long the work takes", async () => {
    const prefix = freshPrefix();
    const [busy, other] = [layer(prefix, { work: expiring }), layer(prefix, { work: expiring })];
    await busy.send("jobs", { type: "long" });
    const claimed = await busy.receiveAck("jobs");
    const stolen = other.receiveAck("jobs", { signal: AbortSignal.timeout(expiring.visibilityMs * 2) });
    await expect(stolen).rejects.toMatchObject({ name: "TimeoutError" });
    await claimed.ack();
  });

  it("rejects the settlement of a message that was delivered again", async () => {
    const prefix = freshPrefix();
    // Stops the timers of this process, so that it no longer renews its claims.
    const clock = new PausableClock(systemClock);
    const [stuck, other] = [layer(prefix, { work: expiring, clock }), layer(prefix, { work: lasting })];
    await stuck.send("jobs", { type: "job" });
    const late = await stuck.receiveAck("jobs");
    clock.pause();
    const again = await other.receiveAck("jobs");
    expect(again).toMatchObject({ message: { type: "job" }, attempt: 2 });
    await expect(late.ack()).rejects.toMatchObject({ code: "ClaimLapsed", details: { channel: "jobs" } });
    await again.ack();
  });

  it("releases at once a message that was claimed for a reader who has left", async () => {
    const prefix = freshPrefix();
    const [worker, other] = [layer(prefix, { work: lasting }), layer(prefix, { work: lasting })];
    await worker.ready();
    for (let round = 0; round < 30; round += 1) {
      const gone = new AbortController();
      const waiting = worker.receiveAck("jobs", { signal: gone.signal });
      const failing = waiting.then(
        (claimed) => claimed.ack().then(() => "taken"),
        () => "gone",
      );
      const sending = other.send("jobs", { type: "job", round });
      gone.abort();
      await sending;
      if ((await failing) === "taken") continue;
      const claimed = await other.receiveAck("jobs", { signal: AbortSignal.timeout(50_000) });
      expect(claimed).toMatchObject({ message: { round }, attempt: 1 });
      await claimed.ack();
    }
  });

  it("counts messages that wait for a retry towards the channel's capacity", async () => {
    const worker = layer(freshPrefix(), { capacity: 2, work: { ...lasting, backoffMs: 60_000 } });
    await worker.send("jobs", { type: "one" });
    await (await worker.receiveAck("jobs")).retry("no");
    await worker.send("jobs", { type: "two" });
    await expect(worker.send("jobs", { type: "three" })).rejects.toMatchObject({ code: "ChannelFull" });
  });

  it("expires an unclaimed message, later by a rule for the channel, and never a claimed one", async () => {
    const prefix = freshPrefix();
    const options = { expiryMs: 2_000, channelExpiry: [{ channel: "slow.*", expiryMs: 60_000 }], work: lasting };
    const worker = layer(prefix, options);
    await worker.send("jobs", { type: "taken" });
    const taken = await worker.receiveAck("jobs");
    await worker.send("jobs", { type: "expires" });
    await worker.send("slow.jobs", { type: "stays" });
    const end = Date.now() + 2_500;
    await eventually(() => expect(Date.now()).toBeGreaterThan(end));
    await taken.retry("not yet");
    const again = await worker.receiveAck("jobs");
    expect(again.message).toEqual({ type: "taken" });
    await again.ack();
    await worker.send("jobs", { type: "next" });
    const next = await worker.receiveAck("jobs");
    expect(next.message).toEqual({ type: "next" });
    await next.ack();
    const stays = await worker.receiveAck("slow.jobs");
    expect(stays.message).toEqual({ type: "stays" });
    await stays.ack();
  });

  it("turns an unreadable message into a dead letter", async () => {
    const prefix = freshPrefix();
    const worker = layer(prefix, { work: lasting, symmetricEncryptionKeys: ["a key"] });
    const stranger = layer(prefix);
    await stranger.send("jobs", { type: "plain" });
    await worker.send("jobs", { type: "secret" });
    const claimed = await worker.receiveAck("jobs");
    expect(claimed.message).toEqual({ type: "secret" });
    await claimed.ack();
    await eventually(async () =>
      expect(await worker.deadLetters("jobs")).toMatchObject([
        { message: undefined, reason: "not a message of this layer" },
      ]),
    );
  });

  it("works with several servers", async () => {
    const prefix = freshPrefix();
    const hosts = [first.url, second.url];
    const [sender, worker] = [layer(prefix, { hosts }), layer(prefix, { hosts, work: lasting })];
    for (let n = 0; n < 10; n += 1) await sender.send("jobs", { type: "job", n });
    const seen = new Set<unknown>();
    for (let n = 0; n < 10; n += 1) {
      const claimed = await worker.receiveAck("jobs");
      seen.add(claimed.message.n);
      await claimed.ack();
    }
    expect(seen.size).toBe(10);
  });

  it("rejects waiting readers when the layer is closed", async () => {
    const worker = layer(freshPrefix());
    const waiting = expect(worker.receiveAck("jobs")).rejects.toMatchObject({ code: "LayerClosed" });
    await worker.close();
    await waiting;
    await expect(worker.receiveAck("jobs")).rejects.toMatchObject({ code: "LayerClosed" });
  });

  it("loses nothing when worker processes are repeatedly killed at work", async () => {
    const prefix = freshPrefix();
    const work = { visibilityMs: 1_000, backoffMs: 20, maxAttempts: 50 };
    const sender = layer(prefix, { capacity: 1_000 });
    const jobs = 40;
    const begun: string[] = [];
    const done = new Set<string>();
    const start = (jobMs: number) => {
      const worker = new NodeProcess("worker-process.ts", { hosts: [first.url], prefix, work, jobMs }, (line) => {
        if (line.startsWith("done ")) done.add(line.slice("done ".length));
        else begun.push(line);
      });
      processes.push(worker);
      return worker;
    };
    for (let n = 0; n < jobs; n += 1) await sender.send("jobs", { type: "job", n });
    for (let kills = 1; kills <= 3; kills += 1) {
      // Killed at work: each of its four jobs takes a minute.
      const doomed = start(60_000);
      await eventually(() => expect(begun).toHaveLength(4 * kills));
      await doomed.kill();
    }
    expect(done.size).toBe(0);
    start(5);
    await eventually(() => expect(done.size).toBe(jobs));
    // The jobs of the killed workers were started again.
    expect(begun.length).toBeGreaterThanOrEqual(jobs + 4);
  });

  it("continues after Redis was killed and restarted with its data", async () => {
    const prefix = freshPrefix();
    const [sender, worker] = [layer(prefix, { capacity: 1_000 }), layer(prefix, { work: expiring })];
    for (let n = 0; n < 10; n += 1) await sender.send("jobs", { type: "job", n });
    const held = await worker.receiveAck("jobs");
    await first.kill();
    await expect(held.ack()).rejects.toMatchObject({ code: "LayerDisconnected" });
    const seen = new Set<unknown>();
    const waiting = worker.receiveAck("jobs");
    await first.restart();
    for (let next = await waiting; ; next = await worker.receiveAck("jobs")) {
      seen.add(next.message.n);
      await next.ack();
      if (seen.size === 10) break;
    }
    expect(seen.size).toBe(10);
  });
});
