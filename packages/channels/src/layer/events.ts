import type { LayerValue } from "./channel-layer.ts";

/** An event without its type. Declare payloads with `type`: an `interface` is not assignable to an index signature. */
export type EventPayload = {
  readonly [key: string]: LayerValue | undefined;
  readonly type?: never;
};

/** Payloads by event type: `{ "chat.message": { text: string } }` is for messages `{ type: "chat.message", text }`. */
export type EventMap = { readonly [type: string]: EventPayload };

/** The message of one event type of a map. */
export type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  readonly type: Type;
} & Readonly<Events[Type]>;

/** The union of all messages of a map, discriminated by `type`. */
export type AnyEventOf<Events extends EventMap> = {
  [Type in keyof Events & string]: EventOf<Events, Type>;
}[keyof Events & string];

type Camel<Text extends string, Separator extends string> = Text extends `${infer Head}${Separator}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail, Separator>>}`
  : Text;

/** The name of the method that handles an event type: `chatMessage` for both `"chat.message"` and `"chat_message"`. */
export type HandlerName<Type extends string> = Camel<Camel<Camel<Type, ".">, "_">, "-">;

const MAX_CACHED_HANDLER_NAMES = 2_000;
const handlerNames = new Map<string, string>();

/** Returns the name of the method that handles an event type: `HandlerName` at run time. */
export function handlerName<Type extends string>(type: Type): HandlerName<Type> {
  let name = handlerNames.get(type);
  if (name === undefined) {
    name = type.replace(/[._-]+(.?)/gs, (_match, next: string) => next.toUpperCase());
    // Senders choose the types, so the cache is cleared when it is full.
    if (handlerNames.size >= MAX_CACHED_HANDLER_NAMES) handlerNames.clear();
    handlerNames.set(type, name);
  }
  // A test checks that this expression agrees with the type.
  return name as HandlerName<Type>;
}
