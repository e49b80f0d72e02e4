import type { ChannelLayer } from "./channel-layer.ts";
import type { AnyEventOf, EventMap } from "./events.ts";
import { checkChannelName, checkGroupName } from "./names.ts";

/** A group to which only the events of one map can be sent. */
export interface TypedGroup<Events extends EventMap> {
  readonly name: string;
  send(event: AnyEventOf<Events>): Promise<void>;
  add(channel: string): Promise<void>;
  discard(channel: string): Promise<void>;
}

/** A channel to which only the events of one map can be sent. */
export interface TypedChannel<Events extends EventMap> {
  readonly name: string;
  send(event: AnyEventOf<Events>): Promise<void>;
}

/** @throws InvalidName when the name breaks L1. */
export function typedGroup<Events extends EventMap>(layer: ChannelLayer, name: string): TypedGroup<Events> {
  checkGroupName(name);
  return {
    name,
    send: (event) => layer.groupSend(name, event),
    add: (channel) => layer.groupAdd(name, channel),
    discard: (channel) => layer.groupDiscard(name, channel),
  };
}

/** @throws InvalidName when the name breaks L1. */
export function typedChannel<Events extends EventMap>(layer: ChannelLayer, name: string): TypedChannel<Events> {
  checkChannelName(name);
  return { name, send: (event) => layer.send(name, event) };
}
