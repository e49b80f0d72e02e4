import type { Message } from "@multichat/protocol";
import { IconButton } from "../../../components/forms/button.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import type { MessagePermissions } from "../../../policies/message-policy.ts";
import { useConversation } from "../conversation-context.ts";
import styles from "./message-toolbar.module.css";

interface MessageToolbarProps {
  readonly message: Message;
  readonly permissions: MessagePermissions;
  /** Its menu is open. */
  readonly open: boolean;
}

/** The most frequent actions and the menu. Rendered on the row that is hovered or has the focus. */
export function MessageToolbar({ message, permissions, open }: MessageToolbarProps) {
  const { t } = useI18n();
  const conversation = useConversation();
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t("message.actions")}>
      {permissions.canReact && (
        <IconButton
          icon="smile"
          size="small"
          label={t("message.addReaction")}
          onClick={({ currentTarget }) => conversation.openPopup(message, "reactions", currentTarget)}
        />
      )}
      {permissions.canReply && (
        <IconButton icon="reply" size="small" label={t("message.reply")} onClick={() => conversation.reply(message)} />
      )}
      <MoreButton message={message} open={open} />
    </div>
  );
}

interface MoreButtonProps {
  readonly message: Message;
  readonly open: boolean;
}

function MoreButton({ message, open }: MoreButtonProps) {
  const { t } = useI18n();
  const conversation = useConversation();
  return (
    <IconButton
      icon="more"
      size="small"
      label={t("message.more")}
      aria-haspopup="menu"
      aria-expanded={open}
      onClick={({ currentTarget }) => conversation.openPopup(message, "menu", currentTarget)}
    />
  );
}

/** On touch screens, where nothing can be hovered: the button that opens the menu. */
export function TouchToolbar({ message, open }: MoreButtonProps) {
  return (
    <div className={styles.touch}>
      <MoreButton message={message} open={open} />
    </div>
  );
}
