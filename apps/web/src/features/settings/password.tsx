import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Field, Problem } from "../../components/forms/field.tsx";
import { NewPasswordField } from "../../components/forms/new-password-field.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { accountApi } from "../../connection/account-api.ts";
import { useMe, useProfile } from "../../hooks/use-chat.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./settings.module.css";

interface PasswordFormProps {
  readonly onChanged: () => void;
}

/** The form that replaces the user's password. */
export function PasswordForm({ onChanged }: PasswordFormProps) {
  const { t } = useI18n();
  const me = useMe();
  const { limits } = useProfile();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const form = useForm(["currentPassword", "newPassword"], async () => {
    await accountApi.changePassword(current, next);
    setCurrent("");
    setNext("");
    onChanged();
  });
  return (
    <form className={styles.narrow} onSubmit={form.onSubmit}>
      <Problem>{form.problem}</Problem>
      {/* Lets a password manager know whose password this is. */}
      <input type="hidden" autoComplete="username" value={me.username} />
      <Field
        label={t("field.currentPassword")}
        problem={form.problemOf("currentPassword")}
        type="password"
        autoComplete="current-password"
        required
        maxLength={limits.passwordMaxChars}
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <NewPasswordField
        label={t("field.newPassword")}
        hint={t("field.passwordHint", { count: limits.passwordMinChars })}
        problem={form.problemOf("newPassword")}
        required
        username={me.username}
        minChars={limits.passwordMinChars}
        maxChars={limits.passwordMaxChars}
        value={next}
        onType={setNext}
      />
      <Button type="submit" busy={form.busy}>
        {t("settings.passwordAction")}
      </Button>
    </form>
  );
}

export function Password() {
  const { t } = useI18n();
  const [done, setDone] = useState(false);
  return (
    <Panel title={t("settings.password")} lead={t("settings.passwordLead")}>
      <PasswordForm onChanged={() => setDone(true)} />
      <div className={styles.result} role="status">
        {done && (
          <p className={styles.done}>
            <Icon name="check" small /> {t("settings.passwordDone")}
          </p>
        )}
      </div>
    </Panel>
  );
}
