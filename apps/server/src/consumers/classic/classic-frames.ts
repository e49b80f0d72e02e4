import { encoders, frameSequence, jsonFrame, type SharedFrame } from "@multichat/channels";
import { CLASSIC_MESSAGE_TYPES, type ClassicEvent } from "@multichat/protocol";
import type { ChatEvents } from "../../fan-out/chat-events.ts";
import { sharedFrame } from "../connection/shared-frames.ts";

/** The protocol has no frame for any other event of the log. */
function toClassicMessage({ event, number }: ChatEvents["log.event"]): ClassicEvent | undefined {
  if (event.on !== "message.posted") return undefined;
  const { kind, author, body } = event.message;
  return { msg_type: CLASSIC_MESSAGE_TYPES[kind], room: number, username: author?.username ?? "", message: body };
}

function toClassicMessages({ events, number }: ChatEvents["log.events"]): SharedFrame | undefined {
  const messages = events.flatMap((event) => toClassicMessage({ event, number }) ?? []);
  return messages.length === 0 ? undefined : frameSequence(messages.map((message) => jsonFrame(message)));
}

/** Encodes the events that all connections of a room receive unchanged, once per process. */
export const classicEncoders = encoders<
  ChatEvents,
  | "log.event"
  | "log.events"
  | "marker.moved"
  | "preference.changed"
  | "occupancy.counted"
  | "typing.changed"
  | "presence.changed"
>({
  "log.event": toClassicMessage,
  "log.events": toClassicMessages,
  "marker.moved": () => undefined,
  "preference.changed": () => undefined,
  "occupancy.counted": () => undefined,
  "typing.changed": () => undefined,
  "presence.changed": () => undefined,
});

export const encodeClassicEntryOrExit = sharedFrame("occupancy.changed", ({ number, user, entered }) => {
  const msg_type = entered ? CLASSIC_MESSAGE_TYPES.entered : CLASSIC_MESSAGE_TYPES.left;
  return jsonFrame({ msg_type, room: number, username: user.username } satisfies ClassicEvent, { ephemeral: true });
});
