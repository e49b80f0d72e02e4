import type { RoomListEntry } from "@multichat/protocol";
import { Link } from "wouter";
import { IconButton } from "../../../components/forms/button.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { PresenceDot } from "../../../components/indicators/presence-dot.tsx";
import { Tag } from "../../../components/indicators/tag.tsx";
import { useMe } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { useWideLayout } from "../../../state/media.ts";
import { usePresence } from "../../../state/presence.ts";
import { findOtherPerson, getRoomName } from "../../../state/room-name.ts";
import styles from "./conversation-header.module.css";
import { PaneButtons } from "./pane-buttons.tsx";

interface ConversationHeaderProps {
  readonly room: RoomListEntry;
  readonly onlyColumn: boolean;
  readonly onClose: (room: number) => void;
}

export function ConversationHeader({ room, onlyColumn, onClose }: ConversationHeaderProps) {
  const { t } = useI18n();
  const me = useMe();
  const wide = useWideLayout();
  const other = findOtherPerson(room, me.id);
  return (
    <header className={styles.header}>
      {!wide && (
        <Link href="/" className={styles.back} aria-label={t("action.toRooms")}>
          <Icon name="back" />
        </Link>
      )}
      <div className={styles.names}>
        <h1 className={styles.title} dir="auto">
          {getRoomName(room, me.id)}
        </h1>
        {other !== undefined && <OtherPersonPresence user={other.id} />}
        {room.topic !== "" && (
          <p className={styles.topic} title={room.topic} dir="auto">
            {room.topic}
          </p>
        )}
      </div>
      <span className={styles.tags}>
        {room.kind === "private" && <Tag icon="lock">{t("room.private")}</Tag>}
        {room.staffOnly && <Tag icon="shield">{t("room.staffOnly")}</Tag>}
        {room.archived && <Tag icon="archive">{t("room.archived")}</Tag>}
      </span>
      <PaneButtons room={room} />
      {!onlyColumn && (
        <IconButton icon="close" size="small" label={t("room.closeColumn")} onClick={() => onClose(room.number)} />
      )}
    </header>
  );
}

/** The presence of the other person of a direct conversation, in place of a topic. */
function OtherPersonPresence({ user }: { readonly user: string }) {
  const { t } = useI18n();
  const presence = usePresence(user);
  if (presence === undefined) return null;
  return (
    <p className={styles.topic}>
      <PresenceDot status={presence.status} decorative /> {t(`presence.${presence.status}`)}
      {presence.text !== "" && (
        <>
          {" · "}
          <bdi>{presence.text}</bdi>
        </>
      )}
    </p>
  );
}
