import { encoders, WebSocketConsumer } from "@multichat/channels";
import { SteppableClock } from "@multichat/channels/testing";
import { describe, expect, it } from "vitest";
import { createClient, createLayer } from "./fixtures.ts";

type Events = { "room.said": { text: string } };

describe("a consumer that ends", () => {
  it("leaves nothing behind over 10,000 connections with different endings (L13)", async () => {
    const { layer, layers } = createLayer();
    const clock = new SteppableClock();
    let ends = 0;
    class Room extends WebSocketConsumer<Events> {
      static override groups = ["everybody"];
      static override encoders = encoders<Events>({ "room.said": (event) => event.text });
      readonly #number = Number(this.scope.query.get("n"));
      override async connect(): Promise<void> {
        await this.groupAdd(`room.${this.#number % 50}`);
        if (this.#number % 7 === 1) return this.close();
        if (this.#number % 7 === 2) throw new Error("broken");
        this.accept();
      }
      override async receive(): Promise<void> {
        await this.groupSend(`room.${this.#number % 50}`, { type: "room.said", text: "hi" });
        if (this.#number % 7 === 3) this.close(4000);
        if (this.#number % 7 === 4) throw new Error("broken");
      }
      override disconnect(): void {
        ends += 1;
      }
    }
    const connects = 10_000;
    const together = 100;
    let accepted = 0;
    for (let first = 0; first < connects; first += together) {
      await Promise.all(
        Array.from({ length: together }, async (_, index) => {
          const client = createClient(Room, { layers, clock }, `/?n=${first + index}`);
          const handshake = await client.connect();
          if (handshake.accepted) {
            accepted += 1;
            client.send("hi");
            if ((first + index) % 2 === 0) client.send("and again");
            await client.disconnect(first % 200 === 0 ? 1006 : 1000);
          }
          await client.done();
          expect(client.state.phase).toBe("closed");
          expect(client.counters).toMatchObject({ queuedEvents: 0, queuedFrames: 0 });
        }),
      );
    }
    expect(accepted).toBeGreaterThan(connects / 2);
    expect(ends).toBe(connects);
    expect(layer.stats()).toMatchObject({ channels: 0, groups: 0, memberships: 0 });
    expect(clock.pendingTimers).toBe(0);
  });
});
