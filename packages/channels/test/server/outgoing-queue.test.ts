import { Duplex } from "node:stream";
import { frameSequence, type SharedFrame, textFrame } from "@multichat/channels";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Flusher } from "../../src/server/flusher.ts";
import { OutgoingQueue } from "../../src/server/outgoing-queue.ts";
import { createServerMetrics } from "../../src/server/server-metrics.ts";

/** A socket whose other end reads only when the test lets it. */
class SlowSocket extends Duplex {
  readonly chunks: Buffer[] = [];
  #pending: (() => void)[] = [];
  #reading = true;

  constructor() {
    super({ highWaterMark: 500 });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    if (this.#reading) done();
    else this.#pending.push(done);
  }

  set reading(on: boolean) {
    this.#reading = on;
    if (on) for (const done of this.#pending.splice(0)) done();
  }
}

const maxBytes = 2_000;

/** Opens a queue to a slow socket, and counts what it reports. */
function openQueue() {
  const metrics = createServerMetrics();
  const socket = new SlowSocket();
  const reported = { drained: 0, tooSlow: 0 };
  const context = {
    flusher: new Flusher(4, metrics),
    metrics,
    options: { maxQueuedBytes: maxBytes, compressFromBytes: 1 },
  };
  const owner = {
    canWrite: true,
    onDrained: () => {
      reported.drained += 1;
    },
    onTooSlow: () => {
      reported.tooSlow += 1;
    },
  };
  const queue = new OutgoingQueue(context, owner, socket, { isCompressed: false });
  return { queue, socket, metrics, reported };
}

type Step =
  | { readonly do: "push"; readonly size: number; readonly ephemeral: boolean; readonly count: number }
  | { readonly do: "read" | "block" | "turn" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("push" as const),
      size: fc.integer({ min: 5, max: 600 }),
      ephemeral: fc.boolean(),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("read" as const, "block" as const, "turn" as const) }) },
);

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

describe("an outgoing queue", () => {
  it("sends whole frames in order, within its limit, and drops only ephemeral ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, socket, metrics, reported } = openQueue();
        const pushed: SharedFrame[] = [];
        for (const [index, next] of steps.entries()) {
          if (next.do === "push") {
            const single = textFrame(`${index}:`.padEnd(next.size, "."), { ephemeral: next.ephemeral });
            const frame = frameSequence(Array.from({ length: next.count }, () => single));
            if (queue.push(frame)) pushed.push(frame);
            // The limit applies to the queue. The socket holds what was written before it was full.
            expect(queue.bytes - socket.writableLength).toBeLessThanOrEqual(maxBytes);
          } else if (next.do === "turn") {
            await turn();
          } else {
            socket.reading = next.do === "read";
          }
        }
        socket.reading = true;
        for (let i = 0; i < 6; i += 1) await turn();

        const wire = Buffer.concat(socket.chunks);
        let at = 0;
        let skipped = 0;
        let sent = 0;
        for (const frame of pushed) {
          if (wire.subarray(at, at + frame.bytes).equals(frame.buffer)) {
            at += frame.bytes;
            sent += frame.count;
          } else {
            // Dropped because it is ephemeral, or because the connection was too slow.
            expect(frame.ephemeral || reported.tooSlow === 1).toBe(true);
            skipped += frame.count;
          }
        }
        expect(at).toBe(wire.length);
        expect(reported.tooSlow).toBeLessThanOrEqual(1);
        if (reported.tooSlow === 0) expect(skipped).toBe(metrics.framesSkipped);
        expect(metrics.bytesSent).toBe(wire.length);
        expect(sent + skipped).toBe(pushed.reduce((sum, { count }) => sum + count, 0));
      }),
      { numRuns: 150 },
    );
  });

  it("reports a client as too slow once, when a required frame does not fit", async () => {
    const { queue, socket, reported } = openQueue();
    socket.reading = false;
    const frame = textFrame("x".repeat(600));
    expect(queue.push(frame)).toBe(true);
    await turn();
    const results = [1, 2, 3, 4, 5].map(() => queue.push(frame));
    expect(results).toEqual([true, true, true, false, false]);
    expect(reported.tooSlow).toBe(1);
    expect(queue.bytes).toBe(socket.writableLength);
    expect(reported.drained).toBe(0);
  });

  it("is congested while frames wait for a client that does not read (C5)", async () => {
    const { queue, socket, reported } = openQueue();
    socket.reading = false;
    const frame = textFrame("x".repeat(600));
    queue.push(frame);
    queue.push(frame);
    expect(queue.isCongested, "a burst in one turn").toBe(false);
    await turn();
    expect(queue.isCongested, "nothing waits").toBe(false);
    queue.push(frame);
    expect(queue.isCongested).toBe(true);
    expect(reported.drained).toBe(0);
    socket.reading = true;
    for (let i = 0; i < 3; i += 1) await turn();
    expect(queue.isCongested).toBe(false);
    expect(reported.drained).toBeGreaterThan(0);
  });
});

describe("frames that only one socket has", () => {
  it("leave in one call, whole and in order", async () => {
    const metrics = createServerMetrics();
    const calls: Buffer[][] = [];
    const socket = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        calls.push([chunk]);
        done();
      },
      writev: (chunks, done) => {
        calls.push(chunks.map(({ chunk }) => chunk as Buffer));
        done();
      },
    });
    const context = {
      flusher: new Flusher(4, metrics),
      metrics,
      options: { maxQueuedBytes: 1_000_000, compressFromBytes: 1 },
    };
    const owner = { canWrite: true, onDrained: () => {}, onTooSlow: () => {} };
    const queue = new OutgoingQueue(context, owner, socket, { isCompressed: false });
    const frames = [textFrame("x".repeat(20_000)), textFrame("reply"), textFrame("y".repeat(20_000))];
    for (const frame of frames) queue.push(frame);
    await turn();
    for (const frame of frames) queue.push(frame);
    await turn();
    expect(calls.map((chunks) => chunks.length)).toEqual([3, 3]);
    const wire = Buffer.concat(frames.map(({ buffer }) => buffer));
    for (const chunks of calls) expect(Buffer.concat(chunks).equals(wire)).toBe(true);
    expect(metrics.writes).toBe(2);
    expect(metrics.bytesSent).toBe(2 * wire.length);
    expect(queue.bytes).toBe(0);
  });
});

describe("the flusher", () => {
  const clock = { nowMs: 0 };
  beforeEach(() => {
    clock.nowMs = 1_000;
    vi.spyOn(performance, "now").mockImplementation(() => clock.nowMs);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("lets others in between when very many sockets have something to send", async () => {
    const metrics = createServerMetrics();
    const flusher = new Flusher(4, metrics);
    let flushed = 0;
    let others = 0;
    const slowOne = {
      flush: () => {
        clock.nowMs += 0.05;
        flushed += 1;
        return 1;
      },
    };
    for (let i = 0; i < 1_000; i += 1) flusher.add(slowOne);
    while (flushed < 1_000) {
      await turn();
      others += 1;
    }
    expect(metrics.flushes).toBeGreaterThan(2);
    expect(others).toBeGreaterThan(1);
  });

  it("puts passes off when sending takes much of the time and sockets get several frames, and only then", async () => {
    const metrics = createServerMetrics();
    const flusher = new Flusher(4, metrics);
    const rounds = async (frames: number, passMs: number, pauseMs: number): Promise<number> => {
      const before = metrics.delayedFlushes;
      for (let i = 0; i < 25; i += 1) {
        await new Promise<void>((resolve) => {
          flusher.add({
            flush: () => {
              clock.nowMs += passMs;
              resolve();
              return frames;
            },
          });
        });
        await turn();
        clock.nowMs += pauseMs;
      }
      return metrics.delayedFlushes - before;
    };
    expect(await rounds(1, 3, 0)).toBe(0);
    expect(await rounds(5, 0, 5)).toBe(0);
    expect(await rounds(5, 12, 0)).toBeGreaterThan(5);
  });
});
