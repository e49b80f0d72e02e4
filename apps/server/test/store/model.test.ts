import fc from "fast-check";
import { expect, test } from "vitest";
import type { Database } from "../../src/store/sqlite/sqlite-store.ts";
import { roomIn, sharedStore } from "./temp-store.ts";

interface Posted {
  readonly seq: number;
  readonly author: string;
  readonly clientId: string;
  readonly body: string;
}

/** What a room should be. */
class Model {
  lastSeq = 1;
  rights = 1;
  title = "General";
  archived = false;
  deleted = false;
  readonly messages: Posted[] = [];
  readonly markers = new Map<string, number>();
}

const AUTHORS = ["ann", "ben", "cat"] as const;

type Step =
  | { do: "append"; author: string; clientId: string; stale: boolean }
  | { do: "title"; title: string }
  | { do: "archive"; archived: boolean }
  | { do: "delete" }
  | { do: "read"; author: string; seq: number };

const author = fc.constantFrom(...AUTHORS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      author,
      clientId: fc.integer({ min: 0, max: 30 }).map((n) => `c${n}`),
      stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("title" as const), title: fc.constantFrom("General", "Other") }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("archive" as const), archived: fc.boolean() }) },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("read" as const), author, seq: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const) }) },
);

const shared = sharedStore();

test("any sequence of operations, in any batches, leaves the room as the model has it", {
  timeout: 60_000,
}, async () => {
  const store = shared();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 80 }), async (steps) => {
      const room = await roomIn(store);
      const model = new Model();
      let under: Promise<void>[] = [];
      for (const [next, wait] of steps) {
        under.push(run(store, room, model, next));
        if (!wait) continue;
        await Promise.all(under);
        under = [];
      }
      await Promise.all(under);
      await compare(store, room, model);
    }),
    { numRuns: 150 },
  );
});

/** Asks the store and the model for the same, in the same order, and compares the answers. */
function run(store: Database, room: string, model: Model, step: Step): Promise<void> {
  switch (step.do) {
    case "append": {
      const { author, clientId } = step;
      const body = `by ${author}`;
      const before = model.messages.find((m) => m.author === author && m.clientId === clientId);
      const stale = step.stale || model.archived || model.deleted;
      if (before === undefined && !stale) {
        model.lastSeq += 1;
        model.messages.push({ seq: model.lastSeq, author, clientId, body });
      }
      const expected = before !== undefined ? "repeated" : stale ? "stale" : "appended";
      const seq = before?.seq ?? model.lastSeq;
      const rights = step.stale ? model.rights - 1 : model.rights;
      const by = { id: author, username: author };
      return store.messages.append({ room, rights, author: by, clientId, kind: "message", body }).then((appended) => {
        expect(appended.outcome).toBe(expected);
        if (appended.outcome !== "stale") expect(appended.message).toMatchObject({ seq, clientId, body });
      });
    }
    case "title": {
      const changes = !model.deleted && model.title !== step.title;
      if (changes) {
        model.title = step.title;
        model.lastSeq += 1;
      }
      const seq = model.lastSeq;
      return store.rooms.change(room, { title: step.title }, null).then((changed) => {
        expect(changed?.event?.seq).toBe(changes ? seq : undefined);
      });
    }
    case "archive": {
      if (!model.deleted && model.archived !== step.archived) {
        model.archived = step.archived;
        model.lastSeq += 1;
        model.rights += 1;
      }
      return store.rooms.change(room, { archived: step.archived }, null).then(() => {});
    }
    case "delete": {
      const expected = !model.deleted;
      model.deleted = true;
      return store.rooms.delete(room, null).then((deleted) => expect(deleted).toBe(expected));
    }
    case "read": {
      const readSeq = Math.max(model.markers.get(step.author) ?? 0, Math.min(step.seq, model.lastSeq));
      model.markers.set(step.author, readSeq);
      const unread = unreadAt(model, step.author);
      return store.markers.move(step.author, room, step.seq).then((state) => {
        expect(state).toEqual({ role: null, mutedUntil: null, readSeq, unread, mentions: 0 });
      });
    }
  }
}

async function compare(store: Database, room: string, model: Model): Promise<void> {
  const found = await store.rooms.find(room);
  if (model.deleted) expect(found).toBeUndefined();
  else {
    const { lastSeq, rights, title, archived } = model;
    expect(found).toMatchObject({ lastSeq, rights, title, archived });
  }
  const events = (await store.messages.eventsSince(room, 0, 1_000)) ?? [];
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: model.lastSeq }, (_, i) => i + 1));
  const inLog = events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
  expect(inLog.map(({ seq, clientId }) => ({ seq, clientId }))).toEqual(
    model.messages.map(({ seq, clientId }) => ({ seq, clientId })),
  );
  // The pages, put together from either end, are the messages of the log.
  const back = [];
  for (let before: number | undefined; ; ) {
    const page = await store.messages.page(room, { limit: 7, ...(before === undefined ? {} : { before }) });
    back.unshift(...page.messages);
    before = page.messages[0]?.seq;
    if (!page.hasBefore || before === undefined) break;
  }
  expect(back).toEqual(inLog);
  const forth = [];
  for (let after = 0; ; ) {
    const page = await store.messages.page(room, { limit: 7, after });
    forth.push(...page.messages);
    after = page.messages.at(-1)?.seq ?? after;
    if (!page.hasAfter) break;
  }
  expect(forth).toEqual(inLog);
  for (const name of AUTHORS) {
    const readSeq = model.markers.get(name) ?? 0;
    expect(await store.markers.of(name, room)).toEqual({
      role: null,
      mutedUntil: null,
      readSeq,
      unread: unreadAt(model, name),
      mentions: 0,
    });
  }
}

function unreadAt(model: Model, reader: string): number {
  const readSeq = model.markers.get(reader) ?? 0;
  return model.messages.filter(({ seq, author }) => seq > readSeq && author !== reader).length;
}
