import type { Message, RoomListEntry } from "@multichat/protocol";
import { useMemo } from "react";
import { Link } from "wouter";
import { IconButton } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { EmptyState } from "../../components/layout/empty-state.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { chat } from "../../connection/chat.ts";
import { hasSameId, useAction } from "../../hooks/use-action.ts";
import { useMe } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { MessageText } from "../../markup/message-text.tsx";
import { getMessageHref, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { canPin } from "../../policies/room-role.ts";
import { useThrottledStore } from "../../state/store.ts";
import styles from "./pins-pane.module.css";

/** The pinned messages of the room, the latest pin first. */
export function PinsPane({ room }: { readonly room: RoomListEntry }) {
  const { t } = useI18n();
  const me = useMe();
  const { status, messages } = useThrottledStore(useMemo(() => chat.room(room.id).pins, [room.id]));
  const unpin = useAction((message: Message) => chat.room(room.id).pin(message.id, { pinned: false }), hasSameId);
  if (messages.length === 0) {
    if (status === "failed") return <p className={styles.failed}>{t("pins.failed")}</p>;
    if (status !== "live") return <SkeletonLines count={5} label={t("pins.loading")} />;
    return (
      <EmptyState illustration={<Icon name="pin" />} title={t("pins.empty")} lead={t("pins.emptyLead")} level={3} />
    );
  }
  return (
    <>
      <Problem>{unpin.problem}</Problem>
      <ul className={styles.list} aria-label={t("details.pins")}>
        {messages.map((message) => (
          <PinnedMessage
            key={message.id}
            room={room}
            message={message}
            onUnpin={canPin(me, room) && !room.archived ? () => unpin.run(message) : undefined}
          />
        ))}
      </ul>
    </>
  );
}

interface PinnedMessageProps {
  readonly room: RoomListEntry;
  readonly message: Message;
  /** undefined if the user may not unpin. */
  readonly onUnpin: (() => void) | undefined;
}

function PinnedMessage({ room, message, onUnpin }: PinnedMessageProps) {
  const { t, dateTime } = useI18n();
  const { columns } = useRoomNavigation();
  const { author, seq, body, createdAt } = message;
  const when = dateTime(createdAt);
  return (
    <li className={styles.pin}>
      <div className={styles.header}>
        {author !== null && <Avatar id={author.id} name={author.username} small />}
        {author !== null && (
          <span className={styles.author} dir="auto">
            {author.username}
          </span>
        )}
        <time className={styles.time} dateTime={new Date(createdAt).toISOString()}>
          {when}
        </time>
      </div>
      <div className={styles.body}>
        {body !== "" && <MessageText text={body} mentions={message} actor={author?.username} />}
        {message.files?.map(({ id, name }) => (
          <p key={id} className={styles.file}>
            <Icon name="file" small /> <bdi>{name}</bdi>
          </p>
        ))}
      </div>
      <div className={styles.actions}>
        <Link
          href={getMessageHref(columns, room.number, seq)}
          className={styles.link}
          aria-label={t("pins.jumpNamed", { when })}
        >
          {t("pins.jump")}
        </Link>
        {onUnpin !== undefined && (
          <IconButton icon="close" size="small" label={t("pins.unpin", { when })} onClick={onUnpin} />
        )}
      </div>
    </li>
  );
}
