import type { OutboxMessage } from "@multichat/client";
import type { Message } from "@multichat/protocol";
import { memo, type ReactNode } from "react";
import { Avatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { chat } from "../../connection/chat.ts";
import { useMe } from "../../stores/chat.ts";
import { describeCode } from "../../stores/failure.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { Linked } from "./linked.tsx";
import styles from "./message-row.module.css";

interface MessageRowProps {
  readonly message: Message;
  readonly own: boolean;
  readonly head: boolean;
}

export const MessageRow = memo(function MessageRow({ message, own, head }: MessageRowProps) {
  if (message.kind !== "message") return <NoticeRow message={message} />;
  return (
    <Frame
      id={message.author?.id ?? ""}
      name={message.author?.username ?? ""}
      at={message.createdAt}
      own={own}
      head={head}
    >
      <div className={styles.body} dir="auto">
        <Linked text={message.body} />
      </div>
    </Frame>
  );
});

interface PendingRowProps {
  readonly pending: OutboxMessage;
  readonly head: boolean;
}

/** A message of one's own on its way out. */
export const PendingRow = memo(function PendingRow({ pending, head }: PendingRowProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const me = useMe();
  const failed = pending.state === "failed" ? pending : undefined;
  return (
    <Frame id={me.id} name={me.username} at={pending.createdAt} own head={head} state={pending.state}>
      <div className={styles.body} dir="auto">
        <Linked text={pending.body} />
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
          <Button size="small" icon="retry" onClick={() => chat.outbox.retry(pending.clientId)}>
            {t("message.retry")}
          </Button>
          <Button size="small" look="quiet" icon="trash" onClick={() => chat.outbox.discard(pending.clientId)}>
            {t("message.discard")}
          </Button>
        </div>
      )}
    </Frame>
  );
});

interface FrameProps {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  readonly own: boolean;
  readonly head: boolean;
  readonly state?: OutboxMessage["state"];
  readonly children: ReactNode;
}

/** What posted and pending messages have in common: who, when, and the place of the text. */
function Frame({ id, name, at, own, head, state, children }: FrameProps) {
  const { t, time, moment } = useI18n();
  const clock = (
    <time
      className={styles.time}
      dateTime={new Date(at).toISOString()}
      // Written out when somebody asks: it is not cheap, and there are many.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = moment(at);
      }}
    >
      {time(at)}
    </time>
  );
  return (
    <article className={styles.row} data-own={own || undefined} data-head={head || undefined} data-state={state}>
      <div className={styles.gutter}>{head ? <Avatar id={id} name={name} /> : clock}</div>
      <div className={styles.content}>
        {head && (
          <header className={styles.header}>
            <span className={styles.author}>
              <bdi>{name}</bdi>
            </span>
            {own && <span className={styles.you}>{t("message.you")}</span>}
            {clock}
          </header>
        )}
        {children}
      </div>
    </article>
  );
}

/** A notice of staff or of a script: its kind is its colour and its sign. */
function NoticeRow({ message }: { readonly message: Message }) {
  const { t, time, moment } = useI18n();
  const { kind } = message;
  const name = kind === "muted" ? undefined : t(kind === "alert" ? "notice.alert" : "notice.warning");
  return (
    <article className={styles.notice} data-kind={kind}>
      {name !== undefined && <Icon name="warning" label={name} />}
      <div className={styles.noticeBody} dir="auto">
        <Linked text={message.body} />
      </div>
      <footer className={styles.noticeFoot}>
        {message.author !== null && <bdi>{message.author.username}</bdi>}{" "}
        <time dateTime={new Date(message.createdAt).toISOString()} title={moment(message.createdAt)}>
          {time(message.createdAt)}
        </time>
      </footer>
    </article>
  );
}
