import { encoders, frameSequence, jsonFrame, type SharedFrame } from "@multichat/channels";
import type { EphemeralEvent, ServerEvent } from "@multichat/protocol";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { sharedFrame } from "../connection/shared-frames.ts";

type Encoded =
  | "log.event"
  | "log.events"
  | "marker.moved"
  | "preference.changed"
  | "occupancy.changed"
  | "occupancy.counted"
  | "typing.changed"
  | "presence.changed";

/** Encodes the events that all connections of a group receive unchanged, once per process. A slow reader misses ephemeral ones. */
export const chatEncoders = encoders<ChatEvents, Encoded>({
  "log.event": ({ event }) => event satisfies ServerEvent,
  "log.events": ({ events }) => frameSequence(events.map((event) => jsonFrame(event satisfies ServerEvent))),
  "marker.moved": ({ room, state }) =>
    ({
      on: "room.read",
      room,
      seq: state.readSeq,
      unread: state.unread,
      mentions: state.mentions,
      ...(state.readRevision !== undefined && { revision: state.readRevision }),
    }) satisfies EphemeralEvent,
  "preference.changed": ({ preference: { room, notify, starred } }) =>
    ({ on: "preference.changed", room, notify, starred }) satisfies EphemeralEvent,
  "occupancy.changed": () => undefined,
  "occupancy.counted": (difference) => ephemeral(toOccupancyEvent(difference)),
  "typing.changed": ({ room, user, started }) =>
    ephemeral({ on: started ? "typing.started" : "typing.stopped", room, user }),
  "presence.changed": ({ presence: { user, status, text } }) =>
    ephemeral({ on: "presence.changed", user, status, text }),
});

/** A single entry or exit has the event that it had before there were differences, which older clients show. */
function toOccupancyEvent({ room, count, entered, exited }: ChatEvents["occupancy.counted"]): EphemeralEvent {
  const [user, ...others] = [...entered, ...exited];
  if (user === undefined) return { on: "room.occupancy", room, count };
  if (others.length > 0) return { on: "room.occupancy", room, count, entered, exited };
  return { on: entered.length > 0 ? "room.entered" : "room.exited", room, user, count };
}

function ephemeral(event: EphemeralEvent): SharedFrame {
  return jsonFrame(event, { ephemeral: true });
}

export const encodeMembership = sharedFrame("membership.changed", ({ room, membership }) => {
  const listed = { on: "room.listed", room: room.id, entry: room } as const satisfies EphemeralEvent;
  return membership === null ? listed : ({ ...listed, membership } satisfies EphemeralEvent);
});

export const encodeMembershipLost = sharedFrame(
  "membership.changed",
  ({ room }) => ({ on: "room.unlisted", room: room.id }) satisfies EphemeralEvent,
);

export const encodeRoomListed = sharedFrame(
  "room.changed",
  ({ room }) => ({ on: "room.listed", room: room.id, entry: room }) satisfies EphemeralEvent,
);

export const encodeRoomUnlisted = sharedFrame(
  "room.changed",
  ({ room }) => ({ on: "room.unlisted", room: room.id }) satisfies EphemeralEvent,
);

export const encodeRoomDeleted = sharedFrame(
  "room.deleted",
  ({ id }) => ({ on: "room.unlisted", room: id }) satisfies EphemeralEvent,
);
