import type { Person } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Checkbox, Problem } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { NewPasswordField } from "../../components/forms/new-password-field.tsx";
import { Dialog, DialogActions } from "../../components/overlays/dialog.tsx";
import { linkAddress, linkApi } from "../../connection/link-api.ts";
import { type PersonEdit, peopleApi } from "../../connection/people-api.ts";
import { useProfile } from "../../hooks/use-chat.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { LinkDialog } from "./invitations/link-dialog.tsx";

interface EditPersonProps {
  readonly person: Person;
  readonly onClose: () => void;
  readonly onChanged: (person: Person) => void;
}

/** Edits an account. Staff may use it; only superusers see the staff and superuser flags. */
export function EditPerson({ person, onClose, onChanged }: EditPersonProps) {
  const { t, dateTime } = useI18n();
  const { me, limits } = useProfile();
  const { staff, superuser, active } = person;
  const [flags, setFlags] = useState({ staff, superuser, active });
  const [password, setPassword] = useState("");
  const form = useForm(["password"], async () => {
    const edit: PersonEdit = {
      ...(flags.staff === staff ? {} : { staff: flags.staff }),
      ...(flags.superuser === superuser ? {} : { superuser: flags.superuser }),
      ...(flags.active === active ? {} : { active: flags.active }),
      ...(password === "" ? {} : { password }),
    };
    if (Object.keys(edit).length > 0) onChanged(await peopleApi.changePerson(person.id, edit));
    onClose();
  });
  const signOut = useForm([], async () => {
    await peopleApi.signOutPerson(person.id);
    onClose();
  });
  const [link, setLink] = useState<{ readonly token: string; readonly expiresAt: number }>();
  const reset = useForm([], async () => setLink(await linkApi.createResetLink(person.id)));
  // Others reset it; who knows the password changes it in the settings.
  const canReset = active && person.id !== me.id && (me.superuser || !staff);
  if (link !== undefined) {
    return (
      <LinkDialog
        title={t("person.resetLink")}
        lead={t("person.resetLinkLead", { name: person.username, when: dateTime(link.expiresAt) })}
        address={linkAddress("reset", link.token)}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={t("person.edit", { name: person.username })} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem ?? signOut.problem ?? reset.problem}</Problem>
        <Checkbox
          label={t("person.active")}
          hint={t("person.activeHint")}
          checked={flags.active}
          onChange={(event) => setFlags({ ...flags, active: event.target.checked })}
        />
        {me.superuser && (
          <>
            <Checkbox
              label={t("person.staff")}
              hint={t("person.staffHint")}
              checked={flags.staff || flags.superuser}
              disabled={flags.superuser}
              onChange={(event) => setFlags({ ...flags, staff: event.target.checked })}
            />
            <Checkbox
              label={t("person.superuser")}
              hint={t("person.superuserHint")}
              checked={flags.superuser}
              onChange={(event) => setFlags({ ...flags, superuser: event.target.checked })}
            />
          </>
        )}
        <NewPasswordField
          label={t("person.resetPassword")}
          hint={t("person.resetPasswordHint")}
          problem={form.problemOf("password")}
          username={person.username}
          email={person.email}
          minChars={limits.passwordMinChars}
          maxChars={limits.passwordMaxChars}
          value={password}
          onType={setPassword}
        />
        {canReset && (
          <Button icon="link" busy={reset.busy} onClick={reset.run}>
            {t("person.resetLinkAction")}
          </Button>
        )}
        <Button icon="leave" busy={signOut.busy} onClick={signOut.run}>
          {t("person.signOut")}
        </Button>
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
