import type { EventPosition, LayerMessage } from "../layer/channel-layer.ts";
import type { EventMap, EventOf } from "../layer/events.ts";
import { type FrameContent, type SharedFrame, toFrame } from "./frame.ts";

/**
 * Turns an event into a frame's content; `undefined` sends nothing. Must be pure: it runs once for all receivers. `position` is
 * the event's place in the history of its group, if the layer keeps one (L15).
 */
export type Encoder<Event> = (event: Event, position?: EventPosition) => FrameContent | undefined;

/** The encoder of one event type. A delivery caches its frame under the identity of this object. */
export interface FrameEncoder {
  readonly type: string;
  encode(message: LayerMessage, position?: EventPosition): SharedFrame | undefined;
}

/** The encode-once handlers of a consumer class. `Types` are the event types that have one. */
export interface Encoders<out Types extends string = string> {
  readonly types: readonly Types[];
  findEncoder(type: string): FrameEncoder | undefined;
}

/** No encoders: every event calls a method. */
export const NO_ENCODERS: Encoders<never> = Object.freeze({ types: Object.freeze([]), findEncoder: () => undefined });

/**
 * Declares encode-once handlers: for each event type a pure function from event to frame, called once for each event
 * and process, whatever the number of receivers. With one type argument the table has to cover every event of the map;
 * name the covered types in the second if other events have methods.
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
        encode(message: LayerMessage, position?: EventPosition) {
          // Sending is checked against the same event map, so the message has the type that `encode` takes.
          const content = encode(message as never, position);
          return content === undefined ? undefined : toFrame(content);
        },
      }),
    );
  }
  return Object.freeze({
    // The map's keys are those of the table.
    types: Object.freeze([...byType.keys()] as Types[]),
    findEncoder: (type: string) => byType.get(type),
  });
}
