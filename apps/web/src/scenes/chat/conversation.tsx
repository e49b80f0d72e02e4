import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import { useCallback, useRef } from "react";
import { SkeletonMessages } from "../../components/skeleton.tsx";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { Composer, type ComposerHandle } from "./composer.tsx";
import styles from "./conversation.module.css";
import { ConversationHeader } from "./conversation-header.tsx";
import { MessageList, type MessageListHandle } from "./message-list.tsx";
import type { RoomNavigation } from "./navigation.ts";

interface ConversationProps {
  readonly room: RoomListEntry;
  readonly snapshot: RoomSnapshot;
  readonly active: boolean;
  readonly alone: boolean;
  readonly navigation: RoomNavigation;
}

export function Conversation({ room, snapshot, active, alone, navigation }: ConversationProps) {
  const { t } = useI18n();
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const toNewest = useCallback(() => list.current?.toNewest(), []);
  const cold = snapshot.items.length === 0 && (snapshot.status === "cold" || snapshot.status === "loading");
  return (
    <>
      <ConversationHeader room={room} alone={alone} navigation={navigation} />
      {cold ? (
        <div className={styles.body}>
          <SkeletonMessages label={t("room.loading")} />
        </div>
      ) : (
        <MessageList
          ref={list}
          room={room}
          snapshot={snapshot}
          alone={alone}
          onEscape={() => composer.current?.focus()}
        />
      )}
      {room.archived ? (
        <p className={styles.closed}>{t("room.archivedNote")}</p>
      ) : (
        <Composer ref={composer} room={room.id} title={room.title} active={active} onSent={toNewest} />
      )}
    </>
  );
}
