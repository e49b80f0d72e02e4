import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Link } from "wouter";
import { Button, IconButton } from "../../components/forms/button.tsx";
import { FilterField, includesIgnoringCase } from "../../components/forms/filter.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Tag } from "../../components/indicators/tag.tsx";
import { Page } from "../../components/layout/page.tsx";
import { useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { openOverlay } from "../../state/overlay.ts";
import { DeleteRoom } from "../rooms/delete-room.tsx";
import { EditRoom } from "../rooms/edit-room.tsx";
import styles from "./admin-list.module.css";

import { AdminTabs } from "./admin-tabs.tsx";

type OpenDialog = { readonly kind: "edit" | "delete"; readonly room: RoomListEntry } | undefined;

/** Lists all rooms. It uses the live room list, so it never loads or reloads. */
export function RoomsPage() {
  const { t, duration } = useI18n();
  // Direct conversations are not administered.
  const rooms = useRooms().rooms.filter((room) => room.kind !== "direct");
  const [query, setQuery] = useState("");
  const [dialog, setDialog] = useState<OpenDialog>();
  const matches = rooms.filter((room) => includesIgnoringCase(`${room.title} ${room.topic} #${room.number}`, query));
  const close = () => setDialog(undefined);
  return (
    <Page
      title={t("admin.title")}
      tabs={<AdminTabs />}
      actions={
        <Button variant="primary" icon="plus" onClick={() => openOverlay("create-room")}>
          {t("room.create")}
        </Button>
      }
    >
      <FilterField label={t("admin.findRooms")} value={query} onChange={setQuery} />
      <ul className={styles.list} aria-label={t("admin.rooms")}>
        {matches.map((room) => (
          <li key={room.id} className={styles.item}>
            <span className={styles.number} title={t("admin.roomNumber")}>
              {room.number}
            </span>
            <div className={styles.names}>
              <Link href={`/rooms/${room.number}`} className={styles.name}>
                <bdi>{room.title}</bdi>
              </Link>
              {room.topic !== "" && (
                <span className={styles.note} dir="auto">
                  {room.topic}
                </span>
              )}
            </div>
            <div className={styles.tags}>
              {room.kind === "private" && <Tag icon="lock">{t("room.private")}</Tag>}
              {room.slowModeSeconds > 0 && (
                <Tag icon="clock">{t("room.slowMode", { time: duration(room.slowModeSeconds) })}</Tag>
              )}
              {room.staffOnly && <Tag icon="shield">{t("room.staffOnly")}</Tag>}
              {room.archived && <Tag icon="archive">{t("room.archived")}</Tag>}
            </div>
            <div className={styles.actions}>
              <IconButton
                icon="pencil"
                label={t("admin.editNamed", { name: room.title })}
                onClick={() => setDialog({ kind: "edit", room })}
              />
              <IconButton
                icon="trash"
                label={t("admin.deleteNamed", { name: room.title })}
                onClick={() => setDialog({ kind: "delete", room })}
              />
            </div>
          </li>
        ))}
      </ul>
      {matches.length === 0 && (
        <p className={styles.empty} role="status">
          <Icon name="search" small /> {t(rooms.length === 0 ? "rooms.emptyCreate" : "admin.noResults")}
        </p>
      )}
      {dialog?.kind === "edit" && <EditRoom room={dialog.room} onClose={close} />}
      {dialog?.kind === "delete" && <DeleteRoom room={dialog.room} onClose={close} />}
    </Page>
  );
}
