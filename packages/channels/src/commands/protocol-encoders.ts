import type { Encoders } from "../consumer/encoders.ts";
import { encoders } from "../consumer/encoders.ts";
import { jsonFrame } from "../consumer/frame.ts";
import { ChannelsError } from "../errors.ts";
import type { EventPosition } from "../layer/channel-layer.ts";
import type { EventMap, EventPayload } from "../layer/events.ts";
import type { EventArguments, EventName, Protocol } from "../protocol/define-protocol.ts";
import { type Schema, validateNow } from "../protocol/schema.ts";

// A mapped type of the payload has an index signature also where it was declared as an interface.
type Plain<T> = { readonly [Key in keyof T]: T[Key] };
type Payloads<P extends Protocol> = { readonly [Name in EventName<P>]: Plain<EventArguments<P, Name>> };

/** The events of a protocol as a layer carries them. */
export type ProtocolEvents<P extends Protocol> = Payloads<P> extends infer Events extends EventMap ? Events : never;

const encodersByProtocol = new WeakMap<Protocol, Encoders>();

/**
 * Returns the encode-once handlers of a protocol's events; the same for all consumer classes of the protocol, so that they
 * share the frames. A payload is validated once for each event and process; one that is invalid is dropped and logged (C8).
 */
export function protocolEncoders<P extends Protocol>(protocol: P): Encoders<EventName<P>> {
  let made = encodersByProtocol.get(protocol);
  if (made === undefined) {
    const table = Object.entries(protocol.events ?? {}).map(([name, schema]) => [
      name,
      ({ type, ...payload }: { type: string }, $position?: EventPosition) =>
        jsonFrame({ on: type, ...checkEvent(type, schema, payload), $position }),
    ]);
    made = encoders<EventMap>(Object.fromEntries(table));
    encodersByProtocol.set(protocol, made);
  }
  // Its types are the names of the protocol's events.
  return made as Encoders<EventName<P>>;
}

/**
 * Returns the payload as clients get it.
 * @throws InvalidEvent when it does not have the declared form.
 */
export function checkEvent(event: string, schema: Schema, payload: unknown): EventPayload {
  const checked = validateNow(schema, payload);
  if (!checked.ok) throw new ChannelsError("InvalidEvent", { event, issues: checked.issues });
  checkKeys(event, checked.value);
  // What a schema of an object returns.
  return checked.value as EventPayload;
}

/**
 * Refuses the keys that name the event, on the wire and on the layer: a payload with one would be another event.
 * @throws InvalidEvent.
 */
export function checkKeys(event: string, payload: unknown): void {
  for (const key of Object.keys(payload as object)) {
    if (key !== "on" && key !== "type" && !key.startsWith("$")) continue;
    const message = "this key is taken: rename it in the protocol";
    throw new ChannelsError("InvalidEvent", { event, issues: [{ path: key, message }] });
  }
}
