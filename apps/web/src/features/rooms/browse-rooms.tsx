import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { FilterField, includesIgnoringCase } from "../../components/forms/filter.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Dialog } from "../../components/overlays/dialog.tsx";
import { sendCommand } from "../../connection/send-command.ts";
import { hasSameId, useAction } from "../../hooks/use-action.ts";
import { useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useRoomNavigation } from "../../navigation/room-navigation.ts";
import { canJoin, canLeave } from "../../policies/room-policy.ts";
import styles from "./browse-rooms.module.css";

/** Lists the open rooms with their topics, to open, join or leave them. */
export function BrowseRooms({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const { rooms } = useRooms();
  const [query, setQuery] = useState("");
  const openRooms = rooms.filter((room) => room.kind === "open" && !room.archived);
  const matches = openRooms.filter((room) =>
    includesIgnoringCase(`${room.title} ${room.topic} #${room.number}`, query),
  );
  const change = useAction(
    ({ id, role }: RoomListEntry) => sendCommand(role === null ? "member.add" : "member.remove", { room: id }),
    hasSameId,
  );
  return (
    <Dialog title={t("browse.title")} onClose={onClose}>
      <p className={styles.description}>{t("browse.lead")}</p>
      <FilterField label={t("browse.filter")} value={query} onChange={setQuery} />
      <Problem>{change.problem}</Problem>
      <ul className={styles.list} aria-label={t("browse.title")}>
        {matches.map((room) => (
          <OpenRoom
            key={room.id}
            room={room}
            busy={change.pending.some(({ id }) => id === room.id)}
            onToggleMembership={() => change.run(room)}
            onClose={onClose}
          />
        ))}
      </ul>
      {matches.length === 0 && (
        <p className={styles.description} role="status">
          {openRooms.length === 0 ? t("browse.empty") : t("browse.noResults", { query })}
        </p>
      )}
    </Dialog>
  );
}

interface OpenRoomProps {
  readonly room: RoomListEntry;
  readonly busy: boolean;
  readonly onToggleMembership: () => void;
  readonly onClose: () => void;
}

function OpenRoom({ room, busy, onToggleMembership, onClose }: OpenRoomProps) {
  const { t } = useI18n();
  const { getHref } = useRoomNavigation();
  return (
    <li className={styles.room}>
      <div className={styles.names}>
        <Link href={getHref(room.number)} className={styles.name} onClick={onClose}>
          <bdi>{room.title}</bdi>
        </Link>
        {room.topic !== "" && (
          <span className={styles.topic} dir="auto">
            {room.topic}
          </span>
        )}
      </div>
      {room.role !== null && (
        <span className={styles.joined}>
          <Icon name="check" small /> {t("browse.joined")}
        </span>
      )}
      {canJoin(room) && (
        <Button
          size="small"
          busy={busy}
          aria-label={t("browse.joinNamed", { room: room.title })}
          onClick={onToggleMembership}
        >
          {t("browse.join")}
        </Button>
      )}
      {canLeave(room, Date.now()) && (
        <Button
          size="small"
          variant="quiet"
          busy={busy}
          aria-label={t("browse.leaveNamed", { room: room.title })}
          onClick={onToggleMembership}
        >
          {t("browse.leave")}
        </Button>
      )}
    </li>
  );
}
