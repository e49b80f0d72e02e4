import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { CommandDeclaration, Protocol } from "./define-protocol.ts";
import type { Schema } from "./schema.ts";
import { BUILT_IN_ERRORS, SUBPROTOCOL } from "./wire.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface AsyncApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  /** The path of the WebSocket. @default "/" */
  readonly address?: string;
  /** Where it is served, such as `{ host: "chat.example.org", protocol: "wss" }`. @default none */
  readonly server?: { readonly host: string; readonly protocol: "ws" | "wss" };
  /**
   * Returns the JSON Schema of what a schema takes ("input") or returns ("output").
   * @default what the schema says itself, by Standard JSON Schema, as those of zod 4.2 and arktype 2.1.28 do
   */
  readonly toJsonSchema?: (schema: Schema, side: "input" | "output") => JsonSchema;
}

/** Standard Schema's extension for JSON Schema, which a schema may have. */
interface DescribesItself {
  readonly jsonSchema?: Readonly<
    Record<"input" | "output", (options: { readonly target: "draft-2020-12" }) => JsonSchema>
  >;
}

const CHANNEL = "socket";
const ID: JsonSchema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const POSITION: JsonSchema = {
  type: "object",
  properties: {
    group: { type: "string" },
    epoch: { type: "string", minLength: 1, maxLength: 64 },
    offset: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  required: ["group", "epoch", "offset"],
};
const POSITIONS: JsonSchema = { type: "array", items: POSITION, maxItems: 100 };
const GROUP: JsonSchema = {
  ...POSITION,
  properties: {
    ...(POSITION.properties as JsonSchema),
    recovered: { type: "boolean" },
    events: { type: "array", items: { type: "object", required: ["on"] } },
  },
  required: ["group", "recovered"],
};
const GROUPS: JsonSchema = { type: "array", items: GROUP };

/** What every protocol has besides its own: what the client sends, and what a client that offers the subprotocol gets. */
const BUILT_IN_MESSAGES = {
  cancel: {
    action: "receive",
    payload: closedObject({ cancel: ID }),
    summary: "Cancels the concurrent command with this id.",
  },
  "server.draining": {
    action: "send",
    payload: {
      type: "object",
      properties: { on: { const: "server.draining" }, reconnectAfter: { type: "number", minimum: 0 } },
      required: ["on", "reconnectAfter"],
    },
    summary: `Asks the client to connect again after so many milliseconds. Sent to a client of ${SUBPROTOCOL}.`,
  },
  "server.gap": {
    action: "send",
    payload: { type: "object", properties: { on: { const: "server.gap" } }, required: ["on"] },
    summary: `Events may be missing: subscriptions should be made again. Sent to a client of ${SUBPROTOCOL}.`,
  },
} as const;

/** The subprotocol is offered by choice. */
const WS_BINDING: JsonSchema = {
  headers: {
    type: "object",
    properties: { "Sec-WebSocket-Protocol": { type: "string", examples: [SUBPROTOCOL] } },
  },
  bindingVersion: "0.1.0",
};

/**
 * Returns an AsyncAPI 3 document of a protocol, from the server's point of view: it receives commands and their cancellations,
 * replies to them, and sends events.
 * @throws InvalidProtocol for a schema that has no JSON Schema.
 */
export function toAsyncApi(protocol: Protocol, options: AsyncApiOptions): JsonSchema {
  checkOptions<AsyncApiOptions>(options, {
    title: true,
    version: true,
    description: true,
    address: true,
    server: true,
    toJsonSchema: true,
  });
  const { title, version, description, address = "/", server, toJsonSchema = describeSchema } = options;
  const codes = [...Object.keys(protocol.errors ?? {}), ...Object.keys(BUILT_IN_ERRORS)];
  const messages: Record<string, JsonSchema> = { error: errorMessage(codes) };
  const operations: Record<string, JsonSchema> = {};

  const describe = (part: string, schema: Schema, side: "input" | "output"): JsonSchema => {
    try {
      const { $schema: _, ...described } = toJsonSchema(schema, side);
      return described;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new ChannelsError("InvalidProtocol", { part, problem }, { cause: error });
    }
  };
  for (const [name, command] of Object.entries(protocol.commands)) {
    const input = describe(`the input of command "${name}"`, command.input, "input");
    messages[name] = message(
      name,
      withMembers({ id: ID, do: { const: name } }, input, { $since: POSITIONS }),
      command.summary,
    );
    const reply =
      command.reply === undefined
        ? { type: "object" }
        : describe(`the reply of command "${name}"`, command.reply, "output");
    messages[`${name}.reply`] = message(`${name}.reply`, closedObject({ re: ID, ok: reply }, { groups: GROUPS }));
    operations[name] = commandOperation(name, command);
  }
  for (const [name, schema] of Object.entries(protocol.events ?? {})) {
    const payload = describe(`event "${name}"`, schema, "output");
    const key = Object.hasOwn(messages, name) ? `${name}.event` : name;
    messages[key] = message(name, withMembers({ on: { const: name } }, payload, { $position: POSITION }));
    operations[key] = { action: "send", channel: ref("channels", CHANNEL), messages: [channelMessage(key)] };
  }
  for (const [name, { action, payload, summary }] of Object.entries(BUILT_IN_MESSAGES)) {
    // A command may have the name.
    const key = Object.hasOwn(messages, name) ? `${name}.frame` : name;
    messages[key] = message(name, payload, summary);
    operations[key] = { action, summary, channel: ref("channels", CHANNEL), messages: [channelMessage(key)] };
  }
  return {
    asyncapi: "3.0.0",
    info: { title, version, ...(description === undefined ? {} : { description }) },
    defaultContentType: "application/json",
    ...(server === undefined ? {} : { servers: { main: server } }),
    channels: {
      [CHANNEL]: {
        address,
        messages: Object.fromEntries(Object.keys(messages).map((key) => [key, ref("components/messages", key)])),
        bindings: { ws: WS_BINDING },
      },
    },
    operations,
    components: { messages },
  };
}

function commandOperation(name: string, { summary }: CommandDeclaration): JsonSchema {
  return {
    action: "receive",
    ...(summary === undefined ? {} : { summary }),
    channel: ref("channels", CHANNEL),
    messages: [channelMessage(name)],
    reply: {
      channel: ref("channels", CHANNEL),
      messages: [channelMessage(`${name}.reply`), channelMessage("error")],
    },
  };
}

function errorMessage(codes: readonly string[]): JsonSchema {
  const error = {
    type: "object",
    properties: { code: { enum: codes }, message: { type: "string" }, details: {} },
    required: ["code", "message"],
  };
  return message("error", closedObject({ re: { anyOf: [ID, { type: "null" }] }, error }), "A command failed.");
}

function message(name: string, payload: JsonSchema, summary?: string): JsonSchema {
  return { name, ...(summary === undefined ? {} : { summary }), payload };
}

/** Adds members to the schema of an object, which may forbid others than its own. */
function withMembers(members: JsonSchema, schema: JsonSchema, optional: JsonSchema): JsonSchema {
  if (schema.type === "object" && !("anyOf" in schema || "oneOf" in schema || "allOf" in schema)) {
    const { properties = {}, required = [] } = schema as { properties?: JsonSchema; required?: readonly string[] };
    return {
      ...schema,
      properties: { ...members, ...properties, ...optional },
      required: [...Object.keys(members), ...required],
    };
  }
  return {
    allOf: [{ type: "object", properties: { ...members, ...optional }, required: Object.keys(members) }, schema],
  };
}

function closedObject(required: JsonSchema, optional: JsonSchema = {}): JsonSchema {
  const properties = { ...required, ...optional };
  return { type: "object", properties, required: Object.keys(required), additionalProperties: false };
}

function describeSchema(schema: Schema, side: "input" | "output"): JsonSchema {
  // The extension adds a member to what Standard Schema describes.
  const { jsonSchema } = schema["~standard"] as DescribesItself;
  if (jsonSchema === undefined) {
    throw new TypeError("its schema does not describe itself as JSON Schema; pass the option toJsonSchema");
  }
  return jsonSchema[side]({ target: "draft-2020-12" });
}

function ref(section: string, key: string): JsonSchema {
  return { $ref: `#/${section}/${escapePointer(key)}` };
}

function channelMessage(key: string): JsonSchema {
  return { $ref: `#/channels/${CHANNEL}/messages/${escapePointer(key)}` };
}

/** A key in a JSON pointer (RFC 6901). */
function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
