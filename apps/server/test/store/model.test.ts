import { type Message, ROLES, type Role } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Database } from "../../src/store/sqlite/sqlite-store.ts";
import { type Expected, Model, type ModelMessage, type Name, PEOPLE } from "./model.ts";
import { person, roomIn, sharedStore } from "./temp-store.ts";
import { inOrder, View } from "./view.ts";

type Step =
  | { do: "append"; user: Name; clientId: string; body: string; replyTo: number | undefined; stale: boolean }
  | { do: "edit"; which: number; body: string }
  | { do: "delete"; which: number }
  | { do: "react"; which: number; emoji: string; user: Name; add: boolean }
  | { do: "pin"; which: number; pinned: boolean }
  | { do: "add member"; user: Name; role: Role }
  | { do: "remove member"; user: Name; ban: boolean | undefined }
  | { do: "change member"; user: Name; role: Role; muted: number | null }
  | { do: "title"; title: string }
  | { do: "archive"; archived: boolean }
  | { do: "delete room" }
  | { do: "read"; user: Name; seq: number };

const user = fc.constantFrom(...PEOPLE);
const role = fc.constantFrom(...ROLES);
const body = fc.constantFrom("hello", "@ann", "@ben and @cat", "@all", "@all, @ann", "日本 @ben");
/** Which message: mostly one of the first, so that several things happen to it; or none. */
const which = fc.oneof({ weight: 5, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(30) });
const often = <T extends object>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const exactly = <T extends string>(name: T) => fc.constant(name);

const step: fc.Arbitrary<Step> = fc.oneof(
  often(
    40,
    fc.record({
      do: exactly("append"),
      user,
      clientId: fc.nat(30).map((n) => `c${n}`),
      body,
      replyTo: fc.option(which, { nil: undefined, freq: 3 }),
      stale: fc.nat(9).map((n) => n === 0),
    }),
  ),
  often(15, fc.record({ do: exactly("edit"), which, body })),
  often(2, fc.record({ do: exactly("delete"), which })),
  often(
    20,
    fc.record({
      do: exactly("react"),
      which,
      emoji: fc.constantFrom("👍", "🎉"),
      user,
      add: fc.constantFrom(true, true, false),
    }),
  ),
  often(6, fc.record({ do: exactly("pin"), which, pinned: fc.boolean() })),
  often(6, fc.record({ do: exactly("add member"), user, role })),
  often(6, fc.record({ do: exactly("remove member"), user, ban: fc.constantFrom(true, false, undefined) })),
  often(4, fc.record({ do: exactly("change member"), user, role, muted: fc.constantFrom(null, 9e15) })),
  often(5, fc.record({ do: exactly("title"), title: fc.constantFrom("General", "Other") })),
  often(3, fc.record({ do: exactly("archive"), archived: fc.boolean() })),
  often(10, fc.record({ do: exactly("read"), user, seq: fc.nat(60) })),
  often(1, fc.record({ do: exactly("delete room") })),
);

const shared = sharedStore();

test("any sequence of operations, in any batches, leaves the room as the model has it", async () => {
  const store = shared();
  for (const name of PEOPLE) await person(store, name);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.nat(3)), { minLength: 20, maxLength: 80, size: "max" }),
      fc.nat(80),
      async (steps, leaveAt) => {
        const room = await roomIn(store);
        const run = new Run(store, room);
        let left: { view: View; seq: number } | undefined;
        for (const [i, [next, wait]] of steps.entries()) {
          if (i === leaveAt) left = await run.leave();
          run.ask(next);
          if (wait === 0) await run.settle();
        }
        await run.settle();
        await run.compare();
        if (left !== undefined) await run.comeBack(left);
      },
    ),
    { numRuns: 60 },
  );
});

const by = (name: Name) => ({ id: `id-of-${name}`, username: name });

/** Asks the store and the model for the same, in the same order, and compares the answers. */
class Run {
  readonly #store: Database;
  readonly #room: string;
  readonly #model = new Model();
  /** The ids of messages, by their seq; a message that is asked for before it is answered has none. */
  readonly #ids = new Map<number, string>();
  #under: Promise<void>[] = [];

  constructor(store: Database, room: string) {
    this.#store = store;
    this.#room = room;
  }

  ask(step: Step): void {
    this.#under.push(this.#ask(step));
  }

  async settle(): Promise<void> {
    await Promise.all(this.#under);
    this.#under = [];
  }

  async #ask(step: Step): Promise<void> {
    const { members, messages, rooms } = this.#store;
    const model = this.#model;
    const room = this.#room;
    switch (step.do) {
      case "append": {
        const { clientId, stale } = step;
        const answered = step.replyTo === undefined ? undefined : this.#which(step.replyTo);
        const accessVersion = stale ? model.accessVersion - 1 : model.accessVersion;
        const expected = model.append(step.user, clientId, step.body, answered?.seq, stale);
        const appended = await messages.append({
          room,
          accessVersion,
          author: by(step.user),
          clientId,
          kind: "message",
          body: step.body,
          canMentionAll: true,
          replyTo: answered?.id,
        });
        if (typeof expected === "string") return expect(appended.outcome).toBe(expected);
        expect(appended.outcome).toBe(expected.event ? "appended" : "repeated");
        if (!("message" in appended)) return;
        expect(appended.message).toMatchObject({ seq: expected.seq, clientId });
        this.#ids.set(expected.seq, appended.message.id);
        return;
      }
      case "edit": {
        const at = this.#which(step.which);
        const on = this.#on(at.id);
        return agree(
          model.edit(at.seq, step.body),
          messages.edit({ ref: on, body: step.body, canMentionAll: true, by: by("ann") }),
        );
      }
      case "delete": {
        const at = this.#which(step.which);
        const on = this.#on(at.id);
        return agree(model.delete(at.seq), messages.delete({ ref: on, by: by("ann") }));
      }
      case "react": {
        const { emoji, add } = step;
        const at = this.#which(step.which);
        const on = this.#on(at.id);
        return agree(
          model.react(at.seq, emoji, step.user, add),
          messages.setReaction({ ref: on, emoji, present: add, by: by(step.user) }),
        );
      }
      case "pin": {
        const at = this.#which(step.which);
        const on = this.#on(at.id);
        return agree(
          model.pin(at.seq, step.pinned),
          messages.setPinned({ ref: on, pinned: step.pinned, by: by("ann") }),
        );
      }
      case "add member":
        return agree(
          model.addMember(step.user, step.role),
          members.add({ room, user: by(step.user), role: step.role, by: by("ann") }),
        );
      case "remove member":
        return agree(
          model.removeMember(step.user, step.ban),
          members.remove({ room, user: by(step.user), ban: step.ban, by: by("ann") }),
        );
      case "change member": {
        const { role, muted } = step;
        const changes = { role, mutedUntil: muted };
        return agree(
          model.changeMember(step.user, role, muted),
          members.change({ room, user: by(step.user).id, changes, by: by("ann") }),
        );
      }
      case "title":
      case "archive": {
        const expected = step.do === "title" ? model.retitle(step.title) : model.archive(step.archived);
        const changes = step.do === "title" ? { title: step.title } : { archived: step.archived };
        const changed = await rooms.change({ room, changes, by: null });
        return expect(changed?.event?.seq).toBe(typeof expected === "string" ? undefined : expected.seq);
      }
      case "delete room": {
        const expected = !model.deleted;
        model.deleted = true;
        return expect(await rooms.delete({ room, by: null })).toBe(expected);
      }
      case "read": {
        model.read(step.user, step.seq);
        const expected = { ...model.countsOf(step.user), ...this.#membership(step.user) };
        return expect(await this.#store.markers.move({ user: by(step.user).id, room, seq: step.seq })).toEqual(
          expected,
        );
      }
    }
  }

  /** A message that has been answered, or one that is not there. */
  #which(which: number): { seq: number; id: string } {
    const known = [...this.#ids];
    const [seq, id] = known[which % (known.length + 1)] ?? [-1, "nothing"];
    return { seq, id };
  }

  #on(message: string) {
    return { room: this.#room, accessVersion: this.#model.accessVersion, message };
  }

  #membership(name: Name): { role: Role | null; mutedUntil: number | null } {
    const member = this.#model.members.get(name);
    return { role: member?.role ?? null, mutedUntil: member?.muted ?? null };
  }

  async #allMessages(): Promise<readonly Message[]> {
    return (await this.#store.messages.readHistory({ room: this.#room, limit: 1_000 })).messages;
  }

  async leave(): Promise<{ view: View; seq: number }> {
    await this.settle();
    return { view: new View(await this.#allMessages()), seq: this.#model.lastSeq };
  }

  /** Who was away for any part of it knows, with the missed events, what is. */
  async comeBack({ view, seq }: { view: View; seq: number }): Promise<void> {
    for (const event of (await this.#store.eventLog.readSince({ room: this.#room, since: seq, limit: 1_000 })) ?? [])
      view.take(event);
    // What a message quotes is told with the message, and when that changes, with the message that changed.
    const shown = (message: unknown) => ({ ...(message as Message), replyTo: null });
    expect(view.messages().map(shown)).toEqual((await this.#allMessages()).map(inOrder).map(shown));
  }

  async compare(): Promise<void> {
    const { messages, eventLog, rooms, markers, search } = this.#store;
    const model = this.#model;
    const room = this.#room;
    const found = await rooms.find(room);
    if (model.deleted) expect(found).toBeUndefined();
    else {
      const { lastSeq, accessVersion, title, archived } = model;
      expect(found).toMatchObject({ lastSeq, accessVersion, title, archived });
      const notJustMembers = [...model.members].filter(([, { role }]) => role !== "member");
      expect(found?.roles).toEqual(new Map(notJustMembers.map(([name, { role }]) => [by(name).id, role])));
      const banned = [...model.departures].filter((entry) => entry[1].banned);
      expect(found?.banned).toEqual(new Set(banned.map(([name]) => by(name).id)));
    }
    const events = (await eventLog.readSince({ room, since: 0, limit: 1_000 })) ?? [];
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: model.lastSeq }, (_, i) => i + 1));
    const inLog = events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
    expect(inLog.map(factsOf)).toEqual(model.messages.map((message) => modelFacts(message, model)));
    for (const { seq, versions } of model.messages) {
      const kept = await messages.listVersions({ room, message: this.#ids.get(seq) ?? "" });
      expect(kept.map((version) => version.body)).toEqual(versions);
    }
    const pins = model.messages.filter(({ pinned }) => pinned).sort((a, b) => (b.pinSeq ?? 0) - (a.pinSeq ?? 0));
    expect((await messages.listPinned({ room, viewer: "nobody" })).map(({ seq }) => seq)).toEqual(
      pins.map(({ seq }) => seq),
    );
    expect(await this.#pagesBack()).toEqual(inLog);
    expect(await this.#pagesForth()).toEqual(inLog);
    for (const name of PEOPLE) {
      const expected = { ...model.countsOf(name), ...this.#membership(name) };
      expect(await markers.get({ user: by(name).id, room })).toEqual(expected);
    }
    const question = { terms: [{ text: "ben", kind: "word" as const }], rooms: [room], limit: 100, viewer: "nobody" };
    const mentioning = model.messages.filter((message) => message.body.includes("ben")).map(({ seq }) => seq);
    expect((await search.find(question))?.found.map(({ seq }) => seq)).toEqual(mentioning.reverse());
  }

  async #pagesBack(): Promise<Message[]> {
    const back: Message[] = [];
    for (let before: number | undefined; ; ) {
      const where = { limit: 7, ...(before === undefined ? {} : { before }) };
      const page = await this.#store.messages.readHistory({ room: this.#room, ...where });
      back.unshift(...page.messages);
      before = page.messages[0]?.seq;
      if (!page.hasBefore || before === undefined) return back;
    }
  }

  async #pagesForth(): Promise<Message[]> {
    const forth: Message[] = [];
    for (let after = 0; ; ) {
      const page = await this.#store.messages.readHistory({ room: this.#room, limit: 7, after });
      forth.push(...page.messages);
      after = page.messages.at(-1)?.seq ?? after;
      if (!page.hasAfter) return forth;
    }
  }
}

async function agree(
  expected: Expected,
  answer: Promise<{ outcome: string; seq?: number; event?: { seq: number } }>,
): Promise<void> {
  const { outcome, seq, event } = await answer;
  if (typeof expected === "string") return expect(outcome).toBe(expected);
  expect({ outcome, seq, event: event?.seq }).toEqual({
    outcome: "changed",
    seq: expected.seq,
    event: expected.event ? expected.seq : undefined,
  });
}

function factsOf(message: Message): unknown {
  const { seq, clientId, body, mentionsAll, pinned, reactions, replyTo } = message;
  const quoted = replyTo && { seq: replyTo.seq, excerpt: replyTo.excerpt };
  return { seq, clientId, body, mentionsAll, pinned, deleted: message.deletedAt !== null, quoted, reactions };
}

function modelFacts(message: ModelMessage, model: Model): unknown {
  const { seq, clientId, body, mentionsAll, pinned } = message;
  const deleted = message.deletedSeq !== undefined;
  const answered = message.replyTo === undefined || deleted ? undefined : model.at(message.replyTo);
  const quoted = answered === undefined ? null : { seq: answered.seq, excerpt: answered.body };
  const present = message.reactions.filter((reaction) => reaction.present);
  const since = (reaction: { emoji: string }) => message.emojis.get(reaction.emoji) ?? 0;
  const byEmoji = Map.groupBy(
    present.toSorted((a, b) => since(a) - since(b) || a.seq - b.seq),
    ({ emoji }) => emoji,
  );
  const reactions = [...byEmoji].map(([emoji, all]) => {
    const users = all.map((reaction) => by(reaction.user).id);
    return { emoji, users, count: users.length, mine: false };
  });
  return { seq, clientId, body, mentionsAll, pinned, deleted, quoted, reactions };
}
