import type { Delivery, LayerMessage } from "@multichat/channels";
import type { RoomAudience } from "../../access/policies/rooms.ts";
import type { ChatEvents } from "../../fan-out/chat-events.ts";

type WithAudience = ChatEvents["room.changed"] | ChatEvents["room.deleted"];

/** For whom the room of an event exists: made of the lists once a process, and asked by each connection. */
export function sharedAudience(delivery: Pick<Delivery, "shared">): RoomAudience {
  return delivery.shared(sharedAudience, toAudience);
}

function toAudience(message: LayerMessage): RoomAudience {
  // Handed a delivery of one of these two types by the handlers of these two types.
  const event = message as unknown as WithAudience;
  const { kind, staffOnly } = "room" in event ? event.room : event;
  const { members, banned } = event.audience;
  return { kind, staffOnly, members: members === null ? null : new Set(members), banned: new Set(banned) };
}
