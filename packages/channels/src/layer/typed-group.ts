import type {
  ChannelLayer,
  GroupHistory,
  GroupHistoryOptions,
  GroupPosition,
  GroupSendOptions,
} from "./channel-layer.ts";
import { type GroupMembers, groupMembers } from "./control/group-members.ts";
import type { AnyEventOf, EventMap } from "./events.ts";
import { checkChannelName, checkGroupName } from "./names.ts";

/** A group that accepts only the events of one map. */
export interface TypedGroup<Events extends EventMap> extends GroupMembers {
  readonly name: string;
  send(event: AnyEventOf<Events>, options?: GroupSendOptions): Promise<GroupPosition | undefined>;
  /** Returns what was sent to the group, by any process: it is as they sent it, and not checked again. */
  history(options?: GroupHistoryOptions): Promise<GroupHistory>;
  add(channel: string): Promise<void>;
  discard(channel: string): Promise<void>;
}

/** A channel that accepts only the events of one map. */
export interface TypedChannel<Events extends EventMap> {
  readonly name: string;
  send(event: AnyEventOf<Events>): Promise<void>;
}

/**
 * Returns a group whose events are checked at compile time.
 * @throws InvalidName when the name breaks L1.
 */
export function typedGroup<Events extends EventMap>(layer: ChannelLayer, name: string): TypedGroup<Events> {
  checkGroupName(name);
  return {
    ...groupMembers(layer, name),
    name,
    send: (event, options) => layer.groupSend(name, event, options),
    history: (options) => layer.groupHistory(name, options),
    add: (channel) => layer.groupAdd(name, channel),
    discard: (channel) => layer.groupDiscard(name, channel),
  };
}

/**
 * Returns a channel whose events are checked at compile time.
 * @throws InvalidName when the name breaks L1.
 */
export function typedChannel<Events extends EventMap>(layer: ChannelLayer, name: string): TypedChannel<Events> {
  checkChannelName(name);
  return { name, send: (event) => layer.send(name, event) };
}
