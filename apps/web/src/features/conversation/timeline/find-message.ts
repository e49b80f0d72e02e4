import type { TimelineItem } from "@multichat/client";
import type { Message } from "@multichat/protocol";

/** Returns the loaded message of this id. */
export function findMessage(items: readonly TimelineItem[], id: string): Message | undefined {
  const item = items.find((candidate) => candidate.kind === "message" && candidate.message.id === id);
  return item?.kind === "message" ? item.message : undefined;
}
