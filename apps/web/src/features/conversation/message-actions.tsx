import { lazy, Suspense } from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { getMessagePermissions, hasAnyPermission } from "../../policies/message-policy.ts";
import styles from "./message-actions.module.css";
import type { MessageActionsState } from "./use-message-actions.ts";

// Opened by hand, so they need not be there at first.
const MessageMenu = lazy(async () => ({ default: (await import("../message/message-menu.tsx")).MessageMenu }));
const EmojiPicker = lazy(async () => ({
  default: (await import("../../components/emoji/emoji-picker.tsx")).EmojiPicker,
}));
const DeleteMessage = lazy(async () => ({ default: (await import("../message/delete-message.tsx")).DeleteMessage }));
const Versions = lazy(async () => ({ default: (await import("../message/message-history.tsx")).MessageHistory }));

/** What is open about a message: its menu, the emoji, a dialog; and what came of it. */
export function MessageActions({ actions }: { readonly actions: MessageActionsState }) {
  const { t } = useI18n();
  const { popup, message, dialog, status, conversation } = actions;
  // It may have gone while its menu was open.
  const open =
    popup !== null &&
    message !== undefined &&
    hasAnyPermission(getMessagePermissions(message, conversation.roomPermissions));
  return (
    <Suspense fallback={null}>
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
      {dialog?.what === "delete" && <DeleteMessage message={dialog.message} onClose={actions.closeDialog} />}
      {dialog?.what === "versions" && <Versions message={dialog.message} onClose={actions.closeDialog} />}
      <div role="status">
        {status !== null && (
          <p className={styles.said} data-problem={status.isError || undefined}>
            <span>{status.text}</span>
            <IconButton icon="close" size="small" label={t("action.close")} onClick={actions.dismissStatus} />
          </p>
        )}
      </div>
    </Suspense>
  );
}
