import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Checkbox, Problem, Select } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../components/overlays/dialog.tsx";
import { type RoomEdit, roomsApi } from "../../connection/rooms-api.ts";
import { useMe } from "../../hooks/use-chat.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { getSlowModeOptions } from "../../i18n/slow-mode.ts";
import { canChangeKind } from "../../policies/room-policy.ts";
import { ROOM_FIELDS, RoomFields } from "./room-fields.tsx";

interface EditRoomProps {
  readonly room: RoomListEntry;
  readonly onClose: () => void;
}

/** Edits title, topic, access, slow mode and the archive state of a room. */
export function EditRoom({ room, onClose }: EditRoomProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const me = useMe();
  // The values when the dialog opened, so that saving does not undo what others changed meanwhile.
  const [before] = useState(() => getEditableValues(room));
  const [values, setValues] = useState(before);
  const form = useForm([...ROOM_FIELDS, "slowModeSeconds"], async () => {
    const edit: RoomEdit = {
      ...(values.title === before.title ? {} : { title: values.title }),
      ...(values.topic === before.topic ? {} : { topic: values.topic }),
      ...(values.private === before.private ? {} : { kind: values.private ? "private" : "open" }),
      ...(values.staffOnly === before.staffOnly ? {} : { staffOnly: values.staffOnly }),
      ...(values.slowModeSeconds === before.slowModeSeconds ? {} : { slowModeSeconds: values.slowModeSeconds }),
      ...(values.archived === before.archived ? {} : { archived: values.archived }),
    };
    if (Object.keys(edit).length > 0) await roomsApi.changeRoom(room.id, edit);
    onClose();
  });
  return (
    <Dialog title={t("room.edit")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <RoomFields
          values={values}
          onChange={(changes) => setValues({ ...values, ...changes })}
          form={form}
          canChangeKind={canChangeKind(me, room)}
        />
        <Select
          label={t("field.slowMode")}
          hint={t("field.slowModeHint")}
          options={getSlowModeOptions(before.slowModeSeconds, i18n)}
          value={String(values.slowModeSeconds)}
          onChoose={(seconds) => setValues({ ...values, slowModeSeconds: Number(seconds) })}
        />
        <Checkbox
          label={t("field.archived")}
          hint={t("field.archivedHint")}
          checked={values.archived}
          onChange={(event) => setValues({ ...values, archived: event.target.checked })}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t("action.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function getEditableValues({ title, topic, kind, staffOnly, slowModeSeconds, archived }: RoomListEntry) {
  return { title, topic, private: kind === "private", staffOnly, slowModeSeconds, archived };
}
