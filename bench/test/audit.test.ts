import { describe, expect, it } from "vitest";
import { auditClient, auditTruth, type Truth } from "../src/crowd/audit.ts";
import type { FindingCounts } from "../src/crowd/findings.ts";
import type {
  ChangeRecord,
  ClientRecord,
  Heard,
  RoomRecord,
  SendRecord,
  ShownMessage,
  TrueRoom,
} from "../src/crowd/record.ts";

const ROOM = "room";
const clean: FindingCounts = { lost: 0, doubled: 0, disordered: 0, different: 0 };

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

function logOf(messages: readonly ShownMessage[]): TrueRoom["log"] {
  const posted = messages.map(({ seq, id }) => ({ seq, on: "message.posted", message: id }));
  return [{ seq: 1, on: "room.created", message: null }, ...posted];
}

function truthOf(messages: readonly ShownMessage[], more: Partial<TrueRoom> = {}): Truth {
  const room: TrueRoom = { room: ROOM, lastSeq: messages.at(-1)?.seq ?? 1, log: logOf(messages), messages };
  return new Map([[ROOM, { ...room, ...more }]]);
}

const four = [2, 3, 4, 5].map((seq) => message(seq));
const told: readonly Heard[] = [{ kind: "reset", seq: 1 }, ...four.map((one) => heard(one.seq))];

function heard(seq: number, more: Partial<Extract<Heard, { kind: "event" }>> = {}): Heard {
  return { kind: "event", seq, on: "message.posted", message: `m${seq}`, ...more };
}

function acknowledged(seq: number, more: Partial<SendRecord> = {}): SendRecord {
  const { clientId, body, id } = message(seq);
  return { room: ROOM, clientId, body, outcome: { kind: "acknowledged", id, seq }, ...more };
}

interface Planted extends Partial<RoomRecord> {
  readonly sends?: readonly SendRecord[];
  readonly changes?: readonly ChangeRecord[];
}

function recordOf({ sends = [], changes = [], ...room }: Planted = {}): ClientRecord {
  const rooms = [{ room: ROOM, heard: told, view: four, gaps: 0, ...room }];
  return { name: "client 1", user: "ann", sends, changes, rooms };
}

function found(truth: Truth, planted?: Planted): FindingCounts {
  return auditClient(truth, recordOf(planted)).counts;
}

function change(kind: ChangeRecord["change"], outcome: ChangeRecord["outcome"] = "acknowledged"): ChangeRecord {
  return { room: ROOM, message: "m3", change: kind, outcome };
}

describe("the audit of the database", () => {
  it("finds nothing where every log is whole", () => {
    expect(auditTruth(truthOf(four)).counts).toEqual(clean);
  });

  it("finds a hole in a log", () => {
    const log = logOf(four).filter(({ seq }) => seq !== 3);
    expect(
      auditTruth(
        truthOf(
          four.filter(({ seq }) => seq !== 3),
          { log },
        ),
      ).counts,
    ).toMatchObject({ lost: 1 });
  });

  it("finds a log that ends before the room's last seq", () => {
    expect(auditTruth(truthOf(four, { lastSeq: 6 })).counts).toMatchObject({ lost: 1 });
  });

  it("finds a message that the log has and the table has not", () => {
    expect(auditTruth(truthOf(four.slice(0, 3), { log: logOf(four), lastSeq: 5 })).counts).toMatchObject({ lost: 1 });
  });

  it("finds one author's message that stands there under two places", () => {
    const again = message(6, { clientId: "c5" });
    expect(auditTruth(truthOf([...four, again])).counts).toMatchObject({ doubled: 1, lost: 0 });
  });

  it("finds a seq that was given twice", () => {
    const log = [...logOf(four), { seq: 5, on: "message.posted", message: "m5" }];
    expect(auditTruth(truthOf(four, { log })).counts).toMatchObject({ doubled: 1 });
  });
});

describe("the audit of acknowledgements", () => {
  it("finds nothing where all are there, in the order of sending", () => {
    expect(found(truthOf(four), { sends: [acknowledged(3), acknowledged(5)] })).toEqual(clean);
  });

  it("finds an acknowledged message that is not there", () => {
    expect(found(truthOf(four), { sends: [acknowledged(9)] })).toMatchObject({ lost: 1 });
  });

  it("does not take another person's message of the same name for it", () => {
    const others = four.map((one) => ({ ...one, author: "bob" }));
    expect(found(truthOf(others), { sends: [acknowledged(3)], view: others })).toMatchObject({ lost: 1 });
  });

  it("finds a message that stands elsewhere than it was acknowledged", () => {
    const moved = acknowledged(3, { outcome: { kind: "acknowledged", id: "m3", seq: 4 } });
    expect(found(truthOf(four), { sends: [moved] })).toMatchObject({ different: 1 });
  });

  it("finds messages that stand in another order than they were sent", () => {
    expect(found(truthOf(four), { sends: [acknowledged(5), acknowledged(3)] })).toMatchObject({ disordered: 1 });
  });

  it("counts a message that was never answered, and one that was refused, as lost", () => {
    const waiting = acknowledged(3, { outcome: { kind: "waiting" } });
    const failed = acknowledged(4, { outcome: { kind: "failed", code: "INTERNAL" } });
    expect(found(truthOf(four), { sends: [waiting, failed] })).toMatchObject({ lost: 2 });
  });
});

describe("the audit of what a client was told", () => {
  it("finds nothing where all was told once and in order", () => {
    expect(found(truthOf(four))).toEqual(clean);
  });

  it("finds an event that was not told in the middle", () => {
    expect(found(truthOf(four), { heard: told.filter((line) => line.seq !== 3) })).toMatchObject({ lost: 1 });
  });

  it("counts every event that is missing at the end", () => {
    expect(found(truthOf(four), { heard: told.slice(0, 2) })).toMatchObject({ lost: 3 });
  });

  it("finds an event that was told twice", () => {
    expect(found(truthOf(four), { heard: [...told, heard(5)] })).toEqual({ ...clean, doubled: 1 });
  });

  it("finds events that were told in another order", () => {
    const swapped = [told[0], told[1], told[3], told[2], told[4]].filter((line) => line !== undefined);
    expect(found(truthOf(four), { heard: swapped })).toMatchObject({ disordered: 1 });
  });

  it("takes a reset for the beginning of a new stretch, and finds one that goes back", () => {
    expect(found(truthOf(four), { heard: [heard0(1), heard(2), heard0(4), heard(5)] })).toEqual(clean);
    expect(found(truthOf(four), { heard: [...told, heard0(3), heard(4), heard(5)] })).toMatchObject({ disordered: 1 });
  });

  it("finds an event that the log has otherwise", () => {
    const other = told.map((line) => (line.seq === 4 ? heard(4, { message: "m9" }) : line));
    expect(found(truthOf(four), { heard: other })).toEqual({ ...clean, different: 1 });
  });

  it("finds that the database has less than a client was told", () => {
    expect(found(truthOf(four.slice(0, 3)), { view: four.slice(0, 3) })).toMatchObject({ lost: 1 });
  });
});

describe("the audit of what a client shows", () => {
  it("takes what is before its first message for not loaded", () => {
    expect(found(truthOf(four), { view: four.slice(2) })).toEqual(clean);
  });

  it("finds a message that is missing, one that is shown twice and one out of its place", () => {
    const [two, three, fourth, five] = four;
    if (!two || !three || !fourth || !five) throw new Error("Expected four messages.");
    expect(found(truthOf(four), { view: [two, three, five] })).toEqual({ ...clean, lost: 1 });
    expect(found(truthOf(four), { view: [...four, five] })).toEqual({ ...clean, doubled: 1 });
    expect(found(truthOf(four), { view: [two, fourth, three, five] })).toEqual({ ...clean, disordered: 1 });
  });

  it("finds a gap that could not be loaded, and a room that stayed empty", () => {
    expect(found(truthOf(four), { gaps: 1 })).toEqual({ ...clean, lost: 1 });
    expect(found(truthOf(four), { view: [] })).toEqual({ ...clean, lost: 4 });
  });

  it.each([
    ["an edit", { body: "other", edited: true }],
    ["a deletion", { body: "", deleted: true }],
    ["a reaction", { reactions: ["👍 bob"] }],
  ])("finds %s that did not reach the client", (_, changed) => {
    const now = four.map((one) => (one.seq === 3 ? { ...one, ...changed } : one));
    expect(found(truthOf(now))).toEqual({ ...clean, different: 1 });
  });
});

describe("the audit of changes", () => {
  const at3 = (changed: Partial<ShownMessage>): readonly ShownMessage[] =>
    four.map((one) => (one.seq === 3 ? { ...one, ...changed } : one));
  const after = (changed: Partial<ShownMessage>, changes: readonly ChangeRecord[]): FindingCounts =>
    found(truthOf(at3(changed)), { view: at3(changed), sends: [acknowledged(3)], changes });

  it("finds an acknowledged edit, deletion or reaction that is not there", () => {
    expect(after({}, [change({ kind: "edit", body: "new" })])).toEqual({ ...clean, lost: 1 });
    expect(after({}, [change({ kind: "delete" })])).toEqual({ ...clean, lost: 1 });
    expect(after({}, [change({ kind: "react", emoji: "👍", on: true })])).toEqual({ ...clean, lost: 1 });
  });

  it("finds a reaction that was taken back and is there", () => {
    const there = { reactions: ["👍 ann"] };
    const changes = [true, false].map((on) => change({ kind: "react", emoji: "👍", on }));
    expect(after(there, changes)).toEqual({ ...clean, lost: 1 });
  });

  it("finds an older edit that came after a newer one", () => {
    const changes = ["first", "second"].map((body) => change({ kind: "edit", body }));
    expect(after({ body: "first", edited: true }, changes)).toEqual({ ...clean, lost: 1 });
    expect(after({ body: "second", edited: true }, changes)).toEqual(clean);
  });

  it("allows both outcomes of a change that nobody answered for, and none of one that was refused", () => {
    const unknown = [change({ kind: "edit", body: "new" }, "unknown")];
    expect(after({}, unknown)).toEqual(clean);
    expect(after({ body: "new", edited: true }, unknown)).toEqual(clean);
    const refused = [change({ kind: "edit", body: "new" }, "refused")];
    expect(after({ body: "new", edited: true }, refused)).toEqual({ ...clean, lost: 1 });
  });
});

function heard0(seq: number): Heard {
  return { kind: "reset", seq };
}
