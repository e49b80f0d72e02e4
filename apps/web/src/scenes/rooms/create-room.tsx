import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Problem } from "../../components/field.tsx";
import formStyles from "../../components/form.module.css";
import { api } from "../../connection/api.ts";
import { useForm } from "../../stores/form.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { ROOM_FIELDS, RoomFields, type RoomValues } from "./room-fields.tsx";

interface CreateRoomProps {
  readonly onClose: () => void;
  /** @param number that of the new room */
  readonly onCreated: (number: number) => void;
}

export function CreateRoom({ onClose, onCreated }: CreateRoomProps) {
  const { t } = useI18n();
  const [values, setValues] = useState<RoomValues>({ title: "", topic: "", staffOnly: false });
  const form = useForm(ROOM_FIELDS, async () => {
    const { title, topic, staffOnly } = values;
    const room = await api.createRoom({
      title,
      ...(topic.trim() === "" ? {} : { topic }),
      ...(staffOnly ? { staffOnly } : {}),
    });
    onClose();
    onCreated(room.number);
  });
  return (
    <Dialog title={t("room.create")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <RoomFields values={values} onChange={(changes) => setValues({ ...values, ...changes })} form={form} />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" look="primary" busy={form.busy}>
            {t("room.createAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
