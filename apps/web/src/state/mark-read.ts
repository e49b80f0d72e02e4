import { useEffect } from "react";
import { chat } from "../connection/chat.ts";

/** The ids of the rooms whose end somebody looks at. */
const roomsBeingRead = new Set<string>();

/** Starts marking as read what arrives where it is being looked at: at once, so that it never counts as unread. */
export function startMarkingRead(): void {
  chat.listen((event) => {
    if (event.on === "message.posted" && roomsBeingRead.has(event.room)) chat.room(event.room).markRead(event.seq);
  });
}

/**
 * Says that somebody looks at the end of this room, for as long as the component is there and `looking`.
 *
 * @param lastSeq what is on the screen, to be marked as read too
 */
export function useMarkRead(room: string, looking: boolean, lastSeq: number): void {
  useEffect(() => {
    if (!looking) return;
    roomsBeingRead.add(room);
    return () => {
      roomsBeingRead.delete(room);
    };
  }, [room, looking]);

  useEffect(() => {
    if (looking) chat.room(room).markRead(lastSeq);
  }, [room, looking, lastSeq]);
}
