import type { TimelineItem } from "@multichat/client";
import type { Message } from "@multichat/protocol";
import { useEffect, useRef, useState } from "react";
import { VisuallyHidden } from "../../../components/indicators/visually-hidden.tsx";
import { type I18n, useI18n } from "../../../i18n/i18n.ts";
import { plainText } from "../../../markup/plain-text.ts";
import { findMessage } from "./find-message.ts";

/** Messages read out one by one; more than this at once are only counted. */
const READ_OUT = 3;
const EVERY_MS = 1000;

interface AnnouncerProps {
  readonly items: readonly TimelineItem[];
  readonly lastSeq: number;
  readonly live: boolean;
  /** Said before the messages where several rooms stand side by side. */
  readonly room: string | undefined;
}

/**
 * Reads new messages out. The list itself is not a live region: it is virtual, and would read history aloud as it scrolls by.
 */
export function Announcer({ items, lastSeq, live, room }: AnnouncerProps) {
  const { t } = useI18n();
  const [said, setSaid] = useState("");
  const latest = useRef({ items, lastSeq });
  const heard = useRef<number | null>(null);
  const timer = useRef<number | undefined>(undefined);

  useEffect(() => {
    latest.current = { items, lastSeq };
    if (live && heard.current === null) heard.current = lastSeq;
    if (!live || timer.current !== undefined || lastSeq <= (heard.current ?? lastSeq)) return;
    // Everything that comes within a second is said together.
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      const since = heard.current ?? 0;
      heard.current = latest.current.lastSeq;
      const text = sayNew(latest.current.items, since, t);
      if (text !== undefined) setSaid(room === undefined ? text : `${room}. ${text}`);
    }, EVERY_MS);
  }, [items, lastSeq, live, room, t]);

  // What changes under somebody's eyes they see; who listens is told of the message that the keys are at.
  const before = useRef(items);
  useEffect(() => {
    const text = sayChanged(before.current, items, t);
    before.current = items;
    if (text !== undefined) setSaid(text);
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
      <VisuallyHidden>{said}</VisuallyHidden>
    </div>
  );
}

/** @returns what to say of the messages of others after a seq; undefined where there are none. */
function sayNew(items: readonly TimelineItem[], since: number, t: I18n["t"]): string | undefined {
  const fresh: Message[] = [];
  for (const item of items.toReversed()) {
    if (item.kind !== "message") continue;
    if (item.message.seq <= since) break;
    if (!item.own) fresh.unshift(item.message);
  }
  if (fresh.length === 0) return undefined;
  if (fresh.length > READ_OUT) return t("message.announceMany", { count: fresh.length });
  return fresh
    .map(({ author, body }) => (author === null ? plainText(body) : `${author.username}: ${plainText(body)}`))
    .join("\n");
}

/** @returns what to say when the message that has the focus was edited or deleted by somebody else; undefined where it was not. */
function sayChanged(before: readonly TimelineItem[], now: readonly TimelineItem[], t: I18n["t"]): string | undefined {
  const row = document.activeElement?.closest<HTMLElement>("[data-message]");
  if (before === now || row?.dataset.message === undefined) return undefined;
  const was = findMessage(before, row.dataset.message);
  const is = findMessage(now, row.dataset.message);
  if (was === undefined || is === undefined || was === is) return undefined;
  if (is.deletedAt !== null && was.deletedAt === null) return t("message.announceDeleted");
  if (is.deletedAt === null && is.body !== was.body) return t("message.announceEdited", { text: plainText(is.body) });
  return undefined;
}
