import type { Delivery, LayerMessage } from "@multichat/channels";
import type { RoomAudience } from "../../access/policies/rooms.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";

type WithAudience = ChatEvents["room.changed"] | ChatEvents["room.deleted"];

/** Returns who can see the room of an event; computed once per process and shared by its connections. */
export function sharedAudience(delivery: Pick<Delivery, "shared">): RoomAudience {
  return delivery.shared(sharedAudience, toAudience);
}

function toAudience(message: LayerMessage): RoomAudience {
  // Only the handlers of these two event types call this with their delivery.
  const event = message as unknown as WithAudience;
  const { kind, staffOnly } = "room" in event ? event.room : event;
  const { members, banned } = event.audience;
  return { kind, staffOnly, members: members === null ? null : new Set(members), banned: new Set(banned) };
}
