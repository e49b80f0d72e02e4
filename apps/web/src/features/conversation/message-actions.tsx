import { lazy, Suspense } from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { offersAnything, rightsOf } from "../../policies/message-policy.ts";
import styles from "./message-actions.module.css";
import type { MessageActionsState } from "./use-message-actions.ts";

// Opened by hand, so they need not be there at first.
const MessageMenu = lazy(async () => ({ default: (await import("../message/message-menu.tsx")).MessageMenu }));
const EmojiPicker = lazy(async () => ({
  default: (await import("../../components/emoji/emoji-picker.tsx")).EmojiPicker,
}));
const DeleteMessage = lazy(async () => ({ default: (await import("../message/delete-message.tsx")).DeleteMessage }));
const Versions = lazy(async () => ({ default: (await import("../message/message-history.tsx")).Versions }));

/** What is open about a message: its menu, the emoji, a dialog; and what came of it. */
export function MessageActions({ actions }: { readonly actions: MessageActionsState }) {
  const { t } = useI18n();
  const { opened, message, asked, said, place } = actions;
  // It may have gone while its menu was open.
  const open = opened !== null && message !== undefined && offersAnything(rightsOf(message, place.rights));
  return (
    <Suspense fallback={null}>
      {open && opened.what === "menu" && (
        <MessageMenu
          message={message}
          at={opened.at}
          onAct={actions.act}
          onReact={actions.react}
          onMoreEmoji={actions.moreEmoji}
          onClose={actions.close}
        />
      )}
      {open && opened.what === "reactions" && (
        <EmojiPicker at={opened.at} onPick={actions.react} onClose={actions.close} />
      )}
      {asked?.what === "delete" && <DeleteMessage message={asked.message} onClose={actions.closeDialog} />}
      {asked?.what === "versions" && <Versions message={asked.message} onClose={actions.closeDialog} />}
      <div role="status">
        {said !== null && (
          <p className={styles.said} data-problem={said.problem || undefined}>
            <span>{said.text}</span>
            <IconButton icon="close" size="small" label={t("action.close")} onClick={actions.hush} />
          </p>
        )}
      </div>
    </Suspense>
  );
}
