import type { RoomEvent } from "@multichat/client";
import { useI18n } from "../../../../i18n/i18n.ts";
import { describeEvent } from "./event-text.ts";
import styles from "./row-view.module.css";

/** An event of the room, one quiet line per change. */
export function EventLine({ event }: { readonly event: RoomEvent }) {
  const { t } = useI18n();
  return (
    <div className={styles.notice} data-kind="event">
      {describeEvent(event, t).map((line) => (
        <p key={line} dir="auto">
          {line}
        </p>
      ))}
    </div>
  );
}
