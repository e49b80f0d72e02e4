import type { LayerMessage } from "../layer/channel-layer.ts";
import type { EventMap, EventOf } from "../layer/events.ts";
import { type FrameContent, type SharedFrame, toFrame } from "./frame.ts";

/** Turns an event into what the sockets get; `undefined` when they get nothing. Must be pure: it runs once for all. */
export type Encoder<Event> = (event: Event) => FrameContent | undefined;

/** The encoder of one event type. Its identity is the key under which a delivery keeps its frame. */
export interface FrameEncoder {
  readonly type: string;
  encode(message: LayerMessage): SharedFrame | undefined;
}

/** Which events of a consumer become frames without a call of the consumer. `Types` are the event types it covers. */
export interface Encoders<out Types extends string = string> {
  readonly types: readonly Types[];
  findEncoder(type: string): FrameEncoder | undefined;
}

/** Covers nothing: every event goes to a method. */
export const NO_ENCODERS: Encoders<never> = Object.freeze({ types: Object.freeze([]), findEncoder: () => undefined });

/**
 * Encode-once handlers: a pure function from event to frame for every type that is named, called once for each event
 * and process however many sockets get it. With one type argument the table covers every event of the map; name the
 * types in the second where some events have methods instead.
 */
export function encoders<Events extends EventMap, Types extends keyof Events & string = keyof Events & string>(
  table: {
    readonly [Type in Types]: Encoder<EventOf<Events, Type>>;
  },
): Encoders<Types> {
  const byType = new Map<string, FrameEncoder>();
  for (const [type, encode] of Object.entries<Encoder<never>>(table)) {
    byType.set(
      type,
      Object.freeze({
        type,
        encode(message: LayerMessage) {
          // The layer delivers what was sent under this type, and sending is checked against the same event map.
          const content = encode(message as never);
          return content === undefined ? undefined : toFrame(content);
        },
      }),
    );
  }
  return Object.freeze({
    // `Object.keys` forgets the keys' type; they are the table's.
    types: Object.freeze([...byType.keys()] as Types[]),
    findEncoder: (type: string) => byType.get(type),
  });
}
