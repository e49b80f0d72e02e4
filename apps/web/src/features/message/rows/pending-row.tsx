import type { OutboxMessage } from "@multichat/client";
import { memo } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { describeCode } from "../../../hooks/use-describe-failure.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { MessageText } from "../../../markup/message-text.tsx";
import { MessageFiles } from "../files/message-files.tsx";
import styles from "./message-row.module.css";
import { RowFrame } from "./row-frame.tsx";

interface PendingRowProps {
  readonly pending: OutboxMessage;
  readonly startsGroup: boolean;
}

/** A message of the user that is not sent yet. */
export const PendingRow = memo(function PendingRow({ pending, startsGroup }: PendingRowProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const me = useMe();
  const failed = pending.state === "failed" ? pending : undefined;
  return (
    <RowFrame
      id={me.id}
      name={me.username}
      at={pending.createdAt}
      isOwn
      startsGroup={startsGroup}
      state={pending.state}
      quoted={pending.replyTo}
    >
      <div className={styles.body}>
        {pending.body !== "" && <MessageText text={pending.body} mentions={null} actor={me.username} />}
        {pending.files !== undefined && <MessageFiles files={pending.files} />}
      </div>
      {failed === undefined ? (
        <span className={styles.sending}>
          <Icon name="clock" small label={t("message.sending")} />
        </span>
      ) : (
        <div className={styles.failed} role="alert">
          <span>
            <Icon name="warning" small /> {t("message.failed")} {describeCode(failed.code, failed.message, i18n)}
          </span>
          <Button
            size="small"
            icon="retry"
            onClick={(event) => {
              focusComposer(event.currentTarget);
              chat.outbox.retry(pending.clientId);
            }}
          >
            {t("message.retry")}
          </Button>
          <Button
            size="small"
            variant="quiet"
            icon="trash"
            onClick={(event) => {
              focusComposer(event.currentTarget);
              chat.outbox.discard(pending.clientId);
            }}
          >
            {t("message.discard")}
          </Button>
        </div>
      )}
    </RowFrame>
  );
});

/** The pressed button disappears, so the focus moves to the composer of the same room. */
function focusComposer(button: HTMLElement): void {
  button.closest("[data-room]")?.querySelector("textarea")?.focus();
}
