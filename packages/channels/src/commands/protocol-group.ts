import { ChannelsError } from "../errors.ts";
import type { ChannelLayer, GroupSendOptions } from "../layer/channel-layer.ts";
import { checkGroupName } from "../layer/names.ts";
import type { EventArguments, EventName, Protocol } from "../protocol/define-protocol.ts";
import { checkEvent } from "./protocol-encoders.ts";

/** A group to which the events of a protocol are sent, from a consumer or from any other part of a program. */
export interface ProtocolGroup<P extends Protocol> {
  readonly name: string;
  /** @throws InvalidEvent when the payload is not what the protocol declares. */
  send<Name extends EventName<P>>(
    event: Name,
    payload: EventArguments<P, Name>,
    options?: GroupSendOptions,
  ): Promise<void>;
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
    name,
    async send(event, payload, options) {
      const schema = protocol.events?.[event];
      if (schema === undefined) {
        throw new ChannelsError("InvalidEvent", { event, issues: [{ path: "", message: "it is not declared" }] });
      }
      // Each receiving process validates it again: anyone on the layer may send.
      checkEvent(event, schema, payload);
      // The payload is as the schema takes it; the layer refuses what it cannot carry (L2).
      await layer.groupSend(name, { ...(payload as object), type: event }, options);
    },
    add: (channel) => layer.groupAdd(name, channel),
    discard: (channel) => layer.groupDiscard(name, channel),
  };
}
