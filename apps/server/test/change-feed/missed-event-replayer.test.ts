import { InMemoryLayer, type LayerMessage } from "@multichat/channels";
import { eventually } from "@multichat/channels/testing";
import type { LogEvent } from "@multichat/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { MissedEventReplayer } from "../../src/change-feed/missed-event-replayer.ts";

const PATIENCE = 20;
const general = { id: "general", number: 1 };

const event = (seq: number) => ({ on: "room.created", room: general.id, seq, by: null }) as const satisfies LogEvent;

/** A connection that hears the room, beside the watch; `asked` is what the watch has read of the log. */
async function house(end = 0) {
  const layer = new InMemoryLayer();
  const asked: [since: number, limit: number][] = [];
  const errors: unknown[] = [];
  const log = Array.from({ length: end }, (_, i) => event(i + 1));
  const watch = await MissedEventReplayer.open({
    layer,
    replayDelayMs: PATIENCE,
    eventsSince: async (_room, since, limit) => {
      asked.push([since, limit]);
      return log.length - since > limit ? undefined : log.slice(since);
    },
    onError: (error) => errors.push(error),
  });
  const channel = layer.newChannel();
  const heard: LayerMessage[] = [];
  await layer.groupAdd("room.general", channel);
  await layer.subscribe(channel, {
    deliver: ({ message }) => {
      heard.push(message);
      return true;
    },
    layerGap: () => {},
  });
  const bring = (seq: number) => layer.groupSend("room.general", { type: "log.event", event: event(seq), number: 1 });
  return { watch, asked, errors, heard, bring };
}

/** Longer than the watch waits: what it has not done by then it does not do. */
const patience = () => new Promise((resolve) => setTimeout(resolve, 3 * PATIENCE));

test("what the layer does not bring is told from the log, in order and each once", async () => {
  const { watch, heard, bring, asked, errors } = await house(5);
  watch.watch(general);
  await bring(2);
  watch.logCommitted("general", 4);
  watch.logCommitted("general", 5);
  watch.logCommitted("general", 5);
  await eventually(() => heard.length >= 4);
  await patience();
  expect(heard.map(({ type, event: told }) => [type, (told as LogEvent).seq])).toEqual([
    ["log.event", 2],
    ["log.replayed", 3],
    ["log.replayed", 4],
    ["log.replayed", 5],
  ]);
  expect(asked).toHaveLength(1);
  expect(errors).toEqual([]);
  await watch.close();
});

test("what the layer brings in time is not read", async () => {
  const { watch, heard, bring, asked } = await house(3);
  watch.watch(general);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  watch.logCommitted("general", 3);
  await bring(3);
  await vi.advanceTimersByTimeAsync(3 * PATIENCE);
  expect([heard.length, asked.length]).toEqual([1, 0]);
  await watch.close();
});

test("who came in to a silent room had read what was there: they are told of what is new alone", async () => {
  const { watch, heard } = await house(9);
  watch.watch(general);
  watch.logCommitted("general", 9);
  await eventually(() => heard.length > 0);
  expect(heard.map(({ event: told }) => (told as LogEvent).seq)).toEqual([9]);
  await watch.close();
});

test("after too many the last one shows that there is something to ask for", async () => {
  const { watch, heard, bring } = await house(1_000);
  watch.watch(general);
  await bring(1);
  watch.logCommitted("general", 1_000);
  await eventually(() => heard.length > 1);
  await patience();
  expect(heard.map(({ event: told }) => (told as LogEvent).seq)).toEqual([1, 1_000]);
  await watch.close();
});

test("a room in which nobody is, or nobody is any more, costs nothing", async () => {
  const { watch, asked, heard } = await house(9);
  watch.logCommitted("general", 8);
  watch.watch(general);
  watch.watch(general);
  watch.logCommitted("general", 9);
  watch.unwatch("general");
  watch.unwatch("general");
  watch.unwatch("general");
  await patience();
  expect([asked.length, heard.length]).toEqual([0, 0]);
  await watch.close();
});
