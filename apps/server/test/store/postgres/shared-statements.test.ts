import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatStore } from "../../../src/store/store.ts";
import { POSTGRES } from "../support/postgres-database.ts";
import { openStore, person, posted, roomIn, tempStore, withMentions } from "../support/temp-store.ts";
import { chooseDatabase } from "../support/test-database.ts";

chooseDatabase(POSTGRES);

const NAMES = ["alice", "bob", "carol"] as const;
const ROOMS = 2;
const MESSAGES = 3;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const version = fc.nat(19).map((n) => (n === 0 ? 2 : 1));
const place = {
  room: fc.nat(ROOMS - 1),
  message: fc.nat(MESSAGES - 1),
  user: fc.nat(NAMES.length - 1),
  version,
};
const change = { ...place, key: fc.option(fc.nat(3), { nil: undefined }) };
const named = <Name extends string>(name: Name) => fc.constant(name);

/** Calls that meet often: three users, six messages, two emoji, and keys that are used again. */
const call = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ ...change, do: named("react"), emoji: fc.constantFrom("👍", "🎉"), present: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ ...change, do: named("edit"), body: fc.constantFrom("one", "@carol", "@bob and @all") }),
  },
  { weight: 1, arbitrary: fc.record({ ...change, do: named("delete") }) },
  { weight: 1, arbitrary: fc.record({ ...change, do: named("pin"), pinned: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ ...place, do: named("post"), clientId: fc.nat(12), isReply: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ ...place, do: named("read") }) },
);
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** Rooms of a store, with the same messages of the same users as those of any other one. */
class Chat {
  readonly #store: ChatStore;
  readonly #rooms: readonly string[];
  readonly #messages: readonly (readonly string[])[];
  /** Begins the client ids of the changes, which are of the users, not of the rooms. */
  readonly #name = randomUUID();

  static async create(store: ChatStore): Promise<Chat> {
    const users = [];
    for (const name of NAMES) users.push(await person(store, name));
    const rooms = [];
    const messages = [];
    for (let n = 0; n < ROOMS; n += 1) {
      const room = await roomIn(store);
      const inRoom = [];
      for (const author of users) inRoom.push((await posted(store, room, "hello @bob", author)).id);
      rooms.push(room);
      messages.push(inRoom);
    }
    return new Chat(store, rooms, messages);
  }

  private constructor(store: ChatStore, rooms: readonly string[], messages: readonly (readonly string[])[]) {
    this.#store = store;
    this.#rooms = rooms;
    this.#messages = messages;
  }

  /** Returns what says the same on every store. Of a message in a result, other calls may have changed more by then. */
  async run(given: Call): Promise<unknown> {
    const room = this.#rooms[given.room] ?? "";
    const message = this.#messages[given.room]?.[given.message] ?? "";
    const by = { id: `id-of-${NAMES[given.user]}`, username: NAMES[given.user] ?? "" };
    if (given.do === "read") {
      await this.#store.markers.move({ user: by.id, room, seq: MESSAGES });
      return undefined;
    }
    if (given.do === "post") {
      const { version: accessVersion, clientId, isReply } = given;
      const result = await this.#store.messages.append({
        ...{ room, accessVersion, author: by, clientId: `${clientId}`, kind: "message" as const },
        ...withMentions("posted to @bob"),
        replyTo: isReply ? message : undefined,
        canMentionAll: true,
      });
      return "message" in result ? [result.outcome, result.message.seq] : result;
    }
    const idempotencyKey =
      given.key === undefined ? undefined : { user: by.id, clientId: `${this.#name} ${given.key}` };
    const ref = { room, accessVersion: given.version, message, idempotencyKey };
    const { messages } = this.#store;
    const change = async () => {
      switch (given.do) {
        case "react":
          return messages.setReaction({ ref, emoji: given.emoji, present: given.present, by });
        case "edit":
          return messages.edit({ ref, ...withMentions(given.body), canMentionAll: true, by });
        case "delete":
          return messages.delete({ ref, by });
        case "pin":
          return messages.setPinned({ ref, pinned: given.pinned, by });
      }
    };
    const result = await change();
    if (result.outcome !== "changed") return result;
    const { seq, isRepeat, event } = result;
    return { seq, isRepeat, event: this.#withoutIds(event) };
  }

  /** Returns everything that users can read of it. */
  async read(): Promise<unknown> {
    const rooms = this.#rooms.map(async (room, index) => ({
      head: (await this.#store.rooms.find(room))?.lastSeq,
      events: await this.#store.eventLog.readSince({ room, since: 0, limit: 1_000 }),
      messages: await Promise.all(
        (this.#messages[index] ?? []).flatMap((message) => [
          this.#store.messages.listVersions({ room, message }),
          ...NAMES.map((name) => this.#store.messages.find({ room, message, viewer: `id-of-${name}` })),
        ]),
      ),
      markers: await Promise.all(NAMES.map((name) => this.#store.markers.get({ user: `id-of-${name}`, room }))),
      pinned: await this.#store.messages.listPinned({ room, viewer: "" }),
    }));
    return this.#withoutIds(await Promise.all(rooms));
  }

  #withoutIds(value: unknown): unknown {
    let text = JSON.stringify(value) ?? "null";
    const ids = [...this.#rooms, ...this.#messages.flat()];
    for (const [index, id] of ids.entries()) text = text.replaceAll(id, `id ${index}`);
    // Of what the calls have posted, and the times.
    return JSON.parse(text.replaceAll(UUID, "some id"), (_, each: unknown) =>
      typeof each === "number" && each > 1e12 ? "some time" : each,
    );
  }
}

test("calls that come together have the results of the same calls one after another", async () => {
  const stores = { together: await openStore(), oneByOne: await tempStore() };
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 60, size: "max" }), async (calls) => {
      const together = await Chat.create(stores.together);
      const oneByOne = await Chat.create(stores.oneByOne);
      const expected: unknown[] = [];
      for (const each of calls) expected.push(await oneByOne.run(each));
      expect(await Promise.all(calls.map((each) => together.run(each)))).toEqual(expected);
      expect(await together.read()).toEqual(await oneByOne.read());
    }),
    { numRuns: 30 },
  );
});
