import type { Message } from "@multichat/protocol";
import { IconButton } from "../../components/forms/button.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { summarizeMessage } from "../../markup/plain-text.ts";
import styles from "./composer-bar.module.css";

interface ComposerBarProps {
  readonly editing: Message | null;
  readonly replyTo: Message | null;
  readonly onCancel: () => void;
}

/** Shown above the field while a message is edited or replied to, with a button to cancel. */
export function ComposerBar({ editing, replyTo, onCancel }: ComposerBarProps) {
  const { t } = useI18n();
  if (editing !== null) {
    return (
      <div className={styles.bar}>
        <Icon name="pencil" small />
        <span className={styles.label}>{t("composer.editing")}</span>
        <IconButton icon="close" size="small" label={t("composer.cancelEdit")} onClick={onCancel} />
      </div>
    );
  }
  if (replyTo === null) return null;
  const name = replyTo.author?.username;
  return (
    <div className={styles.bar}>
      <Icon name="reply" small />
      <span className={styles.label}>
        {name === undefined ? t("composer.replyingNotice") : t("composer.replying", { name })}
      </span>
      <bdi className={styles.text}>{summarizeMessage(replyTo)}</bdi>
      <IconButton icon="close" size="small" label={t("composer.cancelReply")} onClick={onCancel} />
    </div>
  );
}
