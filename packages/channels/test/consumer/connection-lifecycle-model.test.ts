import { type EventOf, encoders, WebSocketConsumer } from "@multichat/channels";
import { type Handshake, SteppableClock } from "@multichat/channels/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient, createLayer } from "./fixtures.ts";

type Events = { "room.command": { act: Act }; "room.message": { text: string } };

/** The action of a handler. */
type Act = "nothing" | "wait" | "join" | "leave" | "send" | "groupSend" | "close" | "throw" | "reject";
const act: fc.Arbitrary<Act> = fc.constantFrom(
  "nothing",
  "wait",
  "join",
  "leave",
  "send",
  "groupSend",
  "close",
  "throw",
  "reject",
);

/** An action of the client, the server or another member. */
type Step =
  | { readonly do: "frame" | "event" | "groupEvent"; readonly act: Act }
  | { readonly do: "pause" | "drain" | "close" | "break" };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom("frame" as const, "event" as const, "groupEvent" as const), act }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pause" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("drain" as const, "close" as const, "break" as const) }) },
);

const connectAct = fc.constantFrom("accept" as const, "acceptAndWait" as const, "refuse" as const, "throw" as const);

describe("a connection in random operations", () => {
  it("never overlaps handlers, runs connect first, disconnect last and once, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(connectAct, fc.array(step, { maxLength: 30 }), async (connects, steps) => {
        const { layer, layers } = createLayer();
        const clock = new SteppableClock();
        const log: string[] = [];
        const late: string[] = [];
        let running = 0;
        let maxRunning = 0;
        class Model extends WebSocketConsumer<Events> {
          static override groups = ["everybody"];
          static override encoders = encoders<Events, "room.message">({ "room.message": (event) => event.text });

          override connect(): Promise<void> {
            return this.#handler("connect", async () => {
              if (connects === "refuse") return this.refuse(418, "no");
              if (connects === "throw") throw new Error("broken");
              await this.groupAdd("room");
              this.accept();
              if (connects === "acceptAndWait") await turn();
            });
          }
          override receive(text: string): Promise<void> {
            return this.#handler("receive", () => this.#act(text as Act));
          }
          roomCommand(event: EventOf<Events, "room.command">): Promise<void> {
            return this.#handler("event", () => this.#act(event.act));
          }
          override onDrain(): Promise<void> {
            return this.#handler("drain", turn);
          }
          override disconnect(): Promise<void> {
            return this.#handler("disconnect", async () => {
              await turn();
              await this.groupSend("everybody", { type: "room.message", text: "left" });
            });
          }

          async #handler(name: string, body: () => Promise<void>): Promise<void> {
            log.push(name);
            // Frames that the client sent before it closed are still handled; events are not.
            if (this.signal.aborted && (name === "event" || name === "drain")) late.push(name);
            running += 1;
            maxRunning = Math.max(maxRunning, running);
            try {
              await body();
            } finally {
              running -= 1;
            }
          }
          async #act(action: Act): Promise<void> {
            if (action === "wait") await turn();
            if (action === "join") await this.groupAdd("other");
            if (action === "leave") await this.groupDiscard("room");
            if (action === "send") this.send("text");
            if (action === "groupSend") await this.groupSend("room", { type: "room.message", text: "hello" });
            if (action === "close") this.close(4000);
            if (action === "throw") throw new Error("broken");
            if (action === "reject") await Promise.reject(new Error("broken"));
          }
        }

        const client = createClient(Model, { layers, clock, maxQueuedFrames: 3, maxQueuedEvents: 3 });
        const handshake: Promise<Handshake> = client.connect();
        if (connects === "accept" || connects === "acceptAndWait") await handshake;
        else await turn();
        let ended: Promise<void> | undefined;
        for (const next of steps) {
          if ("act" in next) {
            const group = next.do === "event" ? "everybody" : "room";
            if (next.do === "frame") client.send(next.act);
            else void layer.groupSend(group, { type: "room.command", act: next.act });
          } else if (next.do === "pause") {
            await turn();
          } else if (next.do === "drain") {
            client.drain(10);
          } else {
            ended ??= client.disconnect(next.do === "close" ? 1001 : 1006);
          }
        }
        await handshake;
        ended ??= client.disconnect(1001);
        await ended;
        await client.done();

        expect(maxRunning).toBe(1);
        expect(late).toEqual([]);
        expect(log[0]).toBe("connect");
        expect(log.at(-1)).toBe("disconnect");
        expect(log.filter((name) => name === "connect" || name === "disconnect")).toHaveLength(2);
        expect(client.state.phase).toBe("closed");
        expect(client.scope.signal.aborted).toBe(true);
        expect(client.counters).toMatchObject({ queuedEvents: 0, queuedFrames: 0 });
        expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
        expect(clock.pendingTimers).toBe(0);
        const before = log.length;
        client.send("send");
        await layer.groupSend("everybody", { type: "room.command", act: "send" });
        await turn();
        expect(log).toHaveLength(before);
      }),
      { numRuns: 300 },
    );
  });
});

/** Waits for one turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
