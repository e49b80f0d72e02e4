import { useState } from "react";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { Button } from "../forms/button.tsx";
import { Field, Problem } from "../forms/field.tsx";
import formStyles from "../forms/form.module.css";
import { Dialog, DialogActions } from "./dialog.tsx";

interface ConfirmPasswordProps {
  /** Undefined while nothing waits for the password. */
  readonly prompt: PasswordPrompt | undefined;
}

interface PasswordPrompt {
  readonly confirm: (password: string) => Promise<void>;
  readonly cancel: () => void;
}

/** Asks for the password when the server requires it for an action. */
export function ConfirmPassword({ prompt }: ConfirmPasswordProps) {
  return prompt === undefined ? null : <ConfirmPasswordDialog prompt={prompt} />;
}

function ConfirmPasswordDialog({ prompt }: { readonly prompt: PasswordPrompt }) {
  const { t } = useI18n();
  const [password, setPassword] = useState("");
  const form = useForm(["password"], () => prompt.confirm(password));
  return (
    <Dialog title={t("confirmPassword.title")} onClose={prompt.cancel}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <p>{t("confirmPassword.lead")}</p>
        <Problem>{form.problem}</Problem>
        <Field
          label={t("field.password")}
          problem={form.problemOf("password")}
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <DialogActions>
          <Button onClick={prompt.cancel}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t("confirmPassword.action")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
