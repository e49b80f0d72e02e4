import type { EventOf, FrameContent, LayerMessage } from "@multichat/channels";
import type { ChatEvents } from "../../fan-out/chat-events.ts";

/** Returns an encoder for one event type, for `sendShared`. The function is its cache key: create it once per module. */
export function sharedFrame<Type extends keyof ChatEvents>(
  _type: Type,
  encode: (event: EventOf<ChatEvents, Type>) => FrameContent,
): (message: LayerMessage) => FrameContent {
  // Only the handler of this event type passes its delivery to this encoder.
  return (message) => encode(message as unknown as EventOf<ChatEvents, Type>);
}
