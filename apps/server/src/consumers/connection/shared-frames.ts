import type { EventOf, FrameContent, LayerMessage } from "@multichat/channels";
import type { ChatEvents } from "../../fan-out/chat-events.ts";

/** A maker of shared frames for one type of event, as `sendShared` takes it: one function, so one key, for all sockets. */
export function sharedFrame<Type extends keyof ChatEvents>(
  _type: Type,
  make: (event: EventOf<ChatEvents, Type>) => FrameContent,
): (message: LayerMessage) => FrameContent {
  // Only the handler of this type hands its delivery to this maker, and broadcasts send nothing else under the type.
  return (message) => make(message as unknown as EventOf<ChatEvents, Type>);
}
