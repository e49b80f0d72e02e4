import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Checkbox, Problem, Select } from "../../../components/forms/field.tsx";
import { FilterField, includesIgnoringCase } from "../../../components/forms/filter.tsx";
import formStyles from "../../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../../components/overlays/dialog.tsx";
import { type CreatedInvitation, linkApi } from "../../../connection/link-api.ts";
import { useMe, useRooms } from "../../../hooks/use-chat.ts";
import { useForm } from "../../../hooks/use-form.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import styles from "./create-invitation.module.css";

const USES = ["1", "5", "25", "100", "any"] as const;
const DAY_SECONDS = 86_400;
const TIMES = ["1", "7", "30", "never"] as const;
/** As many as one invitation can have. */
const MAX_ROOMS = 20;
/** Rooms that are listed without a field to find them. */
const FEW_ROOMS = 8;

interface CreateInvitationProps {
  readonly onClose: () => void;
  readonly onCreated: (created: CreatedInvitation) => void;
}

export function CreateInvitation({ onClose, onCreated }: CreateInvitationProps) {
  const { t, duration, number } = useI18n();
  const { superuser } = useMe();
  const [uses, setUses] = useState<(typeof USES)[number]>("1");
  const [time, setTime] = useState<(typeof TIMES)[number]>("7");
  const [staff, setStaff] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const rooms = useRooms().rooms.filter((room) => isOffered(room, { staff }));
  const form = useForm([], async () => {
    onCreated(
      await linkApi.createInvitation({
        maxUses: uses === "any" ? null : Number(uses),
        expiresInSeconds: time === "never" ? null : Number(time) * DAY_SECONDS,
        staff,
        rooms: chosen.filter((id) => rooms.some((room) => room.id === id)),
      }),
    );
  });
  return (
    <Dialog title={t("invitation.create")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <div className={styles.row}>
          <Select
            label={t("invitation.uses")}
            options={USES.map((value) => ({
              value,
              label: value === "any" ? t("invitation.usesAny") : number(Number(value)),
            }))}
            value={uses}
            onChoose={setUses}
          />
          <Select
            label={t("invitation.time")}
            options={TIMES.map((value) => ({
              value,
              label: value === "never" ? t("invitation.timeNever") : duration(Number(value) * DAY_SECONDS),
            }))}
            value={time}
            onChoose={setTime}
          />
        </div>
        {superuser && (
          <Checkbox
            label={t("person.staff")}
            hint={t("person.staffHint")}
            checked={staff}
            onChange={(event) => setStaff(event.target.checked)}
          />
        )}
        <RoomChoice rooms={rooms} chosen={chosen} onChoose={setChosen} />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" icon="link" busy={form.busy}>
            {t("invitation.createAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface RoomChoiceProps {
  readonly rooms: readonly RoomListEntry[];
  readonly chosen: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
}

/** Everyone is in no room at first, and sees the open ones: private rooms are what has to be chosen. */
function RoomChoice({ rooms, chosen, onChoose }: RoomChoiceProps) {
  const { t } = useI18n();
  const [query, setQuery] = useState("");
  if (rooms.length === 0) return null;
  const isFull = chosen.length >= MAX_ROOMS;
  return (
    <fieldset className={styles.rooms}>
      <legend className={styles.label}>{t("invitation.rooms")}</legend>
      {rooms.length > FEW_ROOMS && <FilterField label={t("admin.findRooms")} value={query} onChange={setQuery} />}
      <div className={styles.list}>
        {rooms
          .filter(({ title }) => includesIgnoringCase(title, query))
          .map(({ id, title }) => (
            <Checkbox
              key={id}
              label={<bdi>{title}</bdi>}
              checked={chosen.includes(id)}
              disabled={isFull && !chosen.includes(id)}
              onChange={(event) =>
                onChoose(event.target.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
              }
            />
          ))}
      </div>
    </fieldset>
  );
}

/** Staff may add people to every room that they see. Direct conversations have no further people, archived rooms no new ones. */
function isOffered({ kind, archived, staffOnly }: RoomListEntry, { staff }: { readonly staff: boolean }): boolean {
  return kind !== "direct" && !archived && (!staffOnly || staff);
}
