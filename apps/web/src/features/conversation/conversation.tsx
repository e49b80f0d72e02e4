import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { SkeletonMessages } from "../../components/layout/skeleton.tsx";
import { useMe, useProfile, useRoomName } from "../../hooks/use-chat.ts";
import { useShallowStable } from "../../hooks/use-shallow-stable.ts";
import { useTimeLeft } from "../../hooks/use-time-left.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { lazyComponent } from "../../i18n/lazy-component.ts";
import { getRoomPermissions } from "../../policies/message-policy.ts";
import { canReachPeople } from "../../policies/room-policy.ts";
import { Composer, type ComposerHandle } from "../composer/composer.tsx";
import { ConversationContext } from "../message/conversation-context.ts";
import { useMessageActions } from "./actions/use-message-actions.ts";
import styles from "./conversation.module.css";
import { ConversationHeader } from "./header/conversation-header.tsx";
import { getSlowModeEnd } from "./slow-mode.ts";
import { MessageList, type MessageListHandle } from "./timeline/message-list.tsx";

const MessageActions = lazyComponent(() => import("./actions/message-actions.tsx"), "MessageActions");

interface ConversationProps {
  readonly room: RoomListEntry;
  readonly snapshot: RoomSnapshot;
  readonly active: boolean;
  readonly onlyColumn: boolean;
  /** The message that the address names. */
  readonly targetSeq: number | undefined;
  /** Closes the column of the room of this number. */
  readonly onClose: (room: number) => void;
}

export function Conversation({ room, snapshot, active, onlyColumn, targetSeq, onClose }: ConversationProps) {
  const { t } = useI18n();
  const me = useMe();
  const { mayReadVersions: canReadHistory } = useProfile();
  const name = useRoomName(room);
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [editing, setEditing] = useState<string | null>(null);

  const isMuted = useTimeLeft(room.mutedUntil) > 0;
  const isDeactivated = !canReachPeople(me, room);
  const permissions = useShallowStable(getRoomPermissions(me, { room, isMuted, canReadHistory }));
  const actions = useMessageActions({ room, permissions, items: snapshot.items, list, composer });

  const isReadOnly = room.archived || isDeactivated || isMuted;
  useEffect(() => {
    // The composer that had the focus is gone.
    if (isReadOnly && document.activeElement === document.body) list.current?.focusMessage("");
  }, [isReadOnly]);

  const scrollToNewest = useCallback(() => list.current?.scrollToNewest(), []);
  const isLoading = snapshot.items.length === 0 && (snapshot.status === "cold" || snapshot.status === "loading");
  return (
    <ConversationContext value={actions.conversation}>
      <ConversationHeader room={room} onlyColumn={onlyColumn} onClose={onClose} />
      {isLoading ? (
        <div className={styles.body}>
          <SkeletonMessages label={t("room.loading")} />
        </div>
      ) : (
        <MessageList
          handle={list}
          seq={targetSeq}
          room={room}
          roomName={name}
          snapshot={snapshot}
          onlyColumn={onlyColumn}
          popupMessageId={actions.popup?.message ?? null}
          editingId={editing}
          onEscape={() => composer.current?.focus()}
        />
      )}
      <MessageActions actions={actions} />
      {room.archived ? (
        <p className={styles.notice}>{t("room.archivedNote")}</p>
      ) : isDeactivated ? (
        <p className={styles.notice} role="status">
          {t("composer.deactivated", { name })}
        </p>
      ) : isMuted && room.mutedUntil !== null ? (
        <MutedNotice until={room.mutedUntil} />
      ) : (
        <Composer
          handle={composer}
          roomId={room.id}
          roomNumber={room.number}
          title={name}
          active={active}
          canMentionAll={permissions.canModerate}
          slowUntil={getSlowModeEnd(me, room, snapshot.items)}
          typing={snapshot.typing}
          findLastEditable={actions.findLastEditable}
          onEditing={setEditing}
          onSent={scrollToNewest}
        />
      )}
    </ConversationContext>
  );
}

function MutedNotice({ until }: { readonly until: number }) {
  const { t, dateTime } = useI18n();
  return (
    <p className={styles.notice} role="status">
      {t("composer.muted", { when: dateTime(until) })}
    </p>
  );
}
