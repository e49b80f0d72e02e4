import type { RoomListEntry } from "@multichat/protocol";
import { useRoomName } from "../../../../hooks/use-chat.ts";
import { useI18n } from "../../../../i18n/i18n.ts";
import styles from "./room-beginning.module.css";

interface RoomBeginningProps {
  readonly room: RoomListEntry;
  /** The room has no messages yet. */
  readonly empty: boolean;
}

/** Shown above the first message of a room: its name, its topic and, while it is empty, an invitation to write. */
export function RoomBeginning({ room, empty }: RoomBeginningProps) {
  const { t } = useI18n();
  const name = useRoomName(room);
  return (
    <div className={styles.beginning}>
      <p className={styles.title} dir="auto">
        {name}
      </p>
      {room.topic !== "" && (
        <p>
          <bdi>{room.topic}</bdi>
        </p>
      )}
      <p className={styles.description}>
        {t(empty ? (room.archived ? "room.emptyArchived" : "room.empty") : "room.beginning")}
      </p>
    </div>
  );
}
