import type { Message } from "@multichat/protocol";
import { ConfirmDialog } from "../../../components/overlays/confirm-dialog.tsx";
import { chat } from "../../../connection/chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";

interface DeleteMessageProps {
  readonly message: Message;
  readonly onClose: () => void;
}

/** Asks before a message is deleted for everyone. */
export function DeleteMessage({ message, onClose }: DeleteMessageProps) {
  const { t } = useI18n();
  return (
    <ConfirmDialog
      title={t("message.deleteTitle")}
      text={t("message.deleteText")}
      action={t("message.deleteAction")}
      icon="trash"
      danger
      run={() => chat.room(message.room).remove(message.id)}
      onClose={onClose}
    />
  );
}
