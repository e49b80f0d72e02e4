import type { Message } from "@multichat/protocol";
import { Icon } from "../../../components/indicators/icon.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { MessageText } from "../../../markup/message-text.tsx";
import { Reactions } from "../reactions/reactions.tsx";
import { MessageMarks, Tombstone } from "./message-marks.tsx";
import styles from "./notice-row.module.css";
import { useRowActions } from "./row-frame.tsx";

interface NoticeRowProps {
  readonly message: Message;
  readonly highlighted: boolean;
  readonly open: boolean;
}

/** A notice posted by staff or a script; its kind decides color and icon. */
export function NoticeRow({ message, highlighted, open }: NoticeRowProps) {
  const { t, time, dateTime } = useI18n();
  const actions = useRowActions(message, { isOpen: open });
  const { kind } = message;
  const deleted = message.deletedAt !== null;
  const label = kind === "muted" ? undefined : t(kind === "alert" ? "notice.alert" : "notice.warning");
  return (
    <article
      className={styles.notice}
      data-kind={deleted ? "muted" : kind}
      data-marked={highlighted || undefined}
      {...actions.row}
    >
      {label !== undefined && !deleted && <Icon name="warning" label={label} />}
      <div className={styles.body}>
        {deleted ? <Tombstone /> : <MessageText text={message.body} mentions={message} />}
      </div>
      <footer className={styles.footer}>
        {message.author !== null && <bdi>{message.author.username}</bdi>}{" "}
        <time dateTime={new Date(message.createdAt).toISOString()} title={dateTime(message.createdAt)}>
          {time(message.createdAt)}
        </time>
        <MessageMarks message={message} />
      </footer>
      {message.reactions.length > 0 && !deleted && <Reactions message={message} />}
      {actions.toolbar}
    </article>
  );
}
