import { useEffect } from "react";
import { chat } from "../connection/chat.ts";

/** The ids of the rooms whose end somebody looks at. */
const read = new Set<string>();

/** Starts marking as read what arrives where it is being looked at: at once, so that it never counts as unread. */
export function followReading(): void {
  chat.listen((event) => {
    if (event.on === "message.posted" && read.has(event.room)) chat.room(event.room).markRead(event.seq);
  });
}

/**
 * Says that somebody looks at the end of this room, for as long as the component is there and `looking`.
 *
 * @param lastSeq what is on the screen, to be marked as read too
 */
export function useReading(room: string, looking: boolean, lastSeq: number): void {
  useEffect(() => {
    if (!looking) return;
    read.add(room);
    return () => {
      read.delete(room);
    };
  }, [room, looking]);

  useEffect(() => {
    if (looking) chat.room(room).markRead(lastSeq);
  }, [room, looking, lastSeq]);
}
