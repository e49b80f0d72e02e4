import type { Person } from "@multichat/protocol";
import { useState } from "react";
import { AccountFields, EMPTY_ACCOUNT } from "../../components/forms/account-fields.tsx";
import { Button } from "../../components/forms/button.tsx";
import { Checkbox, Problem } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../components/overlays/dialog.tsx";
import { peopleApi } from "../../connection/people-api.ts";
import { useProfile } from "../../hooks/use-chat.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";

interface CreatePersonProps {
  readonly onClose: () => void;
  readonly onCreated: (person: Person) => void;
}

export function CreatePerson({ onClose, onCreated }: CreatePersonProps) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const [account, setAccount] = useState(EMPTY_ACCOUNT);
  const [staff, setStaff] = useState(false);
  const form = useForm(["username", "email", "password"], async () => {
    const { username, email, password } = account;
    onCreated(
      await peopleApi.createPerson({
        username: username.trim(),
        password,
        // The password was chosen for someone else, who replaces it at the first sign-in.
        passwordChangeRequired: true,
        ...(email === "" ? {} : { email }),
        ...(staff ? { staff } : {}),
      }),
    );
    onClose();
  });
  return (
    <Dialog title={t("person.create")} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <AccountFields
          account={account}
          onChange={setAccount}
          problemOf={form.problemOf}
          limits={limits}
          passwordHint={t("person.passwordHint", { count: limits.passwordMinChars })}
        />
        {me.superuser && (
          <Checkbox
            label={t("person.staff")}
            hint={t("person.staffHint")}
            checked={staff}
            onChange={(event) => setStaff(event.target.checked)}
          />
        )}
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t("person.createAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
