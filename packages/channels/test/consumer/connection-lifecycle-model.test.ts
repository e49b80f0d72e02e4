import { type EventOf, encoders, WebSocketConsumer } from "@multichat/channels";
import { type Handshake, SteppableClock } from "@multichat/channels/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClient, createLayer } from "./fixtures.ts";

type Events = { "room.said": { act: Act }; "room.heard": { text: string } };

/** What a handler does. */
type Act = "nothing" | "wait" | "join" | "leave" | "send" | "say" | "close" | "throw" | "reject";
const act: fc.Arbitrary<Act> = fc.constantFrom(
  "nothing",
  "wait",
  "join",
  "leave",
  "send",
  "say",
  "close",
  "throw",
  "reject",
);

/** What the world does. */
type Step =
  | { readonly do: "frame" | "event" | "groupEvent"; readonly act: Act }
  | { readonly do: "pause" | "drain" | "goes" | "breaks" };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom("frame" as const, "event" as const, "groupEvent" as const), act }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pause" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("drain" as const, "goes" as const, "breaks" as const) }) },
);

const connectAct = fc.constantFrom("accept" as const, "acceptAndWait" as const, "refuse" as const, "throw" as const);

describe("whatever happens to a connection", () => {
  it("its handlers never overlap, connect comes first, disconnect last and once, and nothing is left", async () => {
    await fc.assert(
      fc.asyncProperty(connectAct, fc.array(step, { maxLength: 30 }), async (connects, steps) => {
        const { layer, layers } = createLayer();
        const clock = new SteppableClock();
        const log: string[] = [];
        const late: string[] = [];
        let running = 0;
        let most = 0;
        class Model extends WebSocketConsumer<Events> {
          static override groups = ["everybody"];
          static override encoders = encoders<Events, "room.heard">({ "room.heard": (event) => event.text });

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
          roomSaid(event: EventOf<Events, "room.said">): Promise<void> {
            return this.#handler("event", () => this.#act(event.act));
          }
          override onDrain(): Promise<void> {
            return this.#handler("drain", turn);
          }
          override disconnect(): Promise<void> {
            return this.#handler("disconnect", async () => {
              await turn();
              await this.groupSend("everybody", { type: "room.heard", text: "gone" });
            });
          }

          async #handler(name: string, body: () => Promise<void>): Promise<void> {
            log.push(name);
            // What the client sent before it went is still handled; what comes from the layer is not.
            if (this.signal.aborted && (name === "event" || name === "drain")) late.push(name);
            running += 1;
            most = Math.max(most, running);
            try {
              await body();
            } finally {
              running -= 1;
            }
          }
          async #act(what: Act): Promise<void> {
            if (what === "wait") await turn();
            if (what === "join") await this.groupAdd("other");
            if (what === "leave") await this.groupDiscard("room");
            if (what === "send") this.send("text");
            if (what === "say") await this.groupSend("room", { type: "room.heard", text: "said" });
            if (what === "close") this.close(4000);
            if (what === "throw") throw new Error("broken");
            if (what === "reject") await Promise.reject(new Error("broken"));
          }
        }

        const client = createClient(Model, { layers, clock, maxQueuedFrames: 3, maxQueuedEvents: 3 });
        const handshake: Promise<Handshake> = client.connect();
        if (connects === "accept" || connects === "acceptAndWait") await handshake;
        else await turn();
        let ended: Promise<void> | undefined;
        for (const one of steps) {
          if ("act" in one) {
            const group = one.do === "event" ? "everybody" : "room";
            if (one.do === "frame") client.send(one.act);
            else void layer.groupSend(group, { type: "room.said", act: one.act });
          } else if (one.do === "pause") {
            await turn();
          } else if (one.do === "drain") {
            client.drain(10);
          } else {
            ended ??= client.disconnect(one.do === "goes" ? 1001 : 1006);
          }
        }
        await handshake;
        ended ??= client.disconnect(1001);
        await ended;
        await client.done();

        expect(most).toBe(1);
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
        await layer.groupSend("everybody", { type: "room.said", act: "send" });
        await turn();
        expect(log).toHaveLength(before);
      }),
      { numRuns: 300 },
    );
  });
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
