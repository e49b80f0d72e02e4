import { ChannelsError } from "../errors.ts";
import type {
  ChannelLayer,
  GroupEvent,
  GroupHistory,
  GroupHistoryOptions,
  GroupPosition,
  GroupSendOptions,
} from "../layer/channel-layer.ts";
import { type GroupMembers, groupMembers } from "../layer/control/group-members.ts";
import { checkGroupName } from "../layer/names.ts";
import type { EventArguments, EventContent, EventName, Protocol } from "../protocol/define-protocol.ts";
import { validateNow } from "../protocol/schema.ts";
import { checkEvent, checkKeys } from "./protocol-encoders.ts";

/** An event in the history of a protocol's group, discriminated by `event`. */
export type ProtocolGroupEvent<P extends Protocol> = {
  [Name in EventName<P>]: {
    readonly event: Name;
    readonly payload: EventContent<P, Name>;
    /** Its number in the epoch of the history's `position`. */
    readonly offset: number;
    /** The channel that did not get it (L14). */
    readonly except?: string;
  };
}[EventName<P>];

/** A group to which the events of a protocol are sent, from a consumer or from any other part of a program. */
export interface ProtocolGroup<P extends Protocol> extends GroupMembers {
  readonly name: string;
  /**
   * Sends an event to the members.
   * @returns its position, if the layer keeps a history of the group (L15).
   * @throws InvalidEvent when the payload is not what the protocol declares.
   */
  send<Name extends EventName<P>>(
    event: Name,
    payload: EventArguments<P, Name>,
    options?: GroupSendOptions,
  ): Promise<GroupPosition | undefined>;
  /**
   * Returns the protocol's events that were sent to the group: the last ones, or all since a position (L16). What is not what the
   * protocol declares is left out, as it was for the members.
   */
  history(options?: GroupHistoryOptions): Promise<GroupHistory<ProtocolGroupEvent<P>>>;
  add(channel: string): Promise<void>;
  discard(channel: string): Promise<void>;
}

/**
 * Returns a group of a protocol's events.
 * @throws InvalidName when the name breaks L1.
 */
export function protocolGroup<P extends Protocol>(protocol: P, layer: ChannelLayer, name: string): ProtocolGroup<P> {
  checkGroupName(name);
  return {
    ...groupMembers(layer, name),
    name,
    async send(event, payload, options) {
      const schema = protocol.events?.[event];
      if (schema === undefined) {
        throw new ChannelsError("InvalidEvent", { event, issues: [{ path: "", message: "it is not declared" }] });
      }
      // Each receiving process validates it again: anyone on the layer may send.
      checkEvent(event, schema, payload);
      checkKeys(event, payload);
      // The payload is as the schema takes it; the layer refuses what it cannot carry (L2).
      return await layer.groupSend(name, { ...(payload as object), type: event }, options);
    },
    async history(options) {
      const history = await layer.groupHistory(name, options);
      if (!history.recovered) return history;
      return { ...history, events: history.events.flatMap((event) => toProtocolEvent(protocol, event)) };
    },
    add: (channel) => layer.groupAdd(name, channel),
    discard: (channel) => layer.groupDiscard(name, channel),
  };
}

function toProtocolEvent<P extends Protocol>(protocol: P, event: GroupEvent): readonly ProtocolGroupEvent<P>[] {
  const { message, ...place } = event;
  const { type, ...payload } = message;
  const schema = Object.hasOwn(protocol.events ?? {}, type) ? protocol.events?.[type] : undefined;
  const checked = schema && validateNow(schema, payload);
  // The schema with this name has returned the payload.
  return checked?.ok === true ? [{ event: type, payload: checked.value, ...place } as ProtocolGroupEvent<P>] : [];
}
