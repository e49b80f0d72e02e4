import { describe, expect, it } from "vitest";
import { auditClient, auditSnapshot } from "../src/audit/audit.ts";
import type {
  ChangeRecord,
  ClientRecord,
  DatabaseSnapshot,
  ReceivedEntry,
  RoomRecord,
  RoomSnapshot,
  SendRecord,
  ShownMessage,
} from "../src/audit/client-record.ts";
import type { FindingCounts } from "../src/audit/findings.ts";

const ROOM = "room";
const clean: FindingCounts = { lost: 0, duplicated: 0, outOfOrder: 0, different: 0 };

function message(seq: number, more: Partial<ShownMessage> = {}): ShownMessage {
  const plain = {
    author: "ann",
    clientId: `c${seq}`,
    body: `body ${seq}`,
    edited: false,
    deleted: false,
    reactions: [],
  };
  return { id: `m${seq}`, seq, ...plain, ...more };
}

function logOf(messages: readonly ShownMessage[]): RoomSnapshot["log"] {
  const posted = messages.map(({ seq, id }) => ({ seq, on: "message.posted", message: id }));
  return [{ seq: 1, on: "room.created", message: null }, ...posted];
}

function snapshotOf(messages: readonly ShownMessage[], more: Partial<RoomSnapshot> = {}): DatabaseSnapshot {
  const room: RoomSnapshot = { room: ROOM, lastSeq: messages.at(-1)?.seq ?? 1, log: logOf(messages), messages };
  return new Map([[ROOM, { ...room, ...more }]]);
}

const four = [2, 3, 4, 5].map((seq) => message(seq));
const allReceived: readonly ReceivedEntry[] = [{ kind: "reset", seq: 1 }, ...four.map(({ seq }) => received(seq))];

function received(seq: number, more: Partial<Extract<ReceivedEntry, { kind: "event" }>> = {}): ReceivedEntry {
  return { kind: "event", seq, on: "message.posted", message: `m${seq}`, ...more };
}

function acknowledged(seq: number, more: Partial<SendRecord> = {}): SendRecord {
  const { clientId, body, id } = message(seq);
  return { room: ROOM, clientId, body, outcome: { kind: "acknowledged", id, seq }, ...more };
}

interface PlantedRecord extends Partial<RoomRecord> {
  readonly sends?: readonly SendRecord[];
  readonly changes?: readonly ChangeRecord[];
}

function recordOf({ sends = [], changes = [], ...room }: PlantedRecord = {}): ClientRecord {
  const rooms = [{ room: ROOM, received: allReceived, view: four, gaps: 0, ...room }];
  return { name: "client 1", user: "ann", sends, changes, rooms };
}

function countsOf(snapshot: DatabaseSnapshot, planted?: PlantedRecord): FindingCounts {
  return auditClient(snapshot, recordOf(planted)).counts;
}

function change(changed: ChangeRecord["change"], outcome: ChangeRecord["outcome"] = "acknowledged"): ChangeRecord {
  return { room: ROOM, message: "m3", change: changed, outcome };
}

describe("the audit of the database", () => {
  it("finds nothing when every log is complete", () => {
    expect(auditSnapshot(snapshotOf(four)).counts).toEqual(clean);
  });

  it("finds a missing seq in a log", () => {
    const log = logOf(four).filter(({ seq }) => seq !== 3);
    expect(
      auditSnapshot(
        snapshotOf(
          four.filter(({ seq }) => seq !== 3),
          { log },
        ),
      ).counts,
    ).toMatchObject({ lost: 1 });
  });

  it("finds a log that ends before the room's last seq", () => {
    expect(auditSnapshot(snapshotOf(four, { lastSeq: 6 })).counts).toMatchObject({ lost: 1 });
  });

  it("finds a message that is in the log but not in the table", () => {
    expect(auditSnapshot(snapshotOf(four.slice(0, 3), { log: logOf(four), lastSeq: 5 })).counts).toMatchObject({
      lost: 1,
    });
  });

  it("finds a message of one author that is stored twice", () => {
    const again = message(6, { clientId: "c5" });
    expect(auditSnapshot(snapshotOf([...four, again])).counts).toMatchObject({ duplicated: 1, lost: 0 });
  });

  it("finds a seq that was assigned twice", () => {
    const log = [...logOf(four), { seq: 5, on: "message.posted", message: "m5" }];
    expect(auditSnapshot(snapshotOf(four, { log })).counts).toMatchObject({ duplicated: 1 });
  });
});

describe("the audit of acknowledgements", () => {
  it("finds nothing when all are stored in the order of sending", () => {
    expect(countsOf(snapshotOf(four), { sends: [acknowledged(3), acknowledged(5)] })).toEqual(clean);
  });

  it("finds an acknowledged message that is not stored", () => {
    expect(countsOf(snapshotOf(four), { sends: [acknowledged(9)] })).toMatchObject({ lost: 1 });
  });

  it("does not accept another user's message with the same client id", () => {
    const others = four.map((stored) => ({ ...stored, author: "bob" }));
    expect(countsOf(snapshotOf(others), { sends: [acknowledged(3)], view: others })).toMatchObject({ lost: 1 });
  });

  it("finds a message that is stored elsewhere than it was acknowledged", () => {
    const moved = acknowledged(3, { outcome: { kind: "acknowledged", id: "m3", seq: 4 } });
    expect(countsOf(snapshotOf(four), { sends: [moved] })).toMatchObject({ different: 1 });
  });

  it("finds messages that are stored in another order than they were sent", () => {
    expect(countsOf(snapshotOf(four), { sends: [acknowledged(5), acknowledged(3)] })).toMatchObject({ outOfOrder: 1 });
  });

  it("counts a message without a reply, and a refused one, as lost", () => {
    const waiting = acknowledged(3, { outcome: { kind: "waiting" } });
    const failed = acknowledged(4, { outcome: { kind: "failed", code: "INTERNAL" } });
    expect(countsOf(snapshotOf(four), { sends: [waiting, failed] })).toMatchObject({ lost: 2 });
  });
});

describe("the audit of what a client received", () => {
  it("finds nothing when every event was received once and in order", () => {
    expect(countsOf(snapshotOf(four))).toEqual(clean);
  });

  it("finds an event that is missing in the middle", () => {
    expect(countsOf(snapshotOf(four), { received: allReceived.filter((entry) => entry.seq !== 3) })).toMatchObject({
      lost: 1,
    });
  });

  it("counts every event that is missing at the end", () => {
    expect(countsOf(snapshotOf(four), { received: allReceived.slice(0, 2) })).toMatchObject({ lost: 3 });
  });

  it("finds an event that was received twice", () => {
    expect(countsOf(snapshotOf(four), { received: [...allReceived, received(5)] })).toEqual({
      ...clean,
      duplicated: 1,
    });
  });

  it("finds events that were received in another order", () => {
    const swapped = [0, 1, 3, 2, 4].map((index) => allReceived[index]).filter((entry) => entry !== undefined);
    expect(countsOf(snapshotOf(four), { received: swapped })).toMatchObject({ outOfOrder: 1 });
  });

  it("starts over at a reset, and finds a reset that goes back", () => {
    expect(countsOf(snapshotOf(four), { received: [reset(1), received(2), reset(4), received(5)] })).toEqual(clean);
    expect(
      countsOf(snapshotOf(four), { received: [...allReceived, reset(3), received(4), received(5)] }),
    ).toMatchObject({
      outOfOrder: 1,
    });
  });

  it("finds an event that differs from the log", () => {
    const other = allReceived.map((entry) => (entry.seq === 4 ? received(4, { message: "m9" }) : entry));
    expect(countsOf(snapshotOf(four), { received: other })).toEqual({ ...clean, different: 1 });
  });

  it("finds that the database has fewer events than a client received", () => {
    expect(countsOf(snapshotOf(four.slice(0, 3)), { view: four.slice(0, 3) })).toMatchObject({ lost: 1 });
  });
});

describe("the audit of what a client shows", () => {
  it("ignores messages before the first one shown, which were not loaded", () => {
    expect(countsOf(snapshotOf(four), { view: four.slice(2) })).toEqual(clean);
  });

  it("finds a message that is missing, shown twice or out of order", () => {
    const [two, three, fourth, five] = four;
    if (!two || !three || !fourth || !five) throw new Error("Expected four messages.");
    expect(countsOf(snapshotOf(four), { view: [two, three, five] })).toEqual({ ...clean, lost: 1 });
    expect(countsOf(snapshotOf(four), { view: [...four, five] })).toEqual({ ...clean, duplicated: 1 });
    expect(countsOf(snapshotOf(four), { view: [two, fourth, three, five] })).toEqual({ ...clean, outOfOrder: 1 });
  });

  it("finds a gap that could not be loaded, and a room without messages", () => {
    expect(countsOf(snapshotOf(four), { gaps: 1 })).toEqual({ ...clean, lost: 1 });
    expect(countsOf(snapshotOf(four), { view: [] })).toEqual({ ...clean, lost: 4 });
  });

  it.each([
    ["an edit", { body: "other", edited: true }],
    ["a deletion", { body: "", deleted: true }],
    ["a reaction", { reactions: ["👍 bob"] }],
  ])("finds %s that did not reach the client", (_, changed) => {
    const now = four.map((stored) => (stored.seq === 3 ? { ...stored, ...changed } : stored));
    expect(countsOf(snapshotOf(now))).toEqual({ ...clean, different: 1 });
  });
});

describe("the audit of changes", () => {
  const at3 = (changed: Partial<ShownMessage>): readonly ShownMessage[] =>
    four.map((stored) => (stored.seq === 3 ? { ...stored, ...changed } : stored));
  const after = (changed: Partial<ShownMessage>, changes: readonly ChangeRecord[]): FindingCounts =>
    countsOf(snapshotOf(at3(changed)), { view: at3(changed), sends: [acknowledged(3)], changes });

  it("finds an acknowledged edit, deletion or reaction that is not stored", () => {
    expect(after({}, [change({ kind: "edit", body: "new" })])).toEqual({ ...clean, lost: 1 });
    expect(after({}, [change({ kind: "delete" })])).toEqual({ ...clean, lost: 1 });
    expect(after({}, [change({ kind: "react", emoji: "👍", on: true })])).toEqual({ ...clean, lost: 1 });
  });

  it("finds a removed reaction that is stored", () => {
    const stored = { reactions: ["👍 ann"] };
    const changes = [true, false].map((on) => change({ kind: "react", emoji: "👍", on }));
    expect(after(stored, changes)).toEqual({ ...clean, lost: 1 });
  });

  it("finds an older edit that replaced a newer one", () => {
    const changes = ["first", "second"].map((body) => change({ kind: "edit", body }));
    expect(after({ body: "first", edited: true }, changes)).toEqual({ ...clean, lost: 1 });
    expect(after({ body: "second", edited: true }, changes)).toEqual(clean);
  });

  it("allows both outcomes of a change without a reply, and finds a refused one that was made", () => {
    const unknown = [change({ kind: "edit", body: "new" }, "unknown")];
    expect(after({}, unknown)).toEqual(clean);
    expect(after({ body: "new", edited: true }, unknown)).toEqual(clean);
    const refused = [change({ kind: "edit", body: "new" }, "refused")];
    expect(after({ body: "new", edited: true }, refused)).toEqual({ ...clean, lost: 1 });
  });
});

function reset(seq: number): ReceivedEntry {
  return { kind: "reset", seq };
}
