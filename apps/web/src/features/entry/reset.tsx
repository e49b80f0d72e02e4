import { LIMITS } from "@multichat/protocol";
import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { NewPasswordField } from "../../components/forms/new-password-field.tsx";
import { linkApi } from "../../connection/link-api.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { refreshSession } from "../../state/session.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { ClosedLink } from "./closed-link.tsx";
import styles from "./entry-form.module.css";
import { EntryPage } from "./entry-page.tsx";
import { submitOnce } from "./submit-once.ts";
import { useOpenedLink } from "./use-opened-link.ts";

/** Where people choose another password with a reset link. */
export function Reset() {
  const { t } = useI18n();
  const link = useOpenedLink(linkApi.readResetLink);
  useTitle(t("reset.title"));
  if (link.kind === "loading") return <EntryPage title={t("reset.title")} lead={t("setup.loading")} />;
  if (link.kind === "closed") return <ClosedLink error={link.error} />;
  return <NewPassword token={link.token} username={link.value.username} />;
}

function NewPassword({ token, username }: { readonly token: string; readonly username: string }) {
  const { t } = useI18n();
  const [, navigate] = useLocation();
  const [password, setPassword] = useState("");
  const attempt = useRef({ isRepeated: false });
  const form = useForm(["password"], async () => {
    await submitOnce(attempt.current, () => linkApi.resetPassword(token, password), { username, password });
    await refreshSession();
    navigate("/", { replace: true });
  });
  return (
    <EntryPage title={t("reset.title")} lead={t("reset.lead", { name: username })}>
      <form className={styles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        {/* Lets a password manager know whose password this is. */}
        <input type="hidden" autoComplete="username" value={username} />
        <NewPasswordField
          label={t("field.newPassword")}
          hint={t("field.passwordHint", { count: LIMITS.passwordMinChars })}
          problem={form.problemOf("password")}
          required
          username={username}
          minChars={LIMITS.passwordMinChars}
          maxChars={LIMITS.passwordMaxChars}
          value={password}
          onType={setPassword}
        />
        <Button type="submit" variant="primary" busy={form.busy}>
          {t("reset.action")}
        </Button>
      </form>
    </EntryPage>
  );
}
