import type { Room } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Check, Problem } from "../../components/field.tsx";
import formStyles from "../../components/form.module.css";
import { api, type RoomEdit } from "../../connection/api.ts";
import { useForm } from "../../stores/form.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { ROOM_FIELDS, RoomFields } from "./room-fields.tsx";

interface EditRoomProps {
  readonly room: Room;
  readonly onClose: () => void;
}

/** For staff: title, topic, who may enter, and whether it is open at all. */
export function EditRoom({ room, onClose }: EditRoomProps) {
  const { t } = useI18n();
  const { title, topic, staffOnly, archived } = room;
  const [values, setValues] = useState({ title, topic, staffOnly, archived });
  const form = useForm(ROOM_FIELDS, async () => {
    // Only what was changed here, so that it does not undo what somebody else changed meanwhile.
    const edit: RoomEdit = {
      ...(values.title === title ? {} : { title: values.title }),
      ...(values.topic === topic ? {} : { topic: values.topic }),
      ...(values.staffOnly === staffOnly ? {} : { staffOnly: values.staffOnly }),
      ...(values.archived === archived ? {} : { archived: values.archived }),
    };
    if (Object.keys(edit).length > 0) await api.changeRoom(room.id, edit);
    onClose();
  });
  return (
    <Dialog title={t("room.edit")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <RoomFields values={values} onChange={(changes) => setValues({ ...values, ...changes })} form={form} />
        <Check
          label={t("field.archived")}
          hint={t("field.archivedHint")}
          checked={values.archived}
          onChange={(event) => setValues({ ...values, archived: event.target.checked })}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" look="primary" busy={form.busy}>
            {t("action.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
