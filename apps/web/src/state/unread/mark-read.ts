import { useEffect } from "react";
import { chat } from "../../connection/chat.ts";

const STORAGE_KEY = "multichat.held-unread";

/** Ids of the rooms whose newest message is on the screen. */
const roomsBeingRead = new Set<string>();
/** By the ids of the rooms on the screen: the newest message that was marked as read. */
const markedSeqs = new Map<string, number>();
/**
 * By the ids of rooms that were marked as unread while they were on the screen: the seq that was left as read. They stay unread
 * until the user leaves them, or reads them on purpose. Held over a reload, which is not on purpose.
 */
const heldUnread = loadHeld();

/** Marks new messages of these rooms as read the moment they arrive, so that they never count as unread. */
export function startMarkingRead(): void {
  chat.listen((event) => {
    if (event.on === "message.posted" && roomsBeingRead.has(event.room)) markShown(event.room, event.seq);
  });
}

/**
 * Marks the room as read while the user is reading its newest messages.
 *
 * @param lastSeq the newest message on the screen
 */
export function useMarkRead(room: string, lastSeq: number, { isReading }: { readonly isReading: boolean }): void {
  useEffect(() => {
    if (!isReading) return;
    roomsBeingRead.add(room);
    return () => {
      roomsBeingRead.delete(room);
    };
  }, [room, isReading]);

  useEffect(() => {
    if (isReading) markShown(room, lastSeq);
  }, [room, isReading, lastSeq]);

  useEffect(
    () => () => {
      markedSeqs.delete(room);
      setHeld(room, undefined);
    },
    [room],
  );
}

/** Marks a message of a room on the screen, and what follows it, as unread. */
export function markUnread(room: string, seq: number): void {
  const { get, markUnread: move } = chat.room(room);
  move(seq);
  setHeld(room, get().readSeq);
}

/** The user reads the room on purpose, up to its end. */
export function markAllRead(room: string): void {
  setHeld(room, undefined);
  const { get, markRead } = chat.room(room);
  markRead(get().lastSeq);
}

function markShown(room: string, seq: number): void {
  const { get, markRead } = chat.room(room);
  const { readSeq } = get();
  // The user has marked messages as unread on another device.
  if (readSeq < (markedSeqs.get(room) ?? 0)) setHeld(room, readSeq);
  markedSeqs.delete(room);
  const held = heldUnread.get(room);
  if (held !== undefined) {
    if (readSeq <= held) return;
    // The user has read the room on another device since.
    setHeld(room, undefined);
  }
  markRead(seq);
  markedSeqs.set(room, seq);
}

function setHeld(room: string, readSeq: number | undefined): void {
  if (readSeq !== undefined) heldUnread.set(room, readSeq);
  else if (!heldUnread.delete(room)) return;
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify([...heldUnread]));
  } catch {
    // Without storage, a reload reads the room.
  }
}

function loadHeld(): Map<string, number> {
  try {
    // Written by `setHeld`.
    return new Map(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]") as [string, number][]);
  } catch {
    return new Map();
  }
}
