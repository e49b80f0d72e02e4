import type { LogEvent, Message } from "@multichat/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyChange,
  applyChangeToQuote,
  isMessageChange,
  quoteOf,
  withOwnReactionsMarked,
} from "../src/model/message-changes.ts";
import { ModelRoom } from "./model/model-room.ts";
import { ModelServer } from "./model/model-server.ts";
import { StepClock } from "./model/step-clock.ts";

const person = (id: string) => ({ id, username: id });
const ME = "alice";

const happening = fc.record({
  who: fc.constantFrom(ME, "bob", "carol"),
  which: fc.nat(2),
  what: fc.constantFrom("edit", "react", "unreact", "pin", "unpin", "delete"),
  emoji: fc.constantFrom("👍", "🎉"),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Returns a room with three messages, the later two replying to the first, after all these changes. */
function roomAfter(happenings: readonly Happening[]): ModelRoom {
  const server = new ModelServer({ clock: new StepClock() });
  const room = server.addRoom("General");
  const firstMessage = server.post(room, person("carol"), "first");
  const ids = [firstMessage.id];
  for (const body of ["second", "third"])
    ids.push(server.post(room, person("bob"), body, { replyTo: firstMessage.id }).id);
  happenings.forEach(({ who, which, what, emoji }, i) => {
    const id = ids[which] ?? "";
    if (room.message(id)?.deletedAt !== null) return;
    if (what === "edit") server.edit(room, id, `edit ${i}`, person(who));
    else if (what === "delete") server.delete(room, id, person(who));
    else if (what === "pin" || what === "unpin") server.pin(room, id, person(who), { pinned: what === "pin" });
    else server.react(room, id, emoji, person(who), { added: what === "react" });
  });
  return room;
}

const applyEvents = (messages: readonly Message[], events: readonly LogEvent[]): Message[] =>
  events
    .filter(isMessageChange)
    .reduce((now, event) => now.map((m) => applyChangeToQuote(applyChange(m, event, ME), event)), [...messages]);

const byEmoji = (message: Message): Message => ({
  ...message,
  reactions: [...message.reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1)),
});

describe("applying events to messages", () => {
  test("leads to the present state, from any earlier state, with original or replayed events", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25, size: "max" }), fc.nat(25), (happenings, place) => {
        const room = roomAfter(happenings);
        const now = room.messages(ME).map(byEmoji);
        const from = Math.min(room.log.length, 4 + place);
        const live = room.log.slice(from);
        const then = new ModelRoom(1, "General", {});
        then.log.push(...room.log);
        then.truncate(from);
        for (const start of [then.messages(ME), room.messages(ME)]) {
          for (const events of [live, room.eventsAfter(from)])
            expect(applyEvents(start, events).map(byEmoji)).toEqual(now);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("never brings back the body of a deleted message, even before the deletion is applied", () => {
    const room = roomAfter([
      { who: "carol", which: 0, what: "edit", emoji: "👍" },
      { who: "bob", which: 0, what: "react", emoji: "👍" },
      { who: "carol", which: 0, what: "delete", emoji: "👍" },
    ]);
    const now = room.messages(ME);
    for (const event of room.log.slice(4, -1)) expect(applyEvents(now, [event])).toEqual(now);
  });

  test("lists the first hundred users of a reaction, and knows the user's own beyond them", () => {
    const server = new ModelServer({ clock: new StepClock() });
    const room = server.addRoom("General");
    const { id } = server.post(room, person("carol"), "vote");
    const initial = room.messages(ME);
    for (let i = 0; i < 120; i += 1) server.react(room, id, "👍", person(`p${i}`), { added: true });
    server.react(room, id, "👍", person(ME), { added: true });
    const [shown] = applyEvents(initial, room.log);
    expect(shown?.reactions).toEqual(room.messages(ME)[0]?.reactions);
    expect(shown?.reactions[0]).toMatchObject({ count: 121, mine: true });
    expect(shown?.reactions[0]?.users).toHaveLength(100);
  });

  test("marks the user's own reactions in an event that is the same for all members", () => {
    const [message] = roomAfter([{ who: ME, which: 0, what: "react", emoji: "👍" }]).messages();
    if (message === undefined) throw new Error("Expected a message.");
    expect(message.reactions[0]?.mine).toBe(false);
    expect(withOwnReactionsMarked(message, ME).reactions[0]?.mine).toBe(true);
    expect(withOwnReactionsMarked(message, "bob").reactions[0]?.mine).toBe(false);
  });

  test("quotes the beginning of a message without splitting a character", () => {
    const [message] = roomAfter([]).messages();
    if (message === undefined) throw new Error("Expected a message.");
    expect(quoteOf({ ...message, body: "🎉".repeat(200) }).excerpt).toBe("🎉".repeat(140));
  });
});
