import type { RoomListEntry } from "@multichat/protocol";
import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Tag } from "../../components/tag.tsx";
import { useMe } from "../../stores/chat.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { useWide } from "../../stores/media.ts";
import styles from "./conversation-header.module.css";
import type { RoomNavigation } from "./navigation.ts";

const EditRoom = lazy(async () => ({ default: (await import("../rooms/edit-room.tsx")).EditRoom }));

interface ConversationHeaderProps {
  readonly room: RoomListEntry;
  readonly alone: boolean;
  readonly navigation: RoomNavigation;
}

export function ConversationHeader({ room, alone, navigation }: ConversationHeaderProps) {
  const { t } = useI18n();
  const me = useMe();
  const wide = useWide();
  const [editing, setEditing] = useState(false);
  return (
    <header className={styles.header}>
      {!wide && (
        <Link href="/" className={styles.back} aria-label={t("action.toRooms")}>
          <Icon name="back" />
        </Link>
      )}
      <div className={styles.names}>
        <h1 className={styles.title}>
          <bdi>{room.title}</bdi>
        </h1>
        {room.topic !== "" && (
          <p className={styles.topic} title={room.topic}>
            <bdi>{room.topic}</bdi>
          </p>
        )}
      </div>
      {room.staffOnly && <Tag icon="shield">{t("room.staffOnly")}</Tag>}
      {room.archived && <Tag icon="archive">{t("room.archived")}</Tag>}
      {me.staff && <IconButton icon="pencil" size="small" label={t("room.edit")} onClick={() => setEditing(true)} />}
      {!alone && (
        <IconButton
          icon="close"
          size="small"
          label={t("room.closeColumn")}
          onClick={() => navigation.close(room.number)}
        />
      )}
      {editing && (
        <Suspense fallback={null}>
          <EditRoom room={room} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </header>
  );
}
