import type { TimelineItem } from "@multichat/client";
import { useEffect, useRef, useState } from "react";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { useI18n } from "../../stores/i18n/i18n.ts";

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
  const heard = useRef<number | null>(null);

  useEffect(() => {
    if (!live) return;
    if (heard.current === null) {
      heard.current = lastSeq;
      return;
    }
    if (lastSeq <= heard.current) return;
    // Everything that comes within a second is said together.
    const timer = setTimeout(() => {
      const since = heard.current ?? lastSeq;
      heard.current = lastSeq;
      const fresh = items.flatMap((item) =>
        item.kind === "message" && !item.own && item.message.seq > since ? [item.message] : [],
      );
      if (fresh.length === 0) return;
      const text =
        fresh.length > READ_OUT
          ? t("message.announceMany", { count: fresh.length })
          : fresh.map(({ author, body }) => (author === null ? body : `${author.username}: ${body}`)).join("\n");
      setSaid(room === undefined ? text : `${room}. ${text}`);
    }, EVERY_MS);
    return () => clearTimeout(timer);
  }, [items, lastSeq, live, room, t]);

  return (
    <div aria-live="polite">
      <VisuallyHidden>{said}</VisuallyHidden>
    </div>
  );
}
