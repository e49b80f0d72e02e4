import type { Person } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Checkbox, Field, Problem } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { NewPasswordField } from "../../components/forms/new-password-field.tsx";
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
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [staff, setStaff] = useState(false);
  const form = useForm(["username", "email", "password"], async () => {
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
        <Field
          label={t("field.username")}
          hint={t("field.usernameHint")}
          problem={form.problemOf("username")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
          required
          maxLength={limits.usernameChars}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <Field
          label={t("field.emailOptional")}
          problem={form.problemOf("email")}
          type="email"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <NewPasswordField
          label={t("field.password")}
          hint={t("person.passwordHint", { count: limits.passwordMinChars })}
          problem={form.problemOf("password")}
          required
          username={username}
          email={email}
          minChars={limits.passwordMinChars}
          maxChars={limits.passwordMaxChars}
          value={password}
          onType={setPassword}
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
