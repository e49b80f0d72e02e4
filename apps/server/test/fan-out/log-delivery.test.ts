import { eventually } from "@multichat/channels/testing";
import type { LogEvent } from "@multichat/protocol";
import { expect, test } from "vitest";
import { LogDelivery } from "../../src/fan-out/log-delivery.ts";

const general = { id: "general", number: 1 };

const event = (seq: number) => ({ on: "room.created", room: general.id, seq, by: null }) as const satisfies LogEvent;

interface Situation {
  /** The events in the database. */
  readonly logLength?: number;
  /** The last seq that this process knows of when the first connection joins. */
  readonly head?: number;
}

/** Opens a delivery beside a connection. `reads` are its reads of the log. */
function openDelivery({ logLength = 0, head = 0 }: Situation = {}) {
  const log = Array.from({ length: logLength }, (_, i) => event(i + 1));
  const reads: number[] = [];
  const sent: number[] = [];
  const portions: number[][] = [];
  const errors: unknown[] = [];
  const falseHints: string[] = [];
  const database = { isAway: false };
  const logs = new LogDelivery({
    send: async (_room, events) => {
      sent.push(...events.map(({ seq }) => seq));
      portions.push(events.map(({ seq }) => seq));
    },
    headOf: async () => head,
    readSince: async (_room, since, limit) => {
      reads.push(since);
      if (database.isAway) throw new Error("the database is unavailable");
      return log.length - since > limit ? undefined : log.slice(since);
    },
    onFalseHint: (room) => falseHints.push(room),
    onError: (error) => errors.push(error),
  });
  const commit = (): LogEvent => {
    const committed = event(log.length + 1);
    log.push(committed);
    return committed;
  };
  return { logs, log, reads, sent, portions, errors, falseHints, database, commit };
}

test("the next event of this process is delivered without a read", async () => {
  const { logs, sent, reads, commit } = openDelivery();
  await logs.watch(general);
  for (let i = 0; i < 3; i += 1) {
    await logs.deliver(general, commit());
    expect(sent).toHaveLength(i + 1);
  }
  expect(reads).toEqual([]);
});

test("the events of one commit are sent together, in order, before any of them is acknowledged", async () => {
  const { logs, portions, commit } = openDelivery();
  await logs.watch(general);
  const acknowledged: number[] = [];
  // The answers of a commit resolve in one turn, and each is handled over the same number of steps.
  const answers = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
  const handled = answers.map(async ({ promise }) => {
    await promise;
    await undefined;
    const committed = commit();
    await logs.deliver(general, committed);
    acknowledged.push(portions.length);
  });
  for (const { resolve } of answers) resolve();
  await Promise.all(handled);
  expect(portions).toEqual([Array.from({ length: 20 }, (_, i) => i + 1)]);
  expect(acknowledged).toEqual(Array.from({ length: 20 }, () => 1));
});

test("events of several rooms are sent to their own connections", async () => {
  const sent: string[] = [];
  const logs = new LogDelivery({
    send: async ({ id }, events) => void sent.push(`${id}: ${events.map(({ room, seq }) => `${room} ${seq}`).join()}`),
    headOf: async () => 0,
    readSince: async () => [],
    onError: () => {},
  });
  const rooms = ["a", "b", "c"].map((id, number) => ({ id, number }));
  for (const room of rooms) await logs.watch(room);
  const created = (room: string, seq: number) => ({ on: "room.created", room, seq, by: null }) as const;
  await Promise.all([1, 2].flatMap((seq) => rooms.map((room) => logs.deliver(room, created(room.id, seq)))));
  expect(sent).toEqual(["a: a 1,a 2", "b: b 1,b 2", "c: c 1,c 2"]);
});

test.each([
  [1, 1, [1]],
  [64, 1, [64]],
  [65, 1, [64, 1]],
  [200, 1, [64, 64, 64, 8]],
  [3, 10_000, [3]],
  [4, 10_000, [3, 1]],
  [2, 100_000, [1, 1]],
  [10, 8_192, [4, 4, 2]],
])("%d events with messages of %d characters are sent in portions of %j", async (count, chars, expected) => {
  const { logs, portions, sent } = openDelivery();
  await logs.watch(general);
  const posted = (seq: number): LogEvent => ({
    on: "message.posted",
    room: general.id,
    seq,
    message: {
      id: `m${seq}`,
      room: general.id,
      seq,
      author: null,
      clientId: `c${seq}`,
      kind: "message",
      body: "x".repeat(chars),
      createdAt: 1,
      editedAt: null,
      deletedAt: null,
      replyTo: null,
      reactions: [],
      mentions: [],
      mentionNames: [],
      mentionsAll: false,
      pinned: false,
    },
  });
  await Promise.all(Array.from({ length: count }, (_, i) => logs.deliver(general, posted(i + 1))));
  expect(portions.map(({ length }) => length)).toEqual(expected);
  expect(sent).toEqual(Array.from({ length: count }, (_, i) => i + 1));
});

test("a flush waits for what has been committed and not been sent yet", async () => {
  const { logs, sent, commit } = openDelivery();
  await logs.watch(general);
  void logs.deliver(general, commit());
  await logs.flush();
  expect(sent).toEqual([1]);
});

test("a gap in what this process commits does not overtake what waits to be sent", async () => {
  const { logs, sent, commit } = openDelivery();
  await logs.watch(general);
  const [first, , third] = [commit(), commit(), commit()];
  await Promise.all([logs.deliver(general, first), logs.deliver(general, third)]);
  await logs.flush();
  expect(sent).toEqual([1, 2, 3]);
});

test("events of other processes are read from the log, in one read for many hints", async () => {
  const { logs, sent, reads } = openDelivery({ logLength: 50 });
  await logs.watch(general);
  for (let seq = 1; seq <= 50; seq += 1) logs.logHinted("general", seq);
  await eventually(() => sent.length === 50);
  expect(sent).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  expect(reads.length).toBeLessThanOrEqual(2);
});

test("an event of this process waits for those of others before it, and none is delivered twice", async () => {
  const { logs, sent, commit } = openDelivery();
  await logs.watch(general);
  const [foreign, own, next] = [commit(), commit(), commit()];
  await logs.deliver(general, own);
  await logs.deliver(general, next);
  logs.logHinted("general", foreign.seq);
  await logs.flush();
  logs.logCommitted("general", 3);
  await logs.deliver(general, own);
  await logs.flush();
  expect(sent).toEqual([1, 2, 3]);
});

test("what was committed before the first connection joined is not delivered", async () => {
  const { logs, sent, reads, falseHints, commit } = openDelivery({ logLength: 9, head: 9 });
  await logs.watch(general);
  for (let seq = 1; seq <= 9; seq += 1) logs.logHinted("general", seq);
  logs.logCommitted("general", 9);
  await logs.flush();
  expect([sent, reads, falseHints]).toEqual([[], [], []]);
  await logs.deliver(general, commit());
  expect(sent).toEqual([10]);
});

test.each([
  [11, "the next seq"],
  [12, "one after that"],
  [500, "far away"],
  [511, "beyond what is read at once"],
  [100_000, "a large one"],
  [2 ** 31, "beyond 31 bits"],
  [2 ** 32, "beyond 32 bits"],
  [2 ** 40, "beyond any log"],
  [Number.MAX_SAFE_INTEGER - 1, "nearly the largest"],
  [Number.MAX_SAFE_INTEGER, "the largest"],
])("a false hint (seq %d, %s) delivers nothing, is reported, and delays no real event", async (seq) => {
  const { logs, sent, falseHints, commit } = openDelivery({ logLength: 10, head: 10 });
  await logs.watch(general);
  logs.logHinted("general", seq);
  await eventually(() => falseHints.length === 1);
  expect(sent).toEqual([]);
  commit();
  logs.logHinted("general", 11);
  await eventually(() => sent.length === 1);
  await logs.deliver(general, commit());
  await logs.flush();
  expect(sent).toEqual([11, 12]);
});

test("with too many events missing only the last one is delivered, so that clients see the gap", async () => {
  const { logs, sent } = openDelivery({ logLength: 1_000 });
  await logs.watch(general);
  logs.logCommitted("general", 1_000);
  await logs.flush();
  expect(sent).toEqual([1_000]);
});

test("a failed read is reported and repeated", async () => {
  const { logs, sent, errors, database } = openDelivery({ logLength: 3 });
  await logs.watch(general);
  database.isAway = true;
  logs.logHinted("general", 3);
  await eventually(() => errors.length > 0);
  database.isAway = false;
  await eventually(() => sent.length === 3);
  logs.close();
});

test("rooms without connections of this process cost nothing", async () => {
  const { logs, reads, sent } = openDelivery({ logLength: 9 });
  logs.logCommitted("general", 8);
  logs.logHinted("general", 8);
  await Promise.all([logs.watch(general), logs.watch(general)]);
  for (let i = 0; i < 3; i += 1) logs.unwatch("general");
  logs.logCommitted("general", 9);
  await logs.deliver(general, event(9));
  await logs.flush();
  expect([reads, sent]).toEqual([[], []]);
});

test("a room that is deleted while it is read ends the delivery", async () => {
  const { logs, log, sent } = openDelivery({ logLength: 5 });
  await logs.watch(general);
  log.length = 0;
  logs.logCommitted("general", 5);
  await logs.flush();
  expect(sent).toEqual([]);
});
