import { setImmediate } from "node:timers/promises";
import { commands, protocolConsumer, route, urlRouter } from "@multichat/channels";
import { defineProtocol, type ReplyFrame } from "@multichat/channels/protocol";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";

const MAX_CONCURRENT = 3;
/** Only catches a reply that never comes. */
const MAX_TURNS = 10_000;
const input = z.object({ n: z.number() });
const reply = z.object({ n: z.number() });
const protocol = defineProtocol({ commands: { inTurn: { input, reply }, beside: { input, reply } } });

/** What a client does, and when a handler ends: `end` lets the handler with this place among those under way go on. */
type Step =
  | { readonly kind: "inTurn" | "beside" | "invalid" | "unknown" | "repeatedId" }
  | { readonly kind: "cancel" | "end"; readonly place: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("inTurn", "beside", "beside", "invalid", "unknown", "repeatedId") }),
  fc.record({ kind: fc.constantFrom("cancel", "end", "end"), place: fc.nat(5) }),
);

/** The handlers under way in one history. */
class Handlers {
  readonly underWay: { readonly n: number; readonly kind: string; readonly end: () => void }[] = [];
  /** In the order of their start. */
  readonly started: number[] = [];
  maxUnderWay = 0;
  overlapped = false;

  async run(kind: string, n: number): Promise<{ n: number }> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.started.push(n);
    if (this.underWay.some((other) => other.kind === "inTurn")) this.overlapped = true;
    this.underWay.push({ n, kind, end: resolve });
    this.maxUnderWay = Math.max(this.maxUnderWay, this.underWay.length);
    await promise;
    return { n };
  }

  end(place: number): void {
    const [handler] = this.underWay.splice(place % Math.max(1, this.underWay.length), 1);
    handler?.end();
  }
}

/** Adds every frame until the connection ends. */
async function collect(client: WebsocketCommunicator, replies: ReplyFrame[]): Promise<void> {
  try {
    for (;;) replies.push((await client.receiveJson()) as ReplyFrame);
  } catch {
    // The connection has ended.
  }
}

test("in every history, each command gets exactly one reply, and those in turn keep their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const handlers = new Handlers();
      class Consumer extends protocolConsumer(protocol) {
        static override layer = null;
        static override maxConcurrentFrames = MAX_CONCURRENT;
        static override commands = commands<Consumer>({
          inTurn: (_consumer, { n }) => handlers.run("inTurn", n),
          beside: { concurrent: true, run: (_consumer, { n }) => handlers.run("beside", n) },
        });
      }
      const client = new WebsocketCommunicator(urlRouter([route("/", Consumer)]), "/");
      await client.connect();
      const replies: ReplyFrame[] = [];
      const collected = collect(client, replies);
      const sent = new Map<number, string>();
      let expected = 0;
      let id = 0;
      for (const { kind, ...rest } of steps) {
        if (kind === "end" && "place" in rest) handlers.end(rest.place);
        else if (kind === "cancel" && "place" in rest) client.sendJson({ cancel: rest.place });
        else {
          const isRepeated = kind === "repeatedId" && id > 0;
          if (!isRepeated) id += 1;
          expected += 1;
          if (!isRepeated) sent.set(id, kind);
          const name = kind === "unknown" ? "nothing" : kind === "inTurn" ? "inTurn" : "beside";
          client.sendJson({ id, do: name, n: kind === "invalid" ? "x" : id });
        }
        await setImmediate();
      }
      for (let turn = 0; replies.length < expected && turn < MAX_TURNS; turn += 1) {
        handlers.end(0);
        await setImmediate();
      }
      while (handlers.underWay.length > 0) handlers.end(0);
      await client.disconnect();
      await collected;

      expect(replies).toHaveLength(expected);
      expect(handlers.overlapped, "a command in turn has no other beside it that began later").toBe(false);
      expect(handlers.maxUnderWay).toBeLessThanOrEqual(MAX_CONCURRENT + 1);
      expect(handlers.started, "handlers start in the order of their commands").toEqual(
        [...handlers.started].sort((a, b) => a - b),
      );
      for (const frame of replies) {
        if ("ok" in frame) expect(frame.ok, "the reply of this command and of no other").toEqual({ n: frame.re });
      }
      for (const [number, kind] of sent) {
        const own = replies.filter(({ re }) => re === number);
        expect(own.length).toBeGreaterThanOrEqual(1);
        if (kind === "invalid")
          expect(own.some((frame) => "error" in frame && frame.error.code === "INPUT_INVALID")).toBe(true);
        if (kind === "unknown")
          expect(own.some((frame) => "error" in frame && frame.error.code === "COMMAND_UNKNOWN")).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
