import { memo, useState } from "react";
import { Button } from "../../../../components/forms/button.tsx";
import { chat } from "../../../../connection/chat.ts";
import { useI18n } from "../../../../i18n/i18n.ts";
import { useConversation } from "../../../message/conversation-context.ts";
import { MessageRow } from "../../../message/rows/message-row.tsx";
import { PendingRow } from "../../../message/rows/pending-row.tsx";
import { EventLine } from "./event-line.tsx";
import styles from "./row-view.module.css";
import type { Row } from "./rows.ts";

interface RowViewProps {
  readonly row: Exclude<Row, { kind: "beginning" }>;
  /** The address names this message. */
  readonly highlighted: boolean;
  /** Its menu is open. */
  readonly open: boolean;
  /** It is being edited. */
  readonly editing: boolean;
}

export const RowView = memo(function RowView({ row, highlighted, open, editing }: RowViewProps) {
  switch (row.kind) {
    case "message":
      return (
        <MessageRow
          message={row.message}
          isOwn={row.own}
          startsGroup={row.startsGroup}
          highlighted={highlighted}
          open={open}
          editing={editing}
        />
      );
    case "pending":
      return <PendingRow pending={row.pending} startsGroup={row.startsGroup} />;
    case "day":
      return <DayDivider at={row.at} />;
    case "unread":
      return <UnreadDivider />;
    case "gap":
      return <GapRow row={row} />;
    case "event":
      return <EventLine event={row.event} />;
    case "presence":
      return <PresenceNotice row={row} />;
  }
});

function DayDivider({ at }: { readonly at: number }) {
  const { day } = useI18n();
  return (
    <div className={styles.line} data-kind="day">
      <span>{day(at)}</span>
    </div>
  );
}

function UnreadDivider() {
  const { t } = useI18n();
  return (
    <div className={styles.line} data-kind="unread">
      <span>{t("room.unreadDivider")}</span>
    </div>
  );
}

/** Stands for messages that are not loaded, with a button to load them. */
function GapRow({ row }: { readonly row: Extract<Row, { kind: "gap" }> }) {
  const { t } = useI18n();
  const { roomId } = useConversation();
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");

  async function load(from: "above" | "below"): Promise<void> {
    setState("loading");
    try {
      await chat.room(roomId).loadGap(row.gap, from);
      setState("idle");
    } catch {
      setState("failed");
    }
  }

  return (
    <div className={styles.gap} role="note">
      <span>{t(state === "failed" ? "room.gapFailed" : "room.gap")}</span>
      <Button
        size="small"
        icon="clock"
        busy={state === "loading"}
        onClick={({ currentTarget }) => {
          const log = currentTarget.closest<HTMLElement>("[role=log]");
          log?.focus({ preventScroll: true });
          // A user who reads downwards sees the gap in the lower half of the screen.
          const { top, height } = log?.getBoundingClientRect() ?? { top: 0, height: 0 };
          void load(currentTarget.getBoundingClientRect().top > top + height / 2 ? "above" : "below");
        }}
      >
        {t("room.gapLoad")}
      </Button>
    </div>
  );
}

function PresenceNotice({ row: { notice } }: { readonly row: Extract<Row, { kind: "presence" }> }) {
  const { t, time } = useI18n();
  return (
    <p className={styles.notice}>
      {t(notice.kind === "entered" ? "room.entered" : "room.left", { name: notice.user.username })}{" "}
      <time dateTime={new Date(notice.at).toISOString()}>{time(notice.at)}</time>
    </p>
  );
}
