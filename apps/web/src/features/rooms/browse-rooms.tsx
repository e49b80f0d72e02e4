import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Filter, foldedIncludes } from "../../components/forms/filter.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Dialog } from "../../components/overlays/dialog.tsx";
import { chat } from "../../connection/chat.ts";
import { useAction } from "../../hooks/use-action.ts";
import { useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useRoomNavigation } from "../../navigation/room-navigation.ts";
import { mayJoin, mayLeave } from "../../policies/room-policy.ts";
import styles from "./browse-rooms.module.css";

/** Every open room, with what it is about: to look in, to join, to leave. */
export function BrowseRooms({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const { rooms } = useRooms();
  const [asked, setAsked] = useState("");
  const open = rooms.filter((room) => room.kind === "open" && !room.archived);
  const found = open.filter((room) => foldedIncludes(`${room.title} ${room.topic} #${room.number}`, asked));
  const change = useAction(({ id, role }: RoomListEntry) =>
    chat.request(role === null ? "member.add" : "member.remove", { room: id }),
  );
  return (
    <Dialog title={t("browse.title")} onClose={onClose}>
      <p className={styles.lead}>{t("browse.lead")}</p>
      <Filter label={t("browse.filter")} value={asked} onChange={setAsked} />
      <Problem>{change.problem}</Problem>
      <ul className={styles.list} aria-label={t("browse.title")}>
        {found.map((room) => (
          <OpenRoom
            key={room.id}
            room={room}
            busy={change.busyWith?.id === room.id}
            onChange={() => change.run(room)}
            onClose={onClose}
          />
        ))}
      </ul>
      {found.length === 0 && (
        <p className={styles.lead} role="status">
          {open.length === 0 ? t("browse.none") : t("browse.nothing", { asked })}
        </p>
      )}
    </Dialog>
  );
}

interface OpenRoomProps {
  readonly room: RoomListEntry;
  readonly busy: boolean;
  /** Joins, or leaves. */
  readonly onChange: () => void;
  readonly onClose: () => void;
}

function OpenRoom({ room, busy, onChange, onClose }: OpenRoomProps) {
  const { t } = useI18n();
  const { hrefOf } = useRoomNavigation();
  return (
    <li className={styles.room}>
      <div className={styles.names}>
        <Link href={hrefOf(room.number)} className={styles.name} onClick={onClose}>
          <bdi>{room.title}</bdi>
        </Link>
        {room.topic !== "" && (
          <span className={styles.topic}>
            <bdi>{room.topic}</bdi>
          </span>
        )}
      </div>
      {room.role !== null && (
        <span className={styles.joined}>
          <Icon name="check" small /> {t("browse.joined")}
        </span>
      )}
      {mayJoin(room) && (
        <Button size="small" busy={busy} aria-label={t("browse.joinNamed", { room: room.title })} onClick={onChange}>
          {t("browse.join")}
        </Button>
      )}
      {mayLeave(room, Date.now()) && (
        <Button
          size="small"
          look="quiet"
          busy={busy}
          aria-label={t("browse.leaveNamed", { room: room.title })}
          onClick={onChange}
        >
          {t("browse.leave")}
        </Button>
      )}
    </li>
  );
}
