import { encoders, jsonFrame } from "@multichat/channels";
import type { EphemeralEvent, ServerEvent } from "@multichat/protocol";
import type { ChatEvents } from "../broadcasts/chat-events.ts";
import { frameOf } from "./shared-frames.ts";

/** Events that every connection in a group gets alike, in the words of `multichat.v1`: encoded once a process. */
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

/** A slow reader may do without it. */
export const chatMoved = frameOf("member.moved", ({ room, user, entered }) => {
  const on = entered ? "member.entered" : "member.left";
  return jsonFrame({ on, room, user } satisfies EphemeralEvent, { ephemeral: true });
});

export const chatListed = frameOf(
  "room.altered",
  ({ room }) => ({ on: "room.listed", room: room.id, entry: room }) satisfies EphemeralEvent,
);

export const chatUnlisted = frameOf(
  "room.altered",
  ({ room }) => ({ on: "room.unlisted", room: room.id }) satisfies EphemeralEvent,
);

export const chatDeleted = frameOf(
  "room.deleted",
  ({ id }) => ({ on: "room.unlisted", room: id }) satisfies EphemeralEvent,
);
