import type { Message } from "@multichat/protocol";
import { Icon } from "../../components/indicators/icon.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { MessageText } from "../../markup/message-text.tsx";
import { Marks, Tombstone } from "./message-marks.tsx";
import styles from "./notice-row.module.css";
import { Reactions } from "./reactions.tsx";
import { useActions } from "./row-frame.tsx";

interface NoticeRowProps {
  readonly message: Message;
  readonly marked: boolean;
  readonly open: boolean;
}

/** A notice of staff or of a script: its kind is its colour and its sign. */
export function NoticeRow({ message, marked, open }: NoticeRowProps) {
  const { t, time, moment } = useI18n();
  const actions = useActions(message, open);
  const { kind } = message;
  const gone = message.deletedAt !== null;
  const name = kind === "muted" ? undefined : t(kind === "alert" ? "notice.alert" : "notice.warning");
  return (
    <article
      className={styles.notice}
      data-kind={gone ? "muted" : kind}
      data-marked={marked || undefined}
      {...actions.row}
    >
      {name !== undefined && !gone && <Icon name="warning" label={name} />}
      <div className={styles.body}>
        {gone ? <Tombstone /> : <MessageText text={message.body} addressed={message} />}
      </div>
      <footer className={styles.foot}>
        {message.author !== null && <bdi>{message.author.username}</bdi>}{" "}
        <time dateTime={new Date(message.createdAt).toISOString()} title={moment(message.createdAt)}>
          {time(message.createdAt)}
        </time>
        <Marks message={message} />
      </footer>
      {message.reactions.length > 0 && !gone && <Reactions message={message} />}
      {actions.toolbar}
    </article>
  );
}
