import type { RoomListEntry } from "@multichat/protocol";
import { useI18n } from "../../stores/i18n/i18n.ts";
import styles from "./beginning.module.css";

interface BeginningProps {
  readonly room: RoomListEntry;
}

/** Above the first message of a room: what room this is. */
export function Beginning({ room }: BeginningProps) {
  const { t } = useI18n();
  return (
    <div className={styles.beginning}>
      <p className={styles.title}>
        <bdi>{room.title}</bdi>
      </p>
      {room.topic !== "" && <p dir="auto">{room.topic}</p>}
      <p className={styles.lead}>{t(room.archived ? "room.beginningArchived" : "room.beginning")}</p>
    </div>
  );
}
