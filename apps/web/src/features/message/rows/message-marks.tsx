import type { Message } from "@multichat/protocol";
import { Icon } from "../../../components/indicators/icon.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import styles from "./message-marks.module.css";

/** Shown in place of a deleted message. */
export function Tombstone() {
  const { t } = useI18n();
  return (
    <p className={styles.deleted}>
      <Icon name="trash" small /> {t("message.deleted")}
    </p>
  );
}

/** Marks an edited and a pinned message. */
export function MessageMarks({ message: { editedAt, pinned } }: { readonly message: Message }) {
  const { t, dateTime } = useI18n();
  return (
    <>
      {editedAt !== null && (
        <span className={styles.mark} title={t("message.editedAt", { when: dateTime(editedAt) })}>
          {t("message.edited")}
        </span>
      )}
      {pinned && (
        <span className={styles.mark} title={t("message.pinned")}>
          <Icon name="pin" small label={t("message.pinned")} />
        </span>
      )}
    </>
  );
}
