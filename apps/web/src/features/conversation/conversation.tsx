import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import { useCallback, useRef, useState } from "react";
import { SkeletonMessages } from "../../components/layout/skeleton.tsx";
import { useMe, useProfile, useRoomName } from "../../hooks/use-chat.ts";
import { useStable } from "../../hooks/use-shallow-stable.ts";
import { useTimeLeft } from "../../hooks/use-time-left.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { rightsIn } from "../../policies/message-policy.ts";
import { Composer, type ComposerHandle } from "../composer/composer.tsx";
import { PlaceContext } from "../message/conversation-context.ts";
import styles from "./conversation.module.css";
import { ConversationHeader } from "./conversation-header.tsx";
import { MessageActions } from "./message-actions.tsx";
import { slowUntil } from "./slow-mode.ts";
import { MessageList, type MessageListHandle } from "./timeline/message-list.tsx";
import { useMessageActions } from "./use-message-actions.ts";

interface ConversationProps {
  readonly room: RoomListEntry;
  readonly snapshot: RoomSnapshot;
  readonly active: boolean;
  readonly alone: boolean;
  /** The message that the address points at. */
  readonly seq: number | undefined;
  /** Closes the column of the room of this number. */
  readonly onClose: (room: number) => void;
}

export function Conversation({ room, snapshot, active, alone, seq, onClose }: ConversationProps) {
  const { t } = useI18n();
  const me = useMe();
  const { mayReadVersions } = useProfile();
  const name = useRoomName(room);
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [editing, setEditing] = useState<string | null>(null);

  const muted = useTimeLeft(room.mutedUntil) > 0;
  const rights = useStable(rightsIn(me, { room, muted, versions: mayReadVersions }));
  const actions = useMessageActions({ room, rights, items: snapshot.items, list, composer });

  const toNewest = useCallback(() => list.current?.toNewest(), []);
  const cold = snapshot.items.length === 0 && (snapshot.status === "cold" || snapshot.status === "loading");
  return (
    <PlaceContext value={actions.place}>
      <ConversationHeader room={room} alone={alone} onClose={onClose} />
      {cold ? (
        <div className={styles.body}>
          <SkeletonMessages label={t("room.loading")} />
        </div>
      ) : (
        <MessageList
          ref={list}
          seq={seq}
          room={room}
          name={name}
          snapshot={snapshot}
          alone={alone}
          opened={actions.opened?.message ?? null}
          editing={editing}
          onEscape={() => composer.current?.focus()}
        />
      )}
      <MessageActions actions={actions} />
      {room.archived ? (
        <p className={styles.closed}>{t("room.archivedNote")}</p>
      ) : muted && room.mutedUntil !== null ? (
        <Muted until={room.mutedUntil} />
      ) : (
        <Composer
          ref={composer}
          room={room.id}
          number={room.number}
          title={name}
          active={active}
          mayMentionAll={rights.moderate}
          slowUntil={slowUntil(me, room, snapshot.items)}
          typing={snapshot.typing}
          lastOwn={actions.lastOwn}
          onEditing={setEditing}
          onSent={toNewest}
        />
      )}
    </PlaceContext>
  );
}

function Muted({ until }: { readonly until: number }) {
  const { t, moment } = useI18n();
  return (
    <p className={styles.closed} role="status">
      {t("composer.muted", { when: moment(until) })}
    </p>
  );
}
