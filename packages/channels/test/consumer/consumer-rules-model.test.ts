import { type EventOf, encoders, WebSocketConsumer } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { connectClient, createLayer } from "./fixtures.ts";

const ROOMS = ["a", "b", "c"] as const;
type RoomName = (typeof ROOMS)[number];

type Events = {
  "room.said": { room: RoomName; n: number };
  "access.lost": { room: RoomName; n: number; waits: number };
};

/** How the handler of a frame works: at once, awaiting the test, or continuing beside the next frames. */
type Kind = "sync" | "awaits" | "continues";

type Step =
  | { readonly do: "said"; readonly room: RoomName }
  | { readonly do: "lost"; readonly room: RoomName; readonly waits: number }
  | { readonly do: "frame"; readonly kind: Kind; readonly leaves: RoomName | null; readonly says: RoomName | null }
  | { readonly do: "release"; readonly which: number }
  | { readonly do: "turn" };

const room = fc.constantFrom(...ROOMS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("said" as const), room }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lost" as const), room, waits: fc.nat(2) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("frame" as const),
      kind: fc.constantFrom<Kind>("sync", "awaits", "continues"),
      leaves: fc.option(room, { freq: 8 }),
      says: fc.option(room),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
);

const MAX_FRAMES = 8;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it("C2 to C7: whatever is under way, each room stays in order, nothing follows the loss of access, nothing is lost, and what waits is bounded", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (steps, max, inTurn) => {
        const { layer, layers } = createLayer();
        const handled: number[] = [];
        const pending: (() => void)[] = [];
        let published = 0;
        let continued = 0;
        let maxContinued = 0;
        let overlapping = 0;
        /** By room, what was published while the client had access, and when it lost it. */
        const expected = new Map(ROOMS.map((name) => [name, [] as number[]]));
        const lost = new Set<RoomName>();
        const say = (name: RoomName): void => {
          published += 1;
          if (!lost.has(name)) expected.get(name)?.push(published);
          void layer.groupSend(name, { type: "room.said", room: name, n: published });
        };

        class Member extends WebSocketConsumer<Events> {
          static override groups = [...ROOMS];
          static override encoders = encoders<Events, "room.said">({ "room.said": ({ room, n }) => `${room} ${n}` });
          static override maxConcurrentFrames = max;
          static override eventsInTurn = inTurn;
          readonly #rooms = new Set<RoomName>(ROOMS);
          #running = 0;

          override receive(text: string): void | Promise<void> {
            const { kind, leaves, says, n } = JSON.parse(text) as Step & { do: "frame" } & { n: number };
            handled.push(n);
            if (leaves !== null) this.#lose(leaves);
            if (says !== null) say(says);
            const released = kind === "sync" ? undefined : new Promise<void>((resolve) => pending.push(resolve));
            if (kind === "awaits") return this.#exclusively(async () => await released);
            if (released !== undefined) this.continueFrame(this.#count(released));
          }
          accessLost({ room: name, waits }: EventOf<Events, "access.lost">): Promise<void> {
            return this.#exclusively(async () => {
              // Access may be looked up before it is taken away: nothing that was published later may pass meanwhile.
              for (let i = 0; i < waits; i += 1) await turn();
              this.#lose(name);
            });
          }
          override shouldSend(event: Events["room.said"]): boolean {
            return this.#rooms.has(event.room);
          }
          #lose(name: RoomName): void {
            this.#rooms.delete(name);
            lost.add(name);
          }
          async #count(work: Promise<void>): Promise<void> {
            continued += 1;
            maxContinued = Math.max(maxContinued, continued);
            await work;
            continued -= 1;
          }
          async #exclusively(work: () => Promise<void>): Promise<void> {
            this.#running += 1;
            if (this.#running > 1) overlapping += 1;
            await work();
            this.#running -= 1;
          }
        }

        const client = await connectClient(Member, { layers, maxQueuedFrames: MAX_FRAMES });
        await turn();
        const sent: number[] = [];
        const lostAt = new Map<RoomName, number>();
        for (const next of steps) {
          if (next.do === "said") say(next.room);
          else if (next.do === "lost") {
            published += 1;
            lostAt.set(next.room, Math.min(lostAt.get(next.room) ?? published, published));
            void layer.groupSend(next.room, { type: "access.lost", room: next.room, n: published, waits: next.waits });
          } else if (next.do === "frame") {
            // A client whose socket is not read cannot send.
            if (client.paused) continue;
            sent.push(sent.length);
            client.send(JSON.stringify({ ...next, n: sent.length - 1 }));
          } else if (next.do === "release") pending.splice(next.which % Math.max(1, pending.length), 1)[0]?.();
          else await turn();
          expect(client.counters.queuedFrames).toBeLessThanOrEqual(MAX_FRAMES);
        }
        await eventually(() => {
          for (const release of pending.splice(0)) release();
          return handled.length === sent.length && client.counters.queuedEvents === 0;
        });
        await turn();

        const received = client.received() as string[];
        for (const name of ROOMS) {
          const got = received.filter((text) => text.startsWith(name)).map((text) => Number(text.slice(2)));
          expect(got, "in order, and once").toEqual([...new Set(got)].sort((a, b) => a - b));
          const loss = lostAt.get(name) ?? Number.POSITIVE_INFINITY;
          expect(
            got.filter((n) => n > loss),
            "after the loss was published",
          ).toEqual([]);
          if (!lost.has(name)) expect(got, "nothing is lost").toEqual(expected.get(name));
        }
        expect(handled, "frames are handled in order, and all").toEqual(sent);
        expect(overlapping, "handlers never overlap").toBe(0);
        expect(maxContinued).toBeLessThanOrEqual(max);
        expect(client.counters.eventsDropped).toBe(0);
        expect(client.state.phase).toBe("open");
        await client.disconnect();
      },
    ),
    { numRuns: 300 },
  );
});
