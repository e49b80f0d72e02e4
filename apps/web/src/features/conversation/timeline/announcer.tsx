import type { TimelineItem } from "@multichat/client";
import type { Message } from "@multichat/protocol";
import { useEffect, useRef, useState } from "react";
import { VisuallyHidden } from "../../../components/indicators/visually-hidden.tsx";
import { type I18n, useI18n } from "../../../i18n/i18n.ts";
import { describeMessage, summarizeMessage } from "../../../markup/plain-text.ts";
import { findMessage } from "./find-message.ts";

/** More new messages than this are announced as a number. */
const MAX_READ_ALOUD = 3;
const ANNOUNCE_INTERVAL_MS = 1000;

interface AnnouncerProps {
  readonly items: readonly TimelineItem[];
  readonly lastSeq: number;
  readonly live: boolean;
  /** Announced before the messages when several rooms are side by side. */
  readonly roomName: string | undefined;
}

/** Announces new messages to screen readers. The list is no live region: it is virtual, and would announce history while scrolling. */
export function Announcer({ items, lastSeq, live, roomName }: AnnouncerProps) {
  const { t } = useI18n();
  const [announcement, setAnnouncement] = useState("");
  const latest = useRef({ items, lastSeq });
  const announcedSeq = useRef<number | null>(null);
  const timer = useRef<number | undefined>(undefined);

  useEffect(() => {
    latest.current = { items, lastSeq };
    if (live && announcedSeq.current === null) announcedSeq.current = lastSeq;
    if (!live || timer.current !== undefined || lastSeq <= (announcedSeq.current ?? lastSeq)) return;
    // Messages that arrive within a second are announced together.
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      const since = announcedSeq.current ?? 0;
      announcedSeq.current = latest.current.lastSeq;
      const text = describeNewMessages(latest.current.items, since, t);
      if (text !== undefined) setAnnouncement(roomName === undefined ? text : `${roomName}. ${text}`);
    }, ANNOUNCE_INTERVAL_MS);
  }, [items, lastSeq, live, roomName, t]);

  // A change is visible to those who see the list; for screen readers, a change of the focused message is announced.
  const previousItems = useRef(items);
  useEffect(() => {
    const text = describeFocusedChange(previousItems.current, items, t);
    previousItems.current = items;
    if (text !== undefined) setAnnouncement(text);
  }, [items, t]);

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  return (
    <div aria-live="polite">
      <VisuallyHidden>{announcement}</VisuallyHidden>
    </div>
  );
}

/** Returns the announcement of other people's messages after a seq; undefined if there are none. */
function describeNewMessages(items: readonly TimelineItem[], since: number, t: I18n["t"]): string | undefined {
  const newMessages: Message[] = [];
  for (const item of items.toReversed()) {
    if (item.kind !== "message") continue;
    if (item.message.seq <= since) break;
    if (!item.own) newMessages.unshift(item.message);
  }
  if (newMessages.length === 0) return undefined;
  if (newMessages.length > MAX_READ_ALOUD) return t("message.announceMany", { count: newMessages.length });
  return newMessages.map(describeMessage).join("\n");
}

/** Returns the announcement when the focused message was edited or deleted; undefined otherwise. */
function describeFocusedChange(
  previous: readonly TimelineItem[],
  current: readonly TimelineItem[],
  t: I18n["t"],
): string | undefined {
  const row = document.activeElement?.closest<HTMLElement>("[data-message]");
  if (previous === current || row?.dataset.message === undefined) return undefined;
  const previousMessage = findMessage(previous, row.dataset.message);
  const currentMessage = findMessage(current, row.dataset.message);
  if (previousMessage === undefined || currentMessage === undefined || previousMessage === currentMessage)
    return undefined;
  if (currentMessage.deletedAt !== null && previousMessage.deletedAt === null) return t("message.announceDeleted");
  if (currentMessage.deletedAt === null && currentMessage.body !== previousMessage.body)
    return t("message.announceEdited", { text: summarizeMessage(currentMessage) });
  return undefined;
}
