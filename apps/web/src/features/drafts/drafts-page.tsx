import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Link } from "wouter";
import { IconButton } from "../../components/forms/button.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { EmptyState } from "../../components/layout/empty-state.tsx";
import { Page } from "../../components/layout/page.tsx";
import { useMe, useRoomName, useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useRoomNavigation } from "../../navigation/room-navigation.ts";
import { type Draft, listDrafts, useDraftRooms, writeDraft } from "../../state/storage/drafts.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import styles from "./drafts-page.module.css";

/** As much of a draft as is shown. */
const MAX_EXCERPT_CHARS = 300;

/** The messages that the user has begun and not sent, on this device. */
export function DraftsPage() {
  const { t } = useI18n();
  const me = useMe();
  const { rooms } = useRooms();
  // Renders again when a draft appears or goes, also in another tab.
  useDraftRooms(me.id);
  const [discarded, setDiscarded] = useState<{ readonly room: RoomListEntry; readonly draft: Draft }>();
  const drafts = listDrafts(me.id).flatMap(({ room: id, draft }) => {
    const room = rooms.find((listed) => listed.id === id);
    return room === undefined ? [] : [{ room, draft }];
  });
  useTitle(t("drafts.title"));

  function discard(room: RoomListEntry, draft: Draft): void {
    writeDraft(me.id, room.id, { text: "", replyTo: null });
    setDiscarded({ room, draft });
  }

  return (
    <Page title={t("drafts.title")}>
      <p className={styles.lead}>{t("drafts.lead")}</p>
      {drafts.length === 0 && (
        <EmptyState illustration={<Icon name="pencil" />} title={t("drafts.none")} lead={t("drafts.noneLead")} />
      )}
      <ul className={styles.list} aria-label={t("drafts.title")}>
        {drafts.map(({ room, draft }) => (
          <DraftRow key={room.id} room={room} draft={draft} onDiscard={() => discard(room, draft)} />
        ))}
      </ul>
      <div role="status">
        {discarded !== undefined && (
          <p className={styles.status}>
            {t("drafts.discarded")}
            <button
              type="button"
              className={styles.undo}
              onClick={() => {
                writeDraft(me.id, discarded.room.id, discarded.draft);
                setDiscarded(undefined);
              }}
            >
              {t("action.undo")}
            </button>
          </p>
        )}
      </div>
    </Page>
  );
}

interface DraftRowProps {
  readonly room: RoomListEntry;
  readonly draft: Draft;
  readonly onDiscard: () => void;
}

function DraftRow({ room, draft, onDiscard }: DraftRowProps) {
  const { t } = useI18n();
  const name = useRoomName(room);
  const { getHref } = useRoomNavigation();
  return (
    <li className={styles.item}>
      <Link href={getHref(room.number)} className={styles.draft}>
        <bdi className={styles.room}>{name}</bdi>
        <span className={styles.text} dir="auto">
          {draft.text.trim() === "" && draft.replyTo !== null
            ? t("drafts.reply", { name: draft.replyTo.author?.username ?? "" })
            : draft.text.slice(0, MAX_EXCERPT_CHARS)}
        </span>
      </Link>
      <IconButton icon="trash" label={t("drafts.discard", { room: name })} onClick={onDiscard} />
    </li>
  );
}
