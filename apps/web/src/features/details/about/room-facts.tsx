import type { RoomListEntry } from "@multichat/protocol";
import { useI18n } from "../../../i18n/i18n.ts";
import { formatSlowMode } from "../../../i18n/slow-mode.ts";
import { toUrl } from "../../../state/address.ts";
import styles from "./room-facts.module.css";

/** The room's access, the user's role, slow mode, creation date and address. */
export function RoomFacts({ room }: { readonly room: RoomListEntry }) {
  const i18n = useI18n();
  const { t, date } = i18n;
  const access = room.kind === "open" && room.staffOnly ? "staff" : room.kind;
  const address = toUrl(`/rooms/${room.number}`);
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t("about.access")}</dt>
        <dd>{t(`about.access.${access}`)}</dd>
      </div>
      {room.role !== null && room.kind !== "direct" && (
        <div>
          <dt>{t("about.role")}</dt>
          <dd>{t(`roomRole.${room.role}`)}</dd>
        </div>
      )}
      {room.kind !== "direct" && (
        <div>
          <dt>{t("field.slowMode")}</dt>
          <dd>{formatSlowMode(room.slowModeSeconds, i18n)}</dd>
        </div>
      )}
      <div>
        <dt>{t("about.created")}</dt>
        <dd>{date(room.createdAt)}</dd>
      </div>
      <div>
        <dt>{t("about.address")}</dt>
        <dd className={styles.address}>
          <bdi dir="ltr">{address}</bdi>
        </dd>
      </div>
    </dl>
  );
}
