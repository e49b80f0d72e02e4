import { encoders, jsonFrame } from "@multichat/channels";
import type { EphemeralEvent, ServerEvent } from "@multichat/protocol";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { sharedFrame } from "../connection/shared-frames.ts";

/** Encodes the events that all connections of a group receive unchanged, once per process. */
export const chatEncoders = encoders<ChatEvents, "log.event" | "marker.moved">({
  "log.event": ({ event }) => event satisfies ServerEvent,
  "marker.moved": ({ room, state }) =>
    ({
      on: "room.read",
      room,
      seq: state.readSeq,
      unread: state.unread,
      mentions: state.mentions,
    }) satisfies EphemeralEvent,
});

/** Ephemeral frames are dropped for a slow reader. */
export const encodeEntryOrExit = sharedFrame("occupancy.changed", ({ room, user, entered }) => {
  const on = entered ? "room.entered" : "room.exited";
  return jsonFrame({ on, room, user } satisfies EphemeralEvent, { ephemeral: true });
});

export const encodeTyping = sharedFrame("typing.changed", ({ room, user, started }) => {
  const on = started ? "typing.started" : "typing.stopped";
  return jsonFrame({ on, room, user } satisfies EphemeralEvent, { ephemeral: true });
});

export const encodePresence = sharedFrame("presence.changed", ({ presence: { user, status, text } }) =>
  jsonFrame({ on: "presence.changed", user, status, text } satisfies EphemeralEvent, { ephemeral: true }),
);

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
