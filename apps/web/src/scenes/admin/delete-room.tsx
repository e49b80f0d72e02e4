import type { Room } from "@multichat/protocol";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Problem } from "../../components/field.tsx";
import formStyles from "../../components/form.module.css";
import { api } from "../../connection/api.ts";
import { useForm } from "../../stores/form.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import styles from "./admin.module.css";

interface DeleteRoomProps {
  readonly room: Room;
  readonly onClose: () => void;
}

export function DeleteRoom({ room, onClose }: DeleteRoomProps) {
  const { t } = useI18n();
  const form = useForm([], async () => {
    await api.deleteRoom(room.id);
    onClose();
  });
  return (
    <Dialog title={t("admin.deleteRoom")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <p className={styles.text}>{t("admin.deleteRoomText", { name: room.title })}</p>
        <DialogActions>
          <Button autoFocus onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" look="danger" icon="trash" busy={form.busy}>
            {t("admin.deleteRoomAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
