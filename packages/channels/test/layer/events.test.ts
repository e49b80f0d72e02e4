import {
  type AnyEventOf,
  type EventOf,
  type HandlerName,
  handlerName,
  InMemoryLayer,
  typedChannel,
  typedGroup,
} from "@multichat/channels/layer";
import { Inbox } from "@multichat/channels/testing";
import fc from "fast-check";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";

type Events = {
  "chat.message": { text: string; tags?: readonly string[] };
  "chat.typing": { user: number };
  "chat.closed": Record<never, never>;
};

describe("event maps", () => {
  it("have a message type for each event type", () => {
    expectTypeOf<EventOf<Events, "chat.typing">>().toExtend<{ type: "chat.typing"; user: number }>();
    expectTypeOf<AnyEventOf<Events>["type"]>().toEqualTypeOf<"chat.message" | "chat.typing" | "chat.closed">();
    const textLength = (event: AnyEventOf<Events>) => (event.type === "chat.message" ? event.text.length : 0);
    expect(textLength({ type: "chat.message", text: "four" })).toBe(4);
  });
});

describe("handler names", () => {
  const examples = {
    "chat.message": "chatMessage",
    chat_message: "chatMessage",
    "chat-message": "chatMessage",
    "room.user.joined_twice": "roomUserJoinedTwice",
    plain: "plain",
    "a..b": "aB",
    "a.": "a",
    ".a": "A",
    "v1.2": "v12",
  } as const;

  it("equal the type `HandlerName`", () => {
    for (const [type, name] of Object.entries(examples)) expect(handlerName(type)).toBe(name);
    type Names = { [Type in keyof typeof examples]: HandlerName<Type> };
    expectTypeOf<Names>().toEqualTypeOf<typeof examples>();
  });

  it("have no separators, and are stable for any number of types", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab.-_"), maxLength: 8 }), (type) => {
        expect(handlerName(type)).toMatch(/^[abAB]*$/);
        expect(handlerName(type)).toBe(handlerName(type));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("typed groups and channels", () => {
  const layer = new InMemoryLayer();
  afterEach(() => layer.flush());

  it("send only the events of their map", async () => {
    const inbox = new Inbox();
    const channel = layer.newChannel();
    await layer.subscribe(channel, inbox);
    const room = typedGroup<Events>(layer, "room.1");
    const direct = typedChannel<Events>(layer, channel);
    await room.add(channel);
    await room.send({ type: "chat.message", text: "hello" });
    await room.send({ type: "chat.closed" });
    await direct.send({ type: "chat.typing", user: 7 });
    // @ts-expect-error no such event
    await room.send({ type: "chat.massage", text: "hello" });
    // @ts-expect-error a payload of another type
    await room.send({ type: "chat.message", text: 7 });
    // @ts-expect-error a payload is missing
    await direct.send({ type: "chat.typing" });
    // @ts-expect-error an unknown member
    await direct.send({ type: "chat.typing", user: 7, text: "no" });
    await room.discard(channel);
    await room.send({ type: "chat.closed" });
    expect(inbox.messages.slice(0, 3)).toEqual([
      { type: "chat.message", text: "hello" },
      { type: "chat.closed" },
      { type: "chat.typing", user: 7 },
    ]);
    expect(inbox.messages).toHaveLength(7);
  });

  it("do not compile with a payload that is not data", () => {
    // @ts-expect-error a Date is not data
    typedGroup<{ "chat.message": { at: Date } }>(layer, "room.1");
    // @ts-expect-error a payload has no type of its own
    typedChannel<{ "chat.message": { type: string } }>(layer, "room.1");
  });

  it("check their name when they are created", () => {
    expect(() => typedGroup<Events>(layer, "room 1")).toThrow(/group name/);
    expect(() => typedChannel<Events>(layer, "a!b!c")).toThrow(/channel name/);
  });
});
