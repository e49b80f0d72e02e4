import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  type DrainFrame,
  defineProtocol,
  type GapFrame,
  type JsonSchema,
  toAsyncApi,
  unchecked,
} from "@multichat/channels/protocol";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type } from "arktype";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { chat } from "./chat-protocol.ts";

const OPTIONS = {
  title: "Chat",
  version: "1.0.0",
  address: "/ws",
  server: { host: "chat.example", protocol: "wss" },
} as const;

describe("the AsyncAPI document of a protocol", () => {
  let isValid: ReturnType<Ajv["compile"]>;
  beforeAll(async () => {
    const file = createRequire(import.meta.url).resolve("@asyncapi/specs/schemas/3.0.0-without-$id.json");
    const ajv = new Ajv({ strict: false, validateFormats: false });
    isValid = ajv.compile(JSON.parse(await readFile(file, "utf8")) as object);
  });

  test("follows the specification's own schema", () => {
    isValid(toAsyncApi(chat, OPTIONS));
    expect(isValid.errors ?? []).toEqual([]);
    isValid({ ...toAsyncApi(chat, OPTIONS), operations: { a: { action: "shout" } } });
    expect(isValid.errors, "premise: the schema refuses something").not.toBeNull();
  });

  test("has an operation for each command with its replies, and for each event", () => {
    const { operations, channels } = toAsyncApi(chat, OPTIONS) as Record<string, Record<string, never>>;
    expect(Object.keys(operations ?? {})).toEqual([
      ...[...Object.keys(chat.commands), ...Object.keys(chat.events)],
      ...["cancel", "server.draining", "server.gap"],
    ]);
    expect(operations?.["message.send"]).toMatchObject({
      action: "receive",
      summary: chat.commands["message.send"].summary,
      reply: {
        messages: [
          { $ref: "#/channels/socket/messages/message.send.reply" },
          { $ref: "#/channels/socket/messages/error" },
        ],
      },
    });
    expect(operations?.greeting).toMatchObject({ action: "send" });
    expect(channels?.socket).toMatchObject({ address: "/ws" });
  });

  test("has what every protocol has: cancellations, the server's announcements and the subprotocol", () => {
    const { channels, operations, components } = toAsyncApi(chat, OPTIONS) as Record<string, Record<string, never>>;
    expect(operations?.cancel).toMatchObject({ action: "receive" });
    expect(operations?.["server.gap"]).toMatchObject({ action: "send" });
    expect(JSON.stringify(channels?.socket)).toContain("channels.v1");
    const { messages } = components as unknown as { messages: Record<string, { payload: JsonSchema }> };
    const draining: DrainFrame = { on: "server.draining", reconnectAfter: 250 };
    const gap: GapFrame = { on: "server.gap" };
    const frames = { cancel: { cancel: 7 }, "server.draining": draining, "server.gap": gap };
    for (const [name, frame] of Object.entries(frames)) {
      const matches = new Ajv2020({ strict: false }).compile(messages[name]?.payload ?? false);
      expect([matches(frame), matches({})], name).toEqual([true, false]);
    }
    // A command of that name is another message.
    const unlucky = defineProtocol({ commands: { cancel: { input: z.object({ order: z.string() }) } } });
    const { operations: both } = toAsyncApi(unlucky, OPTIONS) as Record<string, object>;
    expect(Object.keys(both ?? {})).toEqual(["cancel", "cancel.frame", "server.draining", "server.gap"]);
  });

  test("every reference leads somewhere", () => {
    const document = toAsyncApi(chat, OPTIONS);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(references.length).toBeGreaterThan(10);
    for (const path of references) {
      const found = path
        .split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect(found, path).toBeDefined();
    }
  });

  test.each([
    ["message.send", { id: 1, do: "message.send", room: "a", text: "hi" }, true],
    ["message.send", { id: 1, do: "message.send", room: "a" }, false],
    ["message.send", { id: 1, do: "message.delete", room: "a", text: "hi" }, false],
    ["message.send", { id: -1, do: "message.send", room: "a", text: "hi" }, false],
    ["message.send", { do: "message.send", room: "a", text: "hi" }, false],
    ["message.send.reply", { re: 1, ok: { id: 3 } }, true],
    ["message.send.reply", { re: null, ok: { id: 3 } }, false],
    ["room.join.reply", { re: 1, ok: {} }, true],
    ["error", { re: null, error: { code: "FRAME_INVALID", message: "…" } }, true],
    ["error", { re: 3, error: { code: "ROOM_FULL", message: "…", details: [1] } }, true],
    ["error", { re: 3, error: { code: "SOMETHING_ELSE", message: "…" } }, false],
    ["greeting", { on: "greeting", text: "hi" }, true],
    ["greeting", { on: "parting", text: "hi" }, false],
  ])("%s describes what travels: %j is valid: %s", (name, frame, valid) => {
    const { components } = toAsyncApi(chat, OPTIONS) as {
      components: { messages: Record<string, { payload: JsonSchema }> };
    };
    const payload = components.messages[name]?.payload;
    expect(payload).toBeDefined();
    expect(new Ajv2020({ strict: false }).validate(payload ?? {}, frame)).toBe(valid);
  });

  test("keeps a command and an event of one name apart, and joins schemas that are no plain object", () => {
    const input = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    const protocol = defineProtocol({
      commands: { note: { input } },
      events: { note: z.object({ text: z.string() }) },
    });
    const document = toAsyncApi(protocol, OPTIONS);
    isValid(document);
    expect(isValid.errors ?? []).toEqual([]);
    const { components } = document as { components: { messages: Record<string, { payload: JsonSchema }> } };
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validate(components.messages.note?.payload ?? {}, { id: 1, do: "note", b: "x" })).toBe(true);
    expect(ajv.validate(components.messages.note?.payload ?? {}, { id: 1, do: "note", c: "x" })).toBe(false);
    expect(ajv.validate(components.messages["note.event"]?.payload ?? {}, { on: "note", text: "x" })).toBe(true);
  });

  test("takes schemas of other libraries, and those without a JSON Schema with the option", () => {
    const protocol = defineProtocol({
      commands: { note: { input: type({ text: "string" }) } },
      events: { done: unchecked<{ n: number }>() },
    });
    expect(() => toAsyncApi(protocol, OPTIONS)).toThrow('event "done": its schema does not describe itself');
    const document = toAsyncApi(protocol, {
      ...OPTIONS,
      toJsonSchema: (schema) =>
        schema === protocol.events.done ? { type: "object" } : { type: "object", title: "own" },
    });
    isValid(document);
    expect(isValid.errors ?? []).toEqual([]);
  });
});
