import type { LayerValue } from "./channel-layer.ts";

/** What an event carries beside its type. Write payloads as `type`, not `interface`: only those match by shape. */
export type EventPayload = {
  readonly [key: string]: LayerValue | undefined;
  readonly type?: never;
};

/** Events by type: `{ "chat.message": { text: string } }` stands for the message `{ type: "chat.message", text }`. */
export type EventMap = { readonly [type: string]: EventPayload };

/** The message of one type of a map. */
export type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  readonly type: Type;
} & Readonly<Events[Type]>;

/** Any message of a map, told apart by `type`. */
export type AnyEventOf<Events extends EventMap> = {
  [Type in keyof Events & string]: EventOf<Events, Type>;
}[keyof Events & string];

type Camel<Text extends string, Separator extends string> = Text extends `${infer Head}${Separator}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail, Separator>>}`
  : Text;

/** The method that handles a type: `"chat.message"` and `"chat_message"` are both handled by `chatMessage`. */
export type HandlerName<Type extends string> = Camel<Camel<Camel<Type, ".">, "_">, "-">;

const MAX_CACHED_HANDLER_NAMES = 2_000;
const handlerNames = new Map<string, string>();

/** `HandlerName` at run time. */
export function handlerName<Type extends string>(type: Type): HandlerName<Type> {
  let name = handlerNames.get(type);
  if (name === undefined) {
    name = type.replace(/[._-]+(.?)/gs, (_match, next: string) => next.toUpperCase());
    // Types come from messages, so from outside: the cache starts afresh before it grows without end.
    if (handlerNames.size >= MAX_CACHED_HANDLER_NAMES) handlerNames.clear();
    handlerNames.set(type, name);
  }
  // The expression does what the type says; a test compares the two.
  return name as HandlerName<Type>;
}
