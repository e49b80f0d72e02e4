import { InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import type { LogEvent } from "@multichat/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { MissedEventReplayer } from "../../src/change-feed/missed-event-replayer.ts";

const REPLAY_DELAY_MS = 20;
const general = { id: "general", number: 1 };

const event = (seq: number) => ({ on: "room.created", room: general.id, seq, by: null }) as const satisfies LogEvent;

/** Opens a replayer beside a connection that has joined the room. `reads` are the replayer's reads of the log. */
async function openReplayer(logLength = 0) {
  const layer = new InMemoryLayer();
  const reads: [since: number, limit: number][] = [];
  const errors: unknown[] = [];
  const log = Array.from({ length: logLength }, (_, i) => event(i + 1));
  const replayer = await MissedEventReplayer.open({
    layer,
    replayDelayMs: REPLAY_DELAY_MS,
    eventsSince: async (_room, since, limit) => {
      reads.push([since, limit]);
      return log.length - since > limit ? undefined : log.slice(since);
    },
    onError: (error) => errors.push(error),
  });
  const channel = layer.newChannel();
  const received: LayerMessage[] = [];
  await layer.groupAdd("room.general", channel);
  await layer.subscribe(channel, {
    deliver: ({ message }) => {
      received.push(message);
      return true;
    },
    layerGap: () => {},
  });
  const deliver = (seq: number) => layer.groupSend("room.general", { type: "log.event", event: event(seq), number: 1 });
  return { replayer, reads, errors, received, deliver };
}

/** Waits longer than the replayer does, so that what it has not done by then it does not do. */
const pastReplayDelay = () => new Promise((resolve) => setTimeout(resolve, 3 * REPLAY_DELAY_MS));

test("replays the events that the layer does not deliver, in order and once each", async () => {
  const { replayer, received, deliver, reads, errors } = await openReplayer(5);
  replayer.watch(general);
  await deliver(2);
  replayer.logCommitted("general", 4);
  replayer.logCommitted("general", 5);
  replayer.logCommitted("general", 5);
  await eventually(() => received.length >= 4);
  await pastReplayDelay();
  expect(received.map(({ type, event: logEvent }) => [type, (logEvent as LogEvent).seq])).toEqual([
    ["log.event", 2],
    ["log.replayed", 3],
    ["log.replayed", 4],
    ["log.replayed", 5],
  ]);
  expect(reads).toHaveLength(1);
  expect(errors).toEqual([]);
  await replayer.close();
});

test("does not read the log for events that the layer delivers in time", async () => {
  const { replayer, received, deliver, reads } = await openReplayer(3);
  replayer.watch(general);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  replayer.logCommitted("general", 3);
  await deliver(3);
  await vi.advanceTimersByTimeAsync(3 * REPLAY_DELAY_MS);
  expect([received.length, reads.length]).toEqual([1, 0]);
  await replayer.close();
});

test("replays only the newest event where the layer has delivered none", async () => {
  const { replayer, received } = await openReplayer(9);
  replayer.watch(general);
  replayer.logCommitted("general", 9);
  await eventually(() => received.length > 0);
  expect(received.map(({ event: logEvent }) => (logEvent as LogEvent).seq)).toEqual([9]);
  await replayer.close();
});

test("replays only the last event where too many are missing", async () => {
  const { replayer, received, deliver } = await openReplayer(1_000);
  replayer.watch(general);
  await deliver(1);
  replayer.logCommitted("general", 1_000);
  await eventually(() => received.length > 1);
  await pastReplayDelay();
  expect(received.map(({ event: logEvent }) => (logEvent as LogEvent).seq)).toEqual([1, 1_000]);
  await replayer.close();
});

test("ignores rooms without connections of this process", async () => {
  const { replayer, reads, received } = await openReplayer(9);
  replayer.logCommitted("general", 8);
  replayer.watch(general);
  replayer.watch(general);
  replayer.logCommitted("general", 9);
  replayer.unwatch("general");
  replayer.unwatch("general");
  replayer.unwatch("general");
  await pastReplayDelay();
  expect([reads.length, received.length]).toEqual([0, 0]);
  await replayer.close();
});
