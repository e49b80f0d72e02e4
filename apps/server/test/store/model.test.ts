import { type Message, ROLES, type Role } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatStore } from "../../src/store/store.ts";
import { type ExpectedResult, Model, type ModelMessage, type Name, PEOPLE } from "./support/model.ts";
import { person, roomIn, sharedStore, until, withMentions } from "./support/temp-store.ts";
import { View, withSortedReactions } from "./support/view.ts";

type Step =
  | { do: "append"; user: Name; clientId: string; body: string; replyTo: number | undefined; stale: boolean }
  | { do: "edit"; index: number; body: string }
  | { do: "delete"; index: number }
  | { do: "react"; index: number; emoji: string; user: Name; present: boolean }
  | { do: "pin"; index: number; pinned: boolean }
  | { do: "add member"; user: Name; role: Role }
  | { do: "remove member"; user: Name; ban: boolean | undefined }
  | { do: "change member"; user: Name; role: Role; mutedUntil: number | null }
  | { do: "title"; title: string }
  | { do: "archive"; archived: boolean }
  | { do: "delete room" }
  | { do: "read"; user: Name; seq: number };

const user = fc.constantFrom(...PEOPLE);
const role = fc.constantFrom(...ROLES);
const body = fc.constantFrom("hello", "@ann", "@ben and @cat", "@all", "@all, @ann", "日本 @ben");
/** The index of a message: mostly one of the first, so that several changes meet; or of none. */
const index = fc.oneof({ weight: 5, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(30) });
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
      replyTo: fc.option(index, { nil: undefined, freq: 3 }),
      stale: fc.nat(9).map((n) => n === 0),
    }),
  ),
  often(15, fc.record({ do: exactly("edit"), index, body })),
  often(2, fc.record({ do: exactly("delete"), index })),
  often(
    20,
    fc.record({
      do: exactly("react"),
      index,
      emoji: fc.constantFrom("👍", "🎉"),
      user,
      present: fc.constantFrom(true, true, false),
    }),
  ),
  often(6, fc.record({ do: exactly("pin"), index, pinned: fc.boolean() })),
  often(6, fc.record({ do: exactly("add member"), user, role })),
  often(6, fc.record({ do: exactly("remove member"), user, ban: fc.constantFrom(true, false, undefined) })),
  often(4, fc.record({ do: exactly("change member"), user, role, mutedUntil: fc.constantFrom(null, 9e15) })),
  often(5, fc.record({ do: exactly("title"), title: fc.constantFrom("General", "Other") })),
  often(3, fc.record({ do: exactly("archive"), archived: fc.boolean() })),
  often(10, fc.record({ do: exactly("read"), user, seq: fc.nat(60) })),
  often(1, fc.record({ do: exactly("delete room") })),
);

const shared = sharedStore();

test("any sequence of operations, in any batches, leaves the room in the state of the model", async () => {
  const store = shared();
  for (const name of PEOPLE) await person(store, name);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.nat(3)), { minLength: 20, maxLength: 80, size: "max" }),
      fc.nat(80),
      async (steps, disconnectAt) => {
        const room = await roomIn(store);
        const run = new Run(store, room);
        let client: { view: View; seq: number } | undefined;
        for (const [i, [next, wait]] of steps.entries()) {
          if (i === disconnectAt) client = await run.disconnect();
          run.start(next);
          if (wait === 0) await run.settle();
        }
        await run.settle();
        await run.compare();
        if (client !== undefined) await run.reconnect(client);
      },
    ),
    { numRuns: 60 },
  );
});

const by = (name: Name) => ({ id: `id-of-${name}`, username: name });

/** Runs the same operations on the store and the model, in the same order, and compares the results. */
class Run {
  readonly #store: ChatStore;
  readonly #room: string;
  readonly #model = new Model();
  /** The ids of the acknowledged messages, by their seq. */
  readonly #ids = new Map<number, string>();
  #pending: Promise<void>[] = [];

  constructor(store: ChatStore, room: string) {
    this.#store = store;
    this.#room = room;
  }

  start(step: Step): void {
    this.#pending.push(this.#run(step));
  }

  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
  }

  async #run(step: Step): Promise<void> {
    const { members, messages, rooms } = this.#store;
    const model = this.#model;
    const room = this.#room;
    switch (step.do) {
      case "append": {
        const { clientId, stale } = step;
        const quoted = step.replyTo === undefined ? undefined : this.#pick(step.replyTo);
        const accessVersion = stale ? model.accessVersion - 1 : model.accessVersion;
        const expected = model.append(
          { author: step.user, clientId, body: step.body, replyTo: quoted?.seq },
          { stale },
        );
        const appended = await messages.append({
          room,
          accessVersion,
          author: by(step.user),
          clientId,
          kind: "message",
          ...withMentions(step.body),
          canMentionAll: true,
          replyTo: quoted?.id,
        });
        if (typeof expected === "string") return expect(appended.outcome).toBe(expected);
        expect(appended.outcome).toBe(expected.event ? "appended" : "repeated");
        if (!("message" in appended)) return;
        expect(appended.message).toMatchObject({ seq: expected.seq, clientId });
        this.#ids.set(expected.seq, appended.message.id);
        return;
      }
      case "edit": {
        const at = this.#pick(step.index);
        const ref = this.#refTo(at.id);
        return expectAgreement(
          model.edit(at.seq, step.body),
          messages.edit({ ref, ...withMentions(step.body), canMentionAll: true, by: by("ann") }),
        );
      }
      case "delete": {
        const at = this.#pick(step.index);
        const ref = this.#refTo(at.id);
        return expectAgreement(model.delete(at.seq), messages.delete({ ref, by: by("ann") }));
      }
      case "react": {
        const { emoji, present } = step;
        const at = this.#pick(step.index);
        const ref = this.#refTo(at.id);
        return expectAgreement(
          model.setReaction(at.seq, emoji, step.user, { present }),
          messages.setReaction({ ref, emoji, present, by: by(step.user) }),
        );
      }
      case "pin": {
        const at = this.#pick(step.index);
        const ref = this.#refTo(at.id);
        return expectAgreement(
          model.setPinned(at.seq, { pinned: step.pinned }),
          messages.setPinned({ ref, pinned: step.pinned, by: by("ann") }),
        );
      }
      case "add member":
        return expectAgreement(
          model.addMember(step.user, step.role),
          members.add({ room, user: by(step.user), role: step.role, by: by("ann") }),
        );
      case "remove member":
        return expectAgreement(
          model.removeMember(step.user, step.ban),
          members.remove({ room, user: by(step.user), ban: step.ban, by: by("ann") }),
        );
      case "change member": {
        const { role, mutedUntil } = step;
        const changes = { role, mutedUntil };
        return expectAgreement(
          model.changeMember(step.user, role, mutedUntil),
          members.change({ room, user: by(step.user).id, changes, by: by("ann") }),
        );
      }
      case "title":
      case "archive": {
        const expected = step.do === "title" ? model.setTitle(step.title) : model.setArchived(step.archived);
        const changes = step.do === "title" ? { title: step.title } : { archived: step.archived };
        const changed = await rooms.change({ room, changes, by: null });
        return expect(changed.outcome === "changed" ? changed.event?.seq : undefined).toBe(
          typeof expected === "string" ? undefined : expected.seq,
        );
      }
      case "delete room": {
        const expected = !model.deleted;
        model.deleted = true;
        return expect((await rooms.delete({ room, by: null })).outcome).toBe(expected ? "deleted" : "unknown");
      }
      case "read": {
        model.moveMarker(step.user, step.seq);
        const expected = { ...model.countsOf(step.user), ...this.#membership(step.user) };
        return expect(await this.#store.markers.move({ user: by(step.user).id, room, seq: step.seq })).toEqual(
          expected,
        );
      }
    }
  }

  /** Returns an acknowledged message, or one that does not exist. */
  #pick(index: number): { seq: number; id: string } {
    const known = [...this.#ids];
    const [seq, id] = known[index % (known.length + 1)] ?? [-1, "missing"];
    return { seq, id };
  }

  #refTo(message: string) {
    return { room: this.#room, accessVersion: this.#model.accessVersion, message };
  }

  #membership(name: Name): { role: Role | null; mutedUntil: number | null } {
    const member = this.#model.members.get(name);
    return { role: member?.role ?? null, mutedUntil: member?.mutedUntil ?? null };
  }

  async #allMessages(): Promise<readonly Message[]> {
    return (await this.#store.messages.readHistory({ room: this.#room, limit: 1_000 })).messages;
  }

  async disconnect(): Promise<{ view: View; seq: number }> {
    await this.settle();
    return { view: new View(await this.#allMessages()), seq: this.#model.lastSeq };
  }

  /** Expects that the missed events bring a client that was disconnected to the present state. */
  async reconnect({ view, seq }: { view: View; seq: number }): Promise<void> {
    for (const event of (await this.#store.eventLog.readSince({ room: this.#room, since: seq, limit: 1_000 })) ?? [])
      view.apply(event);
    // A quote is not updated by events of the message that quotes: clients take it from the quoted message.
    const withoutQuote = (message: unknown) => ({ ...(message as Message), replyTo: null });
    expect(view.messages().map(withoutQuote)).toEqual(
      (await this.#allMessages()).map(withSortedReactions).map(withoutQuote),
    );
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
      const privileged = [...model.members].filter(([, { role }]) => role !== "member");
      expect(found?.roles).toEqual(new Map(privileged.map(([name, { role }]) => [by(name).id, role])));
      const banned = [...model.departures].filter((entry) => entry[1].banned);
      expect(found?.banned).toEqual(new Set(banned.map(([name]) => by(name).id)));
    }
    const events = (await eventLog.readSince({ room, since: 0, limit: 1_000 })) ?? [];
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: model.lastSeq }, (_, i) => i + 1));
    const inLog = events.flatMap((event) => (event.on === "message.posted" ? [event.message] : []));
    expect(inLog.map(comparable)).toEqual(model.messages.map((message) => comparableModel(message, model)));
    for (const { seq, versions } of model.messages) {
      const stored = await messages.listVersions({ room, message: this.#ids.get(seq) ?? "" });
      expect(stored.map((version) => version.body)).toEqual(versions);
    }
    const pins = model.messages.filter(({ pinned }) => pinned).sort((a, b) => (b.pinSeq ?? 0) - (a.pinSeq ?? 0));
    expect((await messages.listPinned({ room, viewer: "nobody" })).map(({ seq }) => seq)).toEqual(
      pins.map(({ seq }) => seq),
    );
    expect(await this.#readBackwards()).toEqual(inLog);
    expect(await this.#readForwards()).toEqual(inLog);
    for (const name of PEOPLE) {
      const expected = { ...model.countsOf(name), ...this.#membership(name) };
      expect(await markers.get({ user: by(name).id, room })).toEqual(expected);
    }
    // A message that is not indexed yet is not found, and a search waits only for those of its viewer.
    await until(async () => !(await search.hasUnindexed()));
    const query = { terms: [{ text: "ben", kind: "word" as const }], rooms: [room], limit: 100, viewer: "nobody" };
    const mentioning = model.messages.filter((message) => message.body.includes("ben")).map(({ seq }) => seq);
    expect((await search.find(query))?.found.map(({ seq }) => seq)).toEqual(mentioning.reverse());
  }

  async #readBackwards(): Promise<Message[]> {
    const messages: Message[] = [];
    for (let before: number | undefined; ; ) {
      const where = { limit: 7, ...(before === undefined ? {} : { before }) };
      const page = await this.#store.messages.readHistory({ room: this.#room, ...where });
      messages.unshift(...page.messages);
      before = page.messages[0]?.seq;
      if (!page.hasBefore || before === undefined) return messages;
    }
  }

  async #readForwards(): Promise<Message[]> {
    const messages: Message[] = [];
    for (let after = 0; ; ) {
      const page = await this.#store.messages.readHistory({ room: this.#room, limit: 7, after });
      messages.push(...page.messages);
      after = page.messages.at(-1)?.seq ?? after;
      if (!page.hasAfter) return messages;
    }
  }
}

async function expectAgreement(
  expected: ExpectedResult,
  result: Promise<{ outcome: string; seq?: number; event?: { seq: number } }>,
): Promise<void> {
  const { outcome, seq, event } = await result;
  if (typeof expected === "string") return expect(outcome).toBe(expected);
  expect({ outcome, seq, event: event?.seq }).toEqual({
    outcome: "changed",
    seq: expected.seq,
    event: expected.event ? expected.seq : undefined,
  });
}

function comparable(message: Message): unknown {
  const { seq, clientId, body, mentionsAll, pinned, reactions, replyTo } = message;
  const quoted = replyTo && { seq: replyTo.seq, excerpt: replyTo.excerpt };
  return { seq, clientId, body, mentionsAll, pinned, deleted: message.deletedAt !== null, quoted, reactions };
}

function comparableModel(message: ModelMessage, model: Model): unknown {
  const { seq, clientId, body, mentionsAll, pinned } = message;
  const deleted = message.deletedSeq !== undefined;
  const quotedMessage = message.replyTo === undefined || deleted ? undefined : model.find(message.replyTo);
  const quoted = quotedMessage === undefined ? null : { seq: quotedMessage.seq, excerpt: quotedMessage.body };
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
