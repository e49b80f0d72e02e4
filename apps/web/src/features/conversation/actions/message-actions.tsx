import { IconButton } from "../../../components/forms/button.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { lazyComponent } from "../../../i18n/lazy-component.ts";
import { getMessagePermissions, hasAnyPermission } from "../../../policies/message-policy.ts";
import styles from "./message-actions.module.css";
import type { MessageActionsState } from "./use-message-actions.ts";

// Loaded on demand to keep the first load small.
const MessageMenu = lazyComponent(() => import("../../message/actions/message-menu.tsx"), "MessageMenu");
const EmojiPicker = lazyComponent(() => import("../../emoji/emoji-picker.tsx"), "EmojiPicker");
const ProfileCard = lazyComponent(() => import("../../profile/profile-card.tsx"), "ProfileCard");
const DeleteMessage = lazyComponent(() => import("../../message/actions/delete-message.tsx"), "DeleteMessage");
const ForwardMessage = lazyComponent(() => import("../../message/actions/forward-message.tsx"), "ForwardMessage");
const MessageHistory = lazyComponent(() => import("../../message/actions/message-history.tsx"), "MessageHistory");

/** The open menu, emoji picker or dialog of a message, and the result of the last action. */
export function MessageActions({ actions }: { readonly actions: MessageActionsState }) {
  const { t } = useI18n();
  const { popup, message, dialog, status, conversation } = actions;
  // The message may have been deleted while its menu was open.
  const open =
    popup !== null &&
    message !== undefined &&
    hasAnyPermission(getMessagePermissions(message, conversation.roomPermissions));
  return (
    <>
      {open && popup.kind === "menu" && (
        <MessageMenu
          message={message}
          anchor={popup.anchor}
          onAct={actions.runAction}
          onReact={actions.react}
          onMoreEmoji={actions.openEmojiPicker}
          onClose={actions.closePopup}
        />
      )}
      {open && popup.kind === "reactions" && (
        <EmojiPicker anchor={popup.anchor} onPick={actions.react} onClose={actions.closePopup} />
      )}
      {popup?.kind === "profile" && message?.author != null && (
        <ProfileCard
          person={message.author}
          anchor={popup.anchor}
          room={conversation.number}
          onMention={conversation.roomPermissions.canWrite ? actions.mention : undefined}
          onClose={actions.closePopup}
        />
      )}
      {dialog?.kind === "delete" && <DeleteMessage message={dialog.message} onClose={actions.closeDialog} />}
      {dialog?.kind === "forward" && (
        <ForwardMessage
          message={dialog.message}
          from={conversation.number}
          onForwarded={actions.reportForwarded}
          onClose={actions.closeDialog}
        />
      )}
      {dialog?.kind === "history" && <MessageHistory message={dialog.message} onClose={actions.closeDialog} />}
      <div role="status">
        {status !== null && (
          <p className={styles.status} data-problem={status.isError || undefined}>
            <span>{status.text}</span>
            <IconButton icon="close" size="small" label={t("action.close")} onClick={actions.dismissStatus} />
          </p>
        )}
      </div>
    </>
  );
}
