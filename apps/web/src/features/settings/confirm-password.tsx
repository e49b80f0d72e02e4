import { type ReactNode, useEffect, useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Field, Problem } from "../../components/forms/field.tsx";
import formStyles from "../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../components/overlays/dialog.tsx";
import { accountApi } from "../../connection/account-api.ts";
import { setPasswordPrompt } from "../../connection/confirmed-request.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";

/** Asks for the password when the server requires it for an action on this page. */
export function ConfirmPassword({ children }: { readonly children: ReactNode }) {
  const [answer, setAnswer] = useState<(isConfirmed: boolean) => void>();
  useEffect(() => {
    setPasswordPrompt(
      () =>
        new Promise<boolean>((resolve) => {
          setAnswer(() => resolve);
        }),
    );
    return () => setPasswordPrompt(undefined);
  }, []);
  return (
    <>
      {children}
      {answer !== undefined && (
        <ConfirmPasswordDialog
          onAnswer={(isConfirmed) => {
            setAnswer(undefined);
            answer(isConfirmed);
          }}
        />
      )}
    </>
  );
}

function ConfirmPasswordDialog({ onAnswer }: { readonly onAnswer: (isConfirmed: boolean) => void }) {
  const { t } = useI18n();
  const [password, setPassword] = useState("");
  const form = useForm(["password"], async () => {
    await accountApi.confirmPassword(password);
    onAnswer(true);
  });
  return (
    <Dialog title={t("confirmPassword.title")} onClose={() => onAnswer(false)}>
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
          <Button onClick={() => onAnswer(false)}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            {t("confirmPassword.action")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
