import type { Room } from "@multichat/protocol";
import { ConfirmDialog } from "../../components/overlays/confirm-dialog.tsx";
import { roomsApi } from "../../connection/rooms-api.ts";
import { useI18n } from "../../i18n/i18n.ts";

interface DeleteRoomProps {
  readonly room: Pick<Room, "id" | "title">;
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteRoom({ room, onClose, onDeleted }: DeleteRoomProps) {
  const { t } = useI18n();
  return (
    <ConfirmDialog
      title={t("deleteRoom.title")}
      text={t("deleteRoom.text", { name: room.title })}
      action={t("deleteRoom.action")}
      icon="trash"
      danger
      run={async () => {
        await roomsApi.deleteRoom(room.id);
        onDeleted?.();
      }}
      onClose={onClose}
    />
  );
}
