import { useRef, useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../components/overlays/dialog.tsx";
import { createClientId, createRoom } from "../../connection/room-commands.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { ROOM_FIELDS, RoomFields, type RoomValues } from "./room-fields.tsx";

interface CreateRoomProps {
  readonly onClose: () => void;
  /** @param number the number of the new room */
  readonly onCreated: (number: number) => void;
}

export function CreateRoom({ onClose, onCreated }: CreateRoomProps) {
  const { t } = useI18n();
  const [values, setValues] = useState<RoomValues>({ title: "", topic: "", private: false, staffOnly: false });
  // One id per room: if the answer is lost and the form sent again, the server creates no second room.
  const clientId = useRef<string>(undefined);
  const form = useForm(ROOM_FIELDS, async () => {
    clientId.current ??= createClientId();
    const { title, topic, staffOnly } = values;
    const number = await createRoom({
      clientId: clientId.current,
      title,
      ...(topic.trim() === "" ? {} : { topic }),
      ...(values.private ? { private: true } : {}),
      ...(staffOnly ? { staffOnly } : {}),
    });
    onClose();
    onCreated(number);
  });
  return (
    <Dialog title={t("room.create")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <RoomFields values={values} onChange={(changes) => setValues({ ...values, ...changes })} form={form} />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t("room.createAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
