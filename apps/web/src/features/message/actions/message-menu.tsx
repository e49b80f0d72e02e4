import type { Message } from "@multichat/protocol";
import { Icon, type IconName } from "../../../components/indicators/icon.tsx";
import { Popup } from "../../../components/overlays/popup.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { getMessagePermissions } from "../../../policies/message-policy.ts";
import { useConversation } from "../conversation-context.ts";
import styles from "./message-menu.module.css";

/** The actions of the menu, which the conversation carries out. */
export type MessageAction =
  | "reply"
  | "forward"
  | "edit"
  | "delete"
  | "pin"
  | "unread"
  | "copy-link"
  | "copy-text"
  | "history";

interface MessageMenuProps {
  readonly message: Message;
  readonly anchor: DOMRect;
  readonly onAct: (action: MessageAction) => void;
  readonly onReact: (emoji: string) => void;
  readonly onMoreEmoji: () => void;
  readonly onClose: () => void;
}

/** Offered at the top of the menu. */
const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "🙏"];

/** Lists the actions that the user may take on a message. */
export function MessageMenu({ message, anchor, onAct, onReact, onMoreEmoji, onClose }: MessageMenuProps) {
  const { t } = useI18n();
  const { roomPermissions } = useConversation();
  const permissions = getMessagePermissions(message, roomPermissions);
  const items: readonly (readonly [action: MessageAction, isOffered: boolean, icon: IconName, label: string])[] = [
    ["reply", permissions.canReply, "reply", t("message.reply")],
    ["forward", permissions.canCopy, "share", t("message.forward")],
    ["edit", permissions.canEdit, "pencil", t("message.edit")],
    ["pin", permissions.canPin, "pin", t(message.pinned ? "message.unpin" : "message.pin")],
    ["unread", permissions.canMarkUnread, "unread", t("message.markUnread")],
    ["copy-text", permissions.canCopy && message.body !== "", "copy", t("message.copyText")],
    ["copy-link", permissions.canCopy, "link", t("message.copyLink")],
    ["history", permissions.canReadHistory, "clock", t("message.history")],
    ["delete", permissions.canDelete, "trash", t("message.delete")],
  ];
  return (
    <Popup anchor={anchor} role="menu" label={t("message.actions")} onClose={onClose}>
      {permissions.canReact && (
        // biome-ignore lint/a11y/useSemanticElements: a menu may contain only items and groups of items.
        <div className={styles.quickReactions} role="group" aria-label={t("message.addReaction")}>
          {QUICK_REACTIONS.map((emoji) => (
            <button key={emoji} type="button" role="menuitem" className={styles.emoji} onClick={() => onReact(emoji)}>
              {emoji}
            </button>
          ))}
          <button
            type="button"
            role="menuitem"
            className={styles.emoji}
            aria-label={t("reaction.choose")}
            title={t("reaction.choose")}
            onClick={onMoreEmoji}
          >
            <Icon name="smile" />
          </button>
        </div>
      )}
      {items.map(
        ([action, isOffered, icon, label]) =>
          isOffered && (
            <button
              key={action}
              type="button"
              role="menuitem"
              className={styles.item}
              data-danger={action === "delete" || undefined}
              onClick={() => onAct(action)}
            >
              <Icon name={icon} small />
              {label}
            </button>
          ),
      )}
    </Popup>
  );
}
