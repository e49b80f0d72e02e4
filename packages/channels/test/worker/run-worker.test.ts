import {
  type AcknowledgingLayer,
  Consumer,
  channelNameRouter,
  type EventOf,
  InMemoryLayer,
  type LayerMessage,
  type PendingMessage,
  runWorker,
  silentLogger,
  UnusableMessage,
} from "@multichat/channels";
import { ApplicationCommunicator, eventually } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { createLatch } from "../consumer/fixtures.ts";

type Jobs = { "job.run": { id: number } };

const run = (id: number): LayerMessage => ({ type: "job.run", id });

describe("a worker", () => {
  it("passes the messages of a channel to its consumer, one after another and in order", async () => {
    const layer = new InMemoryLayer();
    const log: string[] = [];
    class Runs extends Consumer<Jobs> {
      async jobRun(event: EventOf<Jobs, "job.run">): Promise<void> {
        log.push(`> ${event.id}`);
        await Promise.resolve();
        log.push(`< ${event.id}`);
      }
    }
    const stop = new AbortController();
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], { layer, signal: stop.signal });
    for (const id of [1, 2, 3]) await layer.send("jobs", run(id));
    await eventually(() => expect(log).toEqual(["> 1", "< 1", "> 2", "< 2", "> 3", "< 3"]));
    stop.abort();
    await worker;
    await layer.close();
  });

  it("handles up to `concurrency` messages at once", async () => {
    const layer = new InMemoryLayer();
    const gate = createLatch();
    let running = 0;
    let maxRunning = 0;
    let done = 0;
    class Runs extends Consumer<Jobs> {
      async jobRun(): Promise<void> {
        running += 1;
        maxRunning = Math.max(maxRunning, running);
        await gate.opened;
        running -= 1;
        done += 1;
      }
    }
    const stop = new AbortController();
    const options = { layer, concurrency: 3, signal: stop.signal };
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], options);
    for (let id = 0; id < 9; id += 1) await layer.send("jobs", run(id));
    await eventually(() => running === 3);
    gate.open();
    await eventually(() => done === 9);
    expect(maxRunning).toBe(3);
    stop.abort();
    await worker;
  });

  it("finishes its current message when stopped, and fires the signal after the grace period", async () => {
    const layer = new InMemoryLayer();
    const log: string[] = [];
    class Runs extends Consumer<Jobs> {
      async jobRun(event: EventOf<Jobs, "job.run">): Promise<void> {
        log.push(`> ${event.id}`);
        await new Promise<void>((resolve) => {
          this.signal.addEventListener("abort", () => resolve());
        });
        log.push(`< ${event.id}`);
      }
    }
    const stop = new AbortController();
    const options = { layer, signal: stop.signal, graceMs: 20 };
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], options);
    await layer.send("jobs", run(1));
    await eventually(() => log.length === 1);
    await layer.send("jobs", run(2));
    stop.abort();
    await worker;
    expect(log).toEqual(["> 1", "< 1"]);
    expect(await layer.receive("jobs")).toEqual(run(2));
  });

  it("continues after a handler that throws and an event without a handler (at most once)", async () => {
    const layer = new InMemoryLayer();
    const outcomes: string[] = [];
    class Runs extends Consumer<Jobs> {
      jobRun(event: EventOf<Jobs, "job.run">): void {
        if (event.id === 1) throw new Error("broken");
      }
    }
    const stop = new AbortController();
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], {
      layer,
      signal: stop.signal,
      logger: silentLogger,
      onMessage: (outcome, channel) => outcomes.push(`${channel} ${outcome}`),
    });
    for (const message of [run(1), { type: "job.unknown" }, run(2)]) await layer.send("jobs", message);
    await eventually(() => expect(outcomes).toEqual(["jobs failed", "jobs unknown", "jobs handled"]));
    stop.abort();
    await worker;
  });

  it("keeps its consumers in their groups until it stops", async () => {
    const layer = new InMemoryLayer();
    const ids: number[] = [];
    class Listens extends Consumer<Jobs> {
      static override groups = ["everybody"];
      jobRun(event: EventOf<Jobs, "job.run">): void {
        ids.push(event.id);
      }
    }
    const stop = new AbortController();
    const worker = runWorker(channelNameRouter({ jobs: Listens }), ["jobs"], { layer, signal: stop.signal });
    await eventually(() => layer.stats().memberships === 1);
    await layer.groupSend("everybody", run(5));
    await eventually(() => expect(ids).toEqual([5]));
    stop.abort();
    await worker;
    expect(layer.stats().memberships).toBe(0);
  });

  it("retries with a delay when the layer fails to receive", async () => {
    let attempts = 0;
    class Flaky extends InMemoryLayer {
      override receive(...args: Parameters<InMemoryLayer["receive"]>): Promise<LayerMessage> {
        attempts += 1;
        if (attempts === 1) return Promise.reject(new Error("connection refused"));
        return super.receive(...args);
      }
    }
    const layer = new Flaky();
    const ids: number[] = [];
    class Runs extends Consumer<Jobs> {
      jobRun(event: EventOf<Jobs, "job.run">): void {
        ids.push(event.id);
      }
    }
    const stop = new AbortController();
    const options = { layer, signal: stop.signal, logger: silentLogger };
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], options);
    await layer.send("jobs", run(1));
    await eventually(() => expect(ids).toEqual([1]));
    expect(attempts).toBeLessThan(5);
    stop.abort();
    await worker;
  });

  it("acknowledges handled messages and retries failed ones if the layer supports it (at least once)", async () => {
    const outcomes: string[] = [];
    class Acknowledges extends InMemoryLayer implements AcknowledgingLayer {
      async receiveAck(...args: Parameters<InMemoryLayer["receive"]>): Promise<PendingMessage> {
        const message = await this.receive(...args);
        return {
          message,
          ack: async () => void outcomes.push(`ack ${String(message.id)}`),
          retry: async (error) => {
            outcomes.push(`retry ${String(message.id)} ${String(error)}`);
            await this.send("jobs", message);
          },
        };
      }
    }
    const layer = new Acknowledges();
    let failures = 0;
    class Runs extends Consumer<Jobs> {
      jobRun(event: EventOf<Jobs, "job.run">): void {
        if (event.id === 2 && failures < 1) {
          failures += 1;
          throw new Error("once");
        }
      }
    }
    const stop = new AbortController();
    const options = { layer, signal: stop.signal, logger: silentLogger };
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], options);
    for (const id of [1, 2]) await layer.send("jobs", run(id));
    await eventually(() => expect(outcomes).toEqual(["ack 1", "retry 2 Error: once", "ack 2"]));
    stop.abort();
    await worker;
  });

  it("makes unusable messages and those without a handler dead letters", async () => {
    const outcomes: string[] = [];
    class Acknowledges extends InMemoryLayer implements AcknowledgingLayer {
      async receiveAck(...args: Parameters<InMemoryLayer["receive"]>): Promise<PendingMessage> {
        const message = await this.receive(...args);
        return {
          message,
          ack: async () => void outcomes.push(`ack ${message.type}`),
          retry: async (error) => void outcomes.push(`retry ${String(error)}`),
          deadLetter: async (error) => void outcomes.push(`dead letter ${String(error)}`),
        };
      }
    }
    const layer = new Acknowledges();
    class Runs extends Consumer<Jobs> {
      jobRun(event: EventOf<Jobs, "job.run">): void {
        if (event.id === 1) throw new UnusableMessage("expected an id above 1");
      }
    }
    const stop = new AbortController();
    const options = { layer, signal: stop.signal, logger: silentLogger };
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], options);
    for (const message of [run(1), { type: "job.unknown" }, run(2)]) await layer.send("jobs", message);
    await eventually(() =>
      expect(outcomes).toEqual([
        "dead letter UnusableMessage: expected an id above 1",
        'dead letter UnusableMessage: the consumer has no method for events of type "job.unknown"',
        "ack job.run",
      ]),
    );
    stop.abort();
    await worker;
  });

  it("rejects when the layer is closed before the stop, and does not retry for ever", async () => {
    const layer = new InMemoryLayer();
    class Runs extends Consumer<Jobs> {
      jobRun(): void {}
    }
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], { layer, logger: silentLogger });
    await layer.close();
    await expect(worker).rejects.toMatchObject({ code: "LayerClosed" });
  });

  it("stops all consumers when one cannot start", async () => {
    const layer = new InMemoryLayer();
    class Runs extends Consumer<Jobs> {
      jobRun(): void {}
    }
    class Broken extends Consumer<Jobs> {
      static override groups = ["not a name"];
      jobRun(): void {}
    }
    const router = channelNameRouter({ jobs: Runs, broken: Broken });
    await expect(runWorker(router, ["jobs", "broken"], { layer })).rejects.toMatchObject({ code: "InvalidName" });
    await layer.send("jobs", run(1));
    expect(await layer.receive("jobs"), "no consumer is left that takes it").toEqual(run(1));
  });

  it("handles a message once although onMessage throws", async () => {
    const layer = new InMemoryLayer();
    const outcomes: string[] = [];
    const ids: number[] = [];
    class Runs extends Consumer<Jobs> {
      jobRun(event: EventOf<Jobs, "job.run">): void {
        ids.push(event.id);
      }
    }
    const acknowledging: AcknowledgingLayer = Object.assign(layer, {
      receiveAck: async (channel: string, options?: { readonly signal?: AbortSignal }): Promise<PendingMessage> => ({
        message: await layer.receive(channel, options),
        ack: async () => void outcomes.push("ack"),
        retry: async () => void outcomes.push("retry"),
      }),
    });
    const stop = new AbortController();
    const worker = runWorker(channelNameRouter({ jobs: Runs }), ["jobs"], {
      layer: acknowledging,
      signal: stop.signal,
      logger: silentLogger,
      onMessage: () => {
        throw new Error("no such metric");
      },
    });
    for (const id of [1, 2]) await layer.send("jobs", run(id));
    await eventually(() => expect(outcomes).toEqual(["ack", "ack"]));
    expect(ids).toEqual([1, 2]);
    stop.abort();
    await worker;
  });

  it("rejects a name without a consumer", async () => {
    class Runs extends Consumer<Jobs> {
      jobRun(): void {}
    }
    const layer = new InMemoryLayer();
    await expect(runWorker(channelNameRouter({ jobs: Runs }), ["jbos"], { layer })).rejects.toThrow(
      'Consumer for channel "jbos" cannot be used: the router has no consumer for this channel; it has: jobs.',
    );
  });
});

describe("an application communicator", () => {
  it("passes messages to a channel's consumer, and reports their outcome", async () => {
    const layer = new InMemoryLayer();
    class Answers extends Consumer<Jobs> {
      async jobRun(event: EventOf<Jobs, "job.run">): Promise<void> {
        if (event.id === 0) throw new Error("broken");
        await this.channelLayer.send("answers", { type: "answer", id: event.id, from: this.channelName });
      }
    }
    const communicator = new ApplicationCommunicator(channelNameRouter({ jobs: Answers }), "jobs", { layer });
    await communicator.start();
    expect(await communicator.send(run(4))).toBe(true);
    expect(await layer.receive("answers")).toEqual({ type: "answer", id: 4, from: "jobs" });
    await expect(communicator.send(run(0))).rejects.toThrow("broken");
    expect(await communicator.send({ type: "other" })).toBe(false);
    await communicator.stop();
  });
});
