import type { LogEvent, Message } from "@multichat/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyChange,
  applyChangeToQuote,
  isMessageChange,
  quoteOf,
  withOwnReactionsMarked,
} from "../../src/model/message-changes.ts";
import { ModelRoom } from "../model/model-room.ts";
import { ModelServer } from "../model/model-server.ts";
import { StepClock } from "../model/step-clock.ts";

const user = (id: string) => ({ id, username: id });
const ME = "alice";

const change = fc.record({
  userId: fc.constantFrom(ME, "bob", "carol"),
  index: fc.nat(2),
  action: fc.constantFrom("edit", "react", "unreact", "pin", "unpin", "delete"),
  emoji: fc.constantFrom("👍", "🎉"),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Returns a room with three messages, the later two replying to the first, after all these changes. */
function roomWith(changes: readonly Change[]): ModelRoom {
  const server = new ModelServer({ clock: new StepClock() });
  const room = server.addRoom("General");
  const firstMessage = server.post(room, user("carol"), "first");
  const ids = [firstMessage.id];
  for (const body of ["second", "third"])
    ids.push(server.post(room, user("bob"), body, { replyTo: firstMessage.id }).id);
  changes.forEach(({ userId, index, action, emoji }, i) => {
    const id = ids[index] ?? "";
    if (room.message(id)?.deletedAt !== null) return;
    if (action === "edit") server.edit(room, id, `edit ${i}`, user(userId));
    else if (action === "delete") server.delete(room, id, user(userId));
    else if (action === "pin" || action === "unpin") server.pin(room, id, user(userId), { pinned: action === "pin" });
    else server.react(room, id, emoji, user(userId), { added: action === "react" });
  });
  return room;
}

const applyEvents = (messages: readonly Message[], events: readonly LogEvent[]): Message[] =>
  events
    .filter(isMessageChange)
    .reduce(
      (current, event) => current.map((m) => applyChangeToQuote(applyChange(m, event, ME), event)),
      [...messages],
    );

const byEmoji = (message: Message): Message => ({
  ...message,
  reactions: [...message.reactions].sort((a, b) => (a.emoji < b.emoji ? -1 : 1)),
});

describe("applying events to messages", () => {
  test("leads to the present state, from any earlier state, with original or replayed events", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25, size: "max" }), fc.nat(25), (changes, position) => {
        const room = roomWith(changes);
        const present = room.messages(ME).map(byEmoji);
        const from = Math.min(room.log.length, 4 + position);
        const original = room.log.slice(from);
        const past = new ModelRoom(1, "General", {});
        past.log.push(...room.log);
        past.truncate(from);
        for (const start of [past.messages(ME), room.messages(ME)]) {
          for (const events of [original, room.eventsAfter(from)])
            expect(applyEvents(start, events).map(byEmoji)).toEqual(present);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("never brings back the body of a deleted message, even before the deletion is applied", () => {
    const room = roomWith([
      { userId: "carol", index: 0, action: "edit", emoji: "👍" },
      { userId: "bob", index: 0, action: "react", emoji: "👍" },
      { userId: "carol", index: 0, action: "delete", emoji: "👍" },
    ]);
    const present = room.messages(ME);
    for (const event of room.log.slice(4, -1)) expect(applyEvents(present, [event])).toEqual(present);
  });

  test("lists the first hundred users of a reaction, and knows the user's own beyond them", () => {
    const server = new ModelServer({ clock: new StepClock() });
    const room = server.addRoom("General");
    const { id } = server.post(room, user("carol"), "vote");
    const initial = room.messages(ME);
    for (let i = 0; i < 120; i += 1) server.react(room, id, "👍", user(`p${i}`), { added: true });
    server.react(room, id, "👍", user(ME), { added: true });
    const [shown] = applyEvents(initial, room.log);
    expect(shown?.reactions).toEqual(room.messages(ME)[0]?.reactions);
    expect(shown?.reactions[0]).toMatchObject({ count: 121, mine: true });
    expect(shown?.reactions[0]?.users).toHaveLength(100);
  });

  test("marks the user's own reactions in an event that is the same for all members", () => {
    const [message] = roomWith([{ userId: ME, index: 0, action: "react", emoji: "👍" }]).messages();
    if (message === undefined) throw new Error("Expected a message.");
    expect(message.reactions[0]?.mine).toBe(false);
    expect(withOwnReactionsMarked(message, ME).reactions[0]?.mine).toBe(true);
    expect(withOwnReactionsMarked(message, "bob").reactions[0]?.mine).toBe(false);
  });

  test("quotes the beginning of a message without splitting a character", () => {
    const [message] = roomWith([]).messages();
    if (message === undefined) throw new Error("Expected a message.");
    expect(quoteOf({ ...message, body: "🎉".repeat(200) }).excerpt).toBe("🎉".repeat(140));
  });
});
